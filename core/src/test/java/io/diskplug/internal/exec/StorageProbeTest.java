// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.SimulatedSite.LONGER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.observe.RecordedLogs;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.sim.GuestBehaviour;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

/** What a storage says before an attach and after it. */
class StorageProbeTest {

  private static final FileDisk DISK = SimulatedSite.disk("one");
  private static final StorageProbe.Finding READY = new StorageProbe.Ready(OptionalLong.of(4096));

  private final SimulatedSite site = new SimulatedSite();
  private final SimulatedHost host = site.host;
  private final SimulatedDomain domain = host.definePc("pc").start();
  private final Probe probe = new Probe();
  private final Executor executor = executor(probe);

  private Executor executor(StorageProbe asked) {
    return new Executor(
        host.connect("process"),
        ExampleKind.FAULTS,
        ExampleKind.ALL,
        ReleaseRules.USUAL,
        new StorageProbes(List.of(asked), site.time::execute),
        site.time,
        new Random(1),
        ListenerDispatcher.none());
  }

  @AfterEach
  void close() {
    executor.close();
  }

  /** Says what it is told to say. */
  private static final class Probe implements StorageProbe {
    final List<Finding> before = new ArrayList<>();
    final List<Finding> after = new ArrayList<>();
    final List<Duration> budgets = new ArrayList<>();
    int askedBefore;
    int askedAfter;

    @Override
    public boolean answersFor(DiskSource disk) {
      return disk.volume().equals(DISK.volume());
    }

    @Override
    public Finding beforeAttach(DiskSource disk, Duration budget) {
      askedBefore++;
      budgets.add(budget);
      return before.isEmpty() ? READY : before.remove(0);
    }

    @Override
    public Finding afterAttach(DiskSource disk, Duration budget) {
      askedAfter++;
      return after.isEmpty() ? READY : after.remove(0);
    }

    @Override
    public void close() {}
  }

  private static StorageProbe.Refused refused(StorageProbe.Reason reason) {
    return new StorageProbe.Refused(reason, "the storage says so");
  }

  private AttachOutcome attach() {
    return executor.attach(domain.ref(), DISK, LONGER).await();
  }

  private void nothingWasChanged() {
    assertThat(domain.disks(View.LIVE)).isEmpty();
    assertThat(domain.disks(View.PERSISTENT)).isEmpty();
    assertThat(domain.openSources()).isEmpty();
  }

  @Test
  void whatIsReadyIsAttachedAndLookedAtAgain() {
    expect(Attached.class, attach());

    assertThat(probe.askedBefore).isEqualTo(1);
    assertThat(probe.askedAfter).isEqualTo(1);
  }

  /** A probe that throws when it is asked before an attach. */
  private static StorageProbe throwing(String words) {
    return new StorageProbe() {
      @Override
      public boolean answersFor(DiskSource disk) {
        return true;
      }

      @Override
      public Finding beforeAttach(DiskSource disk, Duration budget) {
        throw new IllegalStateException(words);
      }

      @Override
      public Finding afterAttach(DiskSource disk, Duration budget) {
        return READY;
      }

      @Override
      public void close() {}
    };
  }

  /** It is asked again and again, and what it throws may quote a secret. */
  @Test
  void aProbeThatThrowsWarnsOnceAndIsNotQuoted() {
    StorageProbe broken = throwing("key AQBsecret");
    try (Executor asking = executor(broken);
        RecordedLogs logs = RecordedLogs.from(Level.INFO)) {
      for (int i = 0; i < 2; i++) {
        AttachOutcome outcome = asking.attach(domain.ref(), DISK, LONGER).await();
        assertThat(outcome.isAttached()).isFalse();
      }

      assertThat(logs.texts(Level.WARN))
          .filteredOn(text -> text.startsWith("probe-failed "))
          .containsExactly(
              "probe-failed probe=\""
                  + broken.getClass().getName()
                  + "\" problem=java.lang.IllegalStateException");
      assertThat(logs.lines()).noneMatch(line -> line.text().contains("AQBsecret"));
    }
  }

