// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DiskBus;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Pending;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A detach that waits for a paused guest, and the other volumes of that guest, which shall not
 * notice. How long it waits is in {@code diskplug.wait.seconds}.
 *
 * <p>They are compared with those of a guest without such a detach, in turns, for a machine can
 * change its speed.
 */
@AloneOnTheLab
class WaitingDetachIT {

  private static final Duration WAIT =
      Duration.ofSeconds(Integer.getInteger("diskplug.wait.seconds", 20));

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(2);

  /** As many as a machine of this type has room for, besides those that it has. */
  private static final int ROUNDS = 12;

  private static final int SCSI_EACH_ROUND = 3;

  /** The two shall be alike; what a busy machine makes of the median of some calls is not. */
  private static final double MOST = 2;

  private static final Duration SLACK = Duration.ofMillis(10);

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private final Guest waiting = Guest.boot(lab, "pc");
  private final Guest undisturbed = Guest.boot(lab, "pc");

  @AfterEach
  void close() {
    waiting.close();
    undisturbed.close();
    plug.close();
  }

  private FileDisk disk(DiskBus bus) {
    return LabDisks.file(lab, 1 << 20, DiskOptions.DEFAULTS.withBus(bus));
  }

  /** How long it took, by guest. */
  private static final class Times {
    private final String what;
    private final List<Long> disturbed = new ArrayList<>();
    private final List<Long> undisturbed = new ArrayList<>();

    Times(String what) {
      this.what = what;
    }

    private static long median(List<Long> nanos) {
      return nanos.stream().sorted().toList().get(nanos.size() / 2);
    }

    void compare() {
      System.out.printf(
          Locale.ROOT,
          "%s beside a waiting detach: median of %d %.1f ms, %.1f ms without; longest %.1f ms,"
              + " %.1f ms%n",
          what,
          disturbed.size(),
          median(disturbed) / 1e6,
          median(undisturbed) / 1e6,
          disturbed.stream().mapToLong(Long::longValue).max().orElse(0) / 1e6,
          undisturbed.stream().mapToLong(Long::longValue).max().orElse(0) / 1e6);
      assertThat((double) median(disturbed))
          .as(what)
          .isLessThan(MOST * median(undisturbed) + SLACK.toNanos());
    }
  }

  private void measure(Guest guest, Times times, Class<?> expected, Supplier<Object> action) {
    long begin = System.nanoTime();
    Object outcome = action.get();
    long took = System.nanoTime() - begin;
    assertThat(outcome).isInstanceOf(expected);
    (guest == waiting ? times.disturbed : times.undisturbed).add(took);
  }

  @Test
  void itDelaysNoOtherVolumeOfTheGuest() throws Exception {
    FileDisk awaited = disk(DiskBus.VIRTIO);
    FileDisk alsoAwaited = disk(DiskBus.VIRTIO);
    for (FileDisk disk : List.of(awaited, alsoAwaited)) {
      assertThat(plug.attach(waiting.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
      waiting.awaitDisk(disk.volumeId());
      FileDisk same = disk(DiskBus.VIRTIO);
      assertThat(plug.attach(undisturbed.ref(), same, DEADLINE)).isInstanceOf(Attached.class);
      undisturbed.awaitDisk(same.volumeId());
    }
    waiting.pause();
    undisturbed.pause();
    long begin = System.nanoTime();
    CompletableFuture<DetachOutcome> detaching =
        plug.detachAsync(waiting.ref(), awaited.volume(), WAIT.plus(DEADLINE));
    List<Guest> both = List.of(undisturbed, waiting);
    List<FileDisk> plugged = new ArrayList<>();
    Times attaches = new Times("attach of a PCI disk");
    Times scsiAttaches = new Times("attach of a SCSI disk");
    Times scsiDetaches = new Times("detach of a SCSI disk");

    for (int round = 0; round < ROUNDS; round++) {
      for (Guest guest : both) {
        FileDisk disk = disk(DiskBus.VIRTIO);
        measure(guest, attaches, Attached.class, () -> plug.attach(guest.ref(), disk, DEADLINE));
        if (guest == waiting) {
          plugged.add(disk);
        }
      }
      for (int i = 0; i < SCSI_EACH_ROUND; i++) {
        for (Guest guest : both) {
          FileDisk disk = disk(DiskBus.SCSI);
          measure(
              guest, scsiAttaches, Attached.class, () -> plug.attach(guest.ref(), disk, DEADLINE));
          measure(
              guest,
              scsiDetaches,
              Detached.class,
              () -> plug.detach(guest.ref(), disk.volume(), DEADLINE));
        }
      }
      assertThat(detaching).isNotDone();
      Duration until = WAIT.multipliedBy(round + 1L).dividedBy(ROUNDS);
      Thread.sleep(Math.max(0, until.minusNanos(System.nanoTime() - begin).toMillis()));
    }

    // The other one that needs the guest has its own answer at its own deadline.
    DetachOutcome pending = plug.detach(waiting.ref(), alsoAwaited.volume(), SHORT);
    assertThat(pending).isInstanceOf(Pending.class);
    assertThat(((Pending) pending).waitingFor()).isEqualTo(Pending.WaitingFor.PAUSED_GUEST);
    assertThat(detaching).isNotDone();
    assertThat(waiting.diskWithSerial(LIVE, awaited.volumeId())).isPresent();
    System.out.printf(
        Locale.ROOT, "the detach has waited for %.0f s%n", (System.nanoTime() - begin) / 1e9);
    attaches.compare();
    scsiAttaches.compare();
    scsiDetaches.compare();

    waiting.resume();
    assertThat(detaching.get()).isInstanceOf(Detached.class);
    assertThat(plug.await((Pending) pending, DEADLINE).isDetached()).isTrue();
    waiting.awaitNoDisk(awaited.volumeId());
    waiting.awaitNoDisk(alsoAwaited.volumeId());
    for (FileDisk disk : plugged) {
      waiting.awaitDisk(disk.volumeId());
    }
    assertThat(waiting.read(LIVE).disks()).hasSize(ROUNDS);
    assertThat(waiting.read(PERSISTENT).disks()).hasSize(ROUNDS);
  }
}
