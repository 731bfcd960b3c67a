// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.DetachOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two processes that want the same places, and the same image, at the same time. */
class RaceIT {

  private static final long SIZE = 8 << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int ROUNDS = 4;

  private final Lab lab = Lab.current();

  private FileDisk disk() {
    return LabDisks.file(lab, SIZE);
  }

  private List<FileDisk> disks(int count) {
    return IntStream.range(0, count).mapToObj(i -> disk()).toList();
  }

  private Opponent opponent(Guest guest, Barrier barrier, String what, List<FileDisk> disks) {
    String[] arguments = new String[4 + 2 * disks.size()];
    arguments[0] = lab.uri();
    arguments[1] = guest.name();
    arguments[2] = barrier.folder().toString();
    arguments[3] = what;
    for (int i = 0; i < disks.size(); i++) {
      arguments[4 + 2 * i] = disks.get(i).volumeId();
      arguments[5 + 2 * i] = disks.get(i).file().toString();
    }
    return new Opponent(ChildJvm.start(Racer.class, arguments), barrier);
  }

  /** The other process, and where it is met. */
  private record Opponent(ChildJvm.Running child, Barrier barrier) implements AutoCloseable {

    /** Meets it, or says why it does not come. */
    void meet(String where) {
      barrier.meet(
          "one",
          "other",
          where,
          () -> assertThat(child.isAlive()).as(() -> child.await().all()).isTrue());
    }

    void succeeds() {
      ChildJvm.Output output = child.await();
      assertThat(output.exitCode()).as(output.all()).isZero();
    }

    @Override
    public void close() {
      child.close();
    }
  }

  /** On q35 the disks take every port there is, so that none may be lost. */
  @ParameterizedTest
  @CsvSource({"pc, 5", "q35, 4"})
  void eachAttachesAndDetachesDisksOfItsOwn(String machine, int count, @TempDir Path folder) {
    List<FileDisk> mine = disks(count);
    List<FileDisk> others = disks(count);
    try (Guest guest = Guest.boot(lab, machine);
        DiskPlug plug = DiskPlug.connect(lab.uri());
        Opponent opponent = opponent(guest, new Barrier(folder), Racer.OWN, others)) {
      Agreement agreement = new Agreement(lab, guest);
      opponent.meet("attach");
      Racer.attachAll(plug, guest.ref(), mine);
      opponent.meet("attached");

      assertThat(guest.read(View.LIVE).disks()).hasSize(2 * count);
      assertThat(guest.read(View.PERSISTENT).disks()).hasSize(2 * count);
      mine.forEach(agreement::attachedOnce);
      others.forEach(agreement::attachedOnce);
      assertThat(guest.sees()).hasSize(2 * count);

      opponent.meet("detach");
      Racer.detachAll(plug, guest.ref(), mine);
      opponent.meet("detached");
      mine.forEach(agreement::detached);
      others.forEach(agreement::detached);
      opponent.succeeds();
    }
  }

  @Test
  void bothAttachAndDetachTheSameImage(@TempDir Path folder) {
    List<FileDisk> disks = disks(ROUNDS);
    try (Guest guest = Guest.boot(lab, "q35");
        DiskPlug plug = DiskPlug.connect(lab.uri());
        Opponent opponent = opponent(guest, new Barrier(folder), Racer.SAME, disks)) {
      Agreement agreement = new Agreement(lab, guest);
      for (FileDisk disk : disks) {
        opponent.meet("attach " + disk.volumeId());
        Racer.attachAll(plug, guest.ref(), List.of(disk));
        opponent.meet("attached " + disk.volumeId());
        agreement.attachedOnce(disk);
        opponent.meet("detach " + disk.volumeId());
        Racer.detachAll(plug, guest.ref(), List.of(disk));
        opponent.meet("detached " + disk.volumeId());
        agreement.detached(disk);
      }
      opponent.succeeds();
    }
  }

  /**
   * Where two processes meet: each leaves a file, and waits for that of the other.
   *
   * @param folder where the files are
   */
  private record Barrier(Path folder) {

    private static final Duration PATIENCE = Duration.ofSeconds(100);

    void meet(String self, String other, String where, Runnable check) {
      try {
        Files.createFile(folder.resolve(where + "." + self));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Awaitility.await(where)
          .atMost(PATIENCE)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(
              () -> {
                if (Files.exists(folder.resolve(where + "." + other))) {
                  return true;
                }
                check.run();
                return false;
              });
    }
  }

  /** The other process. */
  static final class Racer {

    static final String OWN = "own";
    static final String SAME = "same";

    private Racer() {}

    public static void main(String[] arguments) {
      DomainRef domain = DomainRef.name(arguments[1]);
      Barrier barrier = new Barrier(Path.of(arguments[2]));
      List<FileDisk> disks =
          IntStream.range(0, (arguments.length - 4) / 2)
              .mapToObj(
                  i ->
                      new FileDisk(
                          arguments[4 + 2 * i],
                          Path.of(arguments[5 + 2 * i]),
                          DiskOptions.DEFAULTS))
              .toList();
      try (DiskPlug plug = DiskPlug.connect(arguments[0])) {
        if (arguments[3].equals(OWN)) {
          run(plug, domain, barrier, disks, "");
        } else {
          for (FileDisk disk : disks) {
            run(plug, domain, barrier, List.of(disk), " " + disk.volumeId());
          }
        }
      }
    }

    private static void run(
        DiskPlug plug, DomainRef domain, Barrier barrier, List<FileDisk> disks, String round) {
      meet(barrier, "attach" + round);
      attachAll(plug, domain, disks);
      meet(barrier, "attached" + round);
      meet(barrier, "detach" + round);
      detachAll(plug, domain, disks);
      meet(barrier, "detached" + round);
    }

    private static void meet(Barrier barrier, String where) {
      barrier.meet("other", "one", where, () -> {});
    }

    static void attachAll(DiskPlug plug, DomainRef domain, List<FileDisk> disks) {
      List<CompletableFuture<AttachOutcome>> attaching =
          disks.stream().map(disk -> plug.attachAsync(domain, disk, DEADLINE)).toList();
      assertThat(attaching.stream().map(CompletableFuture::join))
          .allMatch(AttachOutcome::isAttached);
    }

    static void detachAll(DiskPlug plug, DomainRef domain, List<FileDisk> disks) {
      List<CompletableFuture<DetachOutcome>> detaching =
          disks.stream().map(disk -> plug.detachAsync(domain, disk.volume(), DEADLINE)).toList();
      List<DetachOutcome> outcomes = detaching.stream().map(CompletableFuture::join).toList();
      assertThat(outcomes).allMatch(DetachOutcome::isDetached);
      assertThat(outcomes).allMatch(outcome -> outcome.observed().evicted().isEmpty());
    }
  }
}