  @ParameterizedTest
  @CsvSource({"UNREACHABLE, STORAGE_UNREACHABLE, 1", "IN_USE, VOLUME_IN_USE, 30"})
  void whatIsNotToBeHadNowIsUnavailable(
      StorageProbe.Reason reason, Unavailable.Reason expected, int retryAfter) {
    probe.before.addAll(List.of(refused(reason), refused(reason)));

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(expected);
    assertThat(outcome.explanation()).isEqualTo("the storage says so");
    assertThat(outcome.retryAfter()).contains(Duration.ofSeconds(retryAfter));
    nothingWasChanged();
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, VOLUME_NOT_FOUND",
    "ACCESS_DENIED, ACCESS_DENIED",
    "UNSUPPORTED, BAD_REQUEST",
    "CANNOT_ASK, CANNOT_ASK_STORAGE"
  })
  void whatCannotBeHadIsRejected(StorageProbe.Reason reason, Rejected.Reason expected) {
    probe.before.add(refused(reason));

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(expected);
    assertThat(outcome.explanation()).isEqualTo("the storage says so");
    nothingWasChanged();
  }

  /** The vault of the probe's key may be back in a minute. */
  @Test
  void aQuestionThatFailedIsAskedLessAndLessOften() {
    for (int retryAfter : new int[] {1, 2, 4}) {
      probe.before.add(refused(StorageProbe.Reason.NOT_KNOWN));

      Unavailable outcome = expect(Unavailable.class, attach());

      assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.STORAGE_UNANSWERED);
      assertThat(outcome.explanation()).startsWith("the storage says so");
      assertThat(outcome.retryAfter()).contains(Duration.ofSeconds(retryAfter));
      nothingWasChanged();
    }
    assertThat(attach().isAttached()).isTrue();
  }

  @Test
  void itIsNotAskedAboutAnotherDisk() {
    AttachOutcome outcome =
        executor.attach(domain.ref(), SimulatedSite.disk("two"), LONGER).await();

    assertThat(outcome.isAttached()).isTrue();
    assertThat(probe.askedBefore + probe.askedAfter).isZero();
  }

  @Test
  void itIsNotAskedAboutWhatTheDomainHas() {
    expect(Attached.class, attach());
    expect(AlreadyAttached.class, attach());

    assertThat(probe.askedBefore).isEqualTo(1);
    assertThat(probe.askedAfter).isEqualTo(1);
  }

  /** The domain itself uses it. */
  @Test
  void itIsNotAskedBeforeTheConfigurationIsCompleted() {
    domain.failSaves(true);
    expect(Indeterminate.class, executor.attach(domain.ref(), DISK, Duration.ofSeconds(2)).await());
    domain.failSaves(false);
    int asked = probe.askedBefore;
    probe.before.add(refused(StorageProbe.Reason.IN_USE));

    assertThat(attach().isAttached()).isTrue();

    assertThat(probe.askedBefore).isEqualTo(asked);
  }

  @Test
  void aDomainThatIsShutOffIsGivenNothingThatDoesNotExist() {
    domain.destroy();
    probe.before.add(refused(StorageProbe.Reason.NOT_FOUND));

    assertThat(expect(Rejected.class, attach()).reason())
        .isEqualTo(Rejected.Reason.VOLUME_NOT_FOUND);
    assertThat(domain.disks(View.PERSISTENT)).isEmpty();
  }

  @Test
  void aStorageThatDoesNotAnswerCannotBeReached() {
    List<Runnable> never = new ArrayList<>();
    try (Executor patient =
        new Executor(
            host.connect("process"),
            ExampleKind.FAULTS,
            ExampleKind.ALL,
            ReleaseRules.USUAL,
            new StorageProbes(List.of(probe), never::add),
            site.time,
            new Random(1),
            ListenerDispatcher.none())) {
      long before = site.time.nanoTime();
      Unavailable outcome =
          expect(
              Unavailable.class, patient.attach(domain.ref(), DISK, Duration.ofSeconds(2)).await());

      assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.STORAGE_UNREACHABLE);
      assertThat(outcome.explanation()).contains("has not answered within");
      assertThat(Duration.ofNanos(site.time.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
      // Other volumes of the domain have their turn meanwhile.
      assertThat(never).hasSize(1);
      nothingWasChanged();
    }
  }

  @Test
  void whileAStorageIsAskedOthersHaveTheirTurn() {
    List<Runnable> later = new ArrayList<>();
    try (Executor patient =
        new Executor(
            host.connect("process"),
            ExampleKind.FAULTS,
            ExampleKind.ALL,
            ReleaseRules.USUAL,
            new StorageProbes(List.of(probe), later::add),
            site.time,
            new Random(1),
            ListenerDispatcher.none())) {
      RequestHandle<AttachOutcome> waiting = patient.attach(domain.ref(), DISK, LONGER);
      FileDisk other = SimulatedSite.disk("two");

      assertThat(patient.attach(domain.ref(), other, LONGER).await().isAttached()).isTrue();

      assertThat(later).hasSize(1);
      site.time.at(
          Duration.ofNanos(site.time.nanoTime()).plusMillis(50),
          () -> {
            later.forEach(Runnable::run);
            later.clear();
            // The question after the attach.
            site.time.at(
                Duration.ofNanos(site.time.nanoTime()).plusMillis(500),
                () -> later.forEach(Runnable::run));
          });
      expect(Attached.class, waiting.await());
    }
  }

  @Test
  void itIsGivenLessTimeThanTheRequestHas() {
    executor.attach(domain.ref(), DISK, Duration.ofSeconds(2)).await();

    assertThat(probe.budgets)
        .singleElement()
        .satisfies(budget -> assertThat(budget).isBetween(Duration.ofSeconds(1), LONGER))
        .satisfies(budget -> assertThat(budget).isLessThan(Duration.ofSeconds(2)));
  }

  @Test
  void aProbeThatFailsMaySoonAnswer() {
    StorageProbe failing = throwing("a secret");
    try (Executor other = executor(failing)) {
      Unavailable outcome =
          expect(Unavailable.class, other.attach(domain.ref(), DISK, LONGER).await());

      assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.STORAGE_UNANSWERED);
      assertThat(outcome.explanation()).contains("IllegalStateException").doesNotContain("secret");
    }
  }

  @Test
  void aGhostOfOurOwnThatUsesTheVolumeIsEvicted() throws FaultException {
    try (HypervisorPort connection = host.connect("another process")) {
      host.onceAt(Call.ATTACH, Moment.DEVICE_PLUGGED, host::crashDaemon);
      assertThatThrownBy(
              () ->
                  connection
                      .lookup(domain.ref())
                      .attachDevice(Requests.placed(DISK, "vda", 3), EnumSet.allOf(View.class)))
          .isInstanceOf(FaultException.class);
    }
    assertThat(domain.ghosts()).isNotEmpty();
    probe.before.add(refused(StorageProbe.Reason.IN_USE));

    Attached outcome = expect(Attached.class, attach());

    assertThat(outcome.observed().evicted()).isNotEmpty();
    assertThat(domain.ghosts()).isEmpty();
    assertThat(probe.askedBefore).isEqualTo(2);
    site.nothingIsLost(domain);
  }

  /** The message of QEMU for an image that is not there. */
  private void qemuDoesNotFindIt() {
    host.failNext(
        Call.ATTACH,
        Moment.BEFORE,
        1,
        "internal error: unable to execute QEMU command 'blockdev-add': error reading header from"
            + " one: No such file or directory");
  }

  @Test
  void whatQemuDoesNotFindIsLookedForOnceMore() {
    qemuDoesNotFindIt();
    probe.before.addAll(List.of(READY, refused(StorageProbe.Reason.NOT_FOUND)));

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.VOLUME_NOT_FOUND);
    assertThat(outcome.explanation()).isEqualTo("the storage says so");
    assertThat(probe.askedBefore).isEqualTo(2);
  }

  @Test
  void whatTheStorageHasAndQemuDoesNotFindMayBeThereLater() {
    qemuDoesNotFindIt();

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.explanation()).contains("the storage has the volume", "No such file");
    assertThat(probe.askedBefore).isEqualTo(2);
  }

  @Test
  void whatSomebodyElseHasAttachedMeanwhileIsGivenBack() {
    probe.after.add(refused(StorageProbe.Reason.IN_USE));

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.VOLUME_IN_USE);
    assertThat(outcome.explanation()).contains("the storage says so", "undone");
    nothingWasChanged();
    assertThat(domain.notes()).isEmpty();
  }

  @Test
  void whatCannotBeGivenBackYetIsNotCalledSo() {
    probe.after.add(refused(StorageProbe.Reason.IN_USE));
    domain.guest(GuestBehaviour.RELEASES_LATE);

    Indeterminate outcome = expect(Indeterminate.class, attach());

    assertThat(outcome.reason()).isEqualTo(Indeterminate.Reason.NOT_AS_PLANNED);
    assertThat(outcome.explanation()).contains("the storage says so", "to be undone");
    assertThat(domain.disks(View.PERSISTENT)).isEmpty();
  }

  @Test
  void aStorageThatCannotTellAfterwardsChangesNothing() {
    probe.after.add(refused(StorageProbe.Reason.UNREACHABLE));

    expect(Attached.class, attach());
  }
}
