// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.SimulatedSite.LONGER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Repaired;
import io.diskplug.outcome.Unavailable;
import io.diskplug.sim.GuestBehaviour;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.PlugListener;
import io.diskplug.spi.StorageProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Detaches that rest on what the storage says, and on nothing that QEMU does. */
class StorageReleaseTest {

  private static final FileDisk DISK = SimulatedSite.disk("one");
  private static final FileDisk OTHER = SimulatedSite.disk("two");
  private static final StorageProbe.Finding READY = new StorageProbe.Ready(OptionalLong.empty());
  private static final StorageProbe.Finding WATCHED =
      new StorageProbe.Refused(StorageProbe.Reason.IN_USE, "client.7 has it open");

  private final SimulatedSite site = new SimulatedSite();
  private final SimulatedHost host = site.host;
  private final SimulatedDomain domain = host.definePc("pc").start();
  private final Probe probe = new Probe();
  private final Recorder recorder = new Recorder();

  /** What runs the questions: at once, unless a test says otherwise. */
  private java.util.concurrent.Executor threads = site.time::execute;

  private final Executor executor = executor(Proof.STORAGE);

  private Executor executor(ReleaseRules rules, List<Call> calls) {
    return new Executor(
        host.connect("process"),
        ExampleKind.FAULTS,
        ExampleKind.ALL,
        rules,
        new StorageProbes(List.of(probe), question -> threads.execute(question)),
        site.time,
        new Random(1),
        ListenerDispatcher.direct(
            new PlugListener() {
              @Override
              public void called(
                  Request request, Call call, Optional<LibvirtFault> fault, Duration took) {
                calls.add(call);
              }
            }));
  }

  private Executor executor(Proof required, StorageProbe... probes) {
    return new Executor(
        host.connect("process"),
        ExampleKind.FAULTS,
        ExampleKind.ALL,
        Requests.rules(required),
        new StorageProbes(
            probes.length == 0 ? List.of(probe) : List.of(probes),
            question -> threads.execute(question)),
        site.time,
        new Random(1),
        ListenerDispatcher.direct(recorder));
  }

  @AfterEach
  void qemuIsNeverAsked() {
    executor.close();
    assertThat(recorder.calls).doesNotContain(Call.ASK_QEMU, Call.CHANGE_QEMU);
  }

  /** Who has the volume open, by what it is told. */
  private static class Probe implements StorageProbe {
    final List<Finding> answers = new ArrayList<>();
    final List<Finding> afterAttach = new ArrayList<>();
    final List<Duration> budgets = new ArrayList<>();
    Finding last = READY;
    Runnable meanwhile = () -> {};

    @Override
    public boolean answersFor(DiskSource disk) {
      return answersFor(disk.volume());
    }

    @Override
    public Finding beforeAttach(DiskSource disk, Duration budget) {
      return READY;
    }

    @Override
    public Finding afterAttach(DiskSource disk, Duration budget) {
      return afterAttach.isEmpty() ? READY : afterAttach.remove(0);
    }

    @Override
    public boolean answersFor(VolumeRef volume) {
      return volume.equals(DISK.volume());
    }

    @Override
    public Finding afterDetach(VolumeRef volume, Duration budget) {
      assertThat(volume).isEqualTo(DISK.volume());
      budgets.add(budget);
      meanwhile.run();
      meanwhile = () -> {};
      return answers.isEmpty() ? last : answers.remove(0);
    }

    @Override
    public void close() {}
  }

  /** Every call, and everybody who was waited for. */
  private static final class Recorder implements PlugListener {
    final List<Call> calls = new ArrayList<>();
    final List<WaitingFor> waitedFor = new ArrayList<>();

    @Override
    public void called(Request request, Call call, Optional<LibvirtFault> fault, Duration took) {
      calls.add(call);
    }

    @Override
    public void waiting(Request request, WaitingFor waitingFor, Duration elapsed) {
      waitedFor.add(waitingFor);
    }
  }

  private static StorageProbe.Refused refused(StorageProbe.Reason reason) {
    return new StorageProbe.Refused(reason, "the storage says so");
  }

  private void attached(FileDisk disk) {
    SimulatedSite.attach(executor, domain, disk);
  }

  private DetachOutcome detach(Duration deadline) {
    return executor.detach(domain.ref(), DISK.volume(), deadline).await();
  }

  @Test
  void whatNoClientHasOpenIsDetached() {
    attached(DISK);

    Detached outcome = expect(Detached.class, detach(LONGER));

    assertThat(outcome.proof()).isEqualTo(Proof.STORAGE);
    assertThat(outcome.observed().storage()).hasValue("no client has it open");
    assertThat(outcome.observed().heldByQemu()).isEmpty();
    assertThat(domain.openSources()).isEmpty();

    assertThat(expect(AlreadyDetached.class, detach(LONGER)).proof()).isEqualTo(Proof.STORAGE);
  }

  @Test
  void itIsNotAskedAsLongAsAViewHasTheVolume() {
    attached(DISK);
    domain.guest(GuestBehaviour.FORGETS);

    Pending outcome = expect(Pending.class, detach(Duration.ofSeconds(3)));

    assertThat(outcome.waitingFor()).isEqualTo(WaitingFor.GUEST);
    assertThat(probe.budgets).isEmpty();
  }

  @Test
  void whoHasLetGoAMomentAgoIsWaitedFor() {
    attached(DISK);
    probe.answers.addAll(List.of(WATCHED, WATCHED, WATCHED));
    long before = site.time.nanoTime();

    Detached outcome = expect(Detached.class, detach(LONGER));

    assertThat(outcome.proof()).isEqualTo(Proof.STORAGE);
    assertThat(recorder.waitedFor).contains(WaitingFor.STORAGE);
    assertThat(Duration.ofNanos(site.time.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void whatSomebodyHasOpenIsPendingAndDetachedWhenHeHasLetGo() {
    attached(DISK);
    probe.last = WATCHED;

    Pending outcome = expect(Pending.class, detach(Duration.ofSeconds(5)));

    assertThat(outcome.waitingFor()).isEqualTo(WaitingFor.STORAGE);
    assertThat(outcome.observed().storage()).hasValue("client.7 has it open");
    assertThat(domain.disks(View.LIVE)).isEmpty();
    assertThat(probe.budgets).as("it is asked again, less and less often").hasSizeBetween(5, 20);

    probe.last = READY;
    assertThat(expect(AlreadyDetached.class, detach(LONGER)).proof()).isEqualTo(Proof.STORAGE);
  }

  @Test
  void aQuestionThatHasNoTimeLeftIsNotAsked() {
    attached(DISK);
    probe.last = WATCHED;
    expect(Pending.class, detach(Duration.ofSeconds(5)));
    probe.budgets.clear();

    for (int millis = 600; millis < 3000; millis += 37) {
      expect(Pending.class, detach(Duration.ofMillis(millis)));
    }

    assertThat(probe.budgets.stream().min(Comparator.naturalOrder()).orElseThrow())
        .isGreaterThan(Duration.ofMillis(400));
  }

  /** What a daemon has left in QEMU is neither seen nor evicted; the storage sees it. */
  @Test
  void aGhostKeepsTheVolume() throws FaultException {
    try (HypervisorPort connection = host.connect("another process")) {
      host.onceAt(Call.ATTACH, Moment.DEVICE_PLUGGED, host::crashDaemon);
      assertThatThrownBy(
              () ->
                  connection
                      .lookup(domain.ref())
                      .attachDevice(Requests.placed(DISK, "vda", 3), EnumSet.allOf(View.class)))
          .isInstanceOf(FaultException.class);
    }
    StorageProbe sees =
        new Probe() {
          @Override
          public Finding afterDetach(VolumeRef volume, Duration budget) {
            return domain.openSources().isEmpty() ? READY : WATCHED;
          }
        };
    try (Executor process = executor(Proof.STORAGE, sees)) {
      DetachOutcome outcome =
          process.detach(domain.ref(), DISK.volume(), Duration.ofSeconds(5)).await();

      assertThat(expect(Pending.class, outcome).waitingFor()).isEqualTo(WaitingFor.STORAGE);
      assertThat(domain.ghosts()).isNotEmpty();
    }
  }

  /** It may have been moved to another name by somebody who has it open. */
  @Test
  void whatTheStorageDoesNotHaveIsNotProven() {
    attached(DISK);
    probe.last = refused(StorageProbe.Reason.NOT_FOUND);

    Rejected outcome = expect(Rejected.class, detach(LONGER));

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.PROOF_UNAVAILABLE);
    assertThat(outcome.explanation()).contains("STORAGE", "XML", "no volume of this name");
    assertThat(outcome.observed().storage()).hasValue("the storage says so");
    assertThat(domain.disks(View.LIVE)).isEmpty();
  }

  @Test
  void whereTheMonitorMayBeUsedQemuIsAskedAndThenTheStorage() {
    List<Call> calls = new ArrayList<>();
    try (Executor process = executor(new ReleaseRules(true, true, Proof.STORAGE), calls)) {
      SimulatedSite.attach(process, domain, DISK);
      probe.answers.add(WATCHED);

      Detached outcome =
          expect(Detached.class, process.detach(domain.ref(), DISK.volume(), LONGER).await());

      assertThat(outcome.proof()).isEqualTo(Proof.STORAGE);
      assertThat(outcome.observed().heldByQemu()).hasValue(false);
    }
    assertThat(calls).contains(Call.ASK_QEMU);
  }

  @ParameterizedTest
  @CsvSource({
    "UNREACHABLE, STORAGE_UNREACHABLE",
    "ACCESS_DENIED, STORAGE_UNANSWERED",
    "UNSUPPORTED, STORAGE_UNANSWERED",
    "NOT_KNOWN, STORAGE_UNANSWERED"
  })
  void whatTheStorageDoesNotSayIsNotKnown(StorageProbe.Reason reason, Unavailable.Reason expected) {
    attached(DISK);
    probe.last = refused(reason);

    Indeterminate changed = expect(Indeterminate.class, detach(Duration.ofSeconds(5)));
    Unavailable unchanged = expect(Unavailable.class, detach(Duration.ofSeconds(5)));

    assertThat(changed.reason()).isEqualTo(Indeterminate.Reason.DEADLINE);
    assertThat(changed.explanation()).contains("the storage says so");
    assertThat(unchanged.reason()).isEqualTo(expected);
    assertThat(unchanged.explanation()).startsWith("the storage says so");
    assertThat(domain.disks(View.LIVE)).isEmpty();

    probe.answers.add(refused(reason));
    probe.last = READY;
    assertThat(expect(AlreadyDetached.class, detach(LONGER)).proof()).isEqualTo(Proof.STORAGE);
  }

  @Test
  void aProbeThatIsNotSetUpIsNotWaitedFor() {
    attached(DISK);
    probe.last = refused(StorageProbe.Reason.CANNOT_ASK);
    long before = site.time.nanoTime();

    for (int i = 0; i < 2; i++) {
      Rejected outcome = expect(Rejected.class, detach(LONGER));
      assertThat(outcome.reason()).isEqualTo(Rejected.Reason.CANNOT_ASK_STORAGE);
      assertThat(outcome.explanation()).isEqualTo("the storage says so");
    }

    assertThat(site.time.nanoTime() - before).isLessThan(LONGER.toNanos());
    assertThat(domain.disks(View.LIVE)).isEmpty();
  }

  /** Libvirt, or another request of the lane, may take its time when the storage has answered. */
  @Test
  void anOldAnswerIsNoProof() {
    probe.meanwhile =
        () ->
            host.onceAt(
                Call.READ_XML,
                Moment.BEFORE,
                () -> {
                  site.time.pass(Duration.ofSeconds(2));
                  probe.last = WATCHED;
                });

    DetachOutcome outcome = detach(Duration.ofSeconds(5));

    assertThat(expect(Pending.class, outcome).waitingFor()).isEqualTo(WaitingFor.STORAGE);
  }

  /** He was seen, and whether he still is there is not known. */
  @Test
  void whoeverWasSeenIsNotReportedAfterTheStorageWasLost() {
    attached(DISK);
    probe.answers.add(WATCHED);
    probe.last = refused(StorageProbe.Reason.UNREACHABLE);

    expect(Indeterminate.class, detach(Duration.ofSeconds(5)));
  }

  @Test
  void aStorageThatDoesNotAnswerHoldsUpNobodyElse() {
    attached(DISK);
    attached(OTHER);
    List<Runnable> never = new ArrayList<>();
    threads = never::add;

    RequestHandle<DetachOutcome> waiting =
        executor.detach(domain.ref(), DISK.volume(), Duration.ofSeconds(3));
    try (Executor process = executor(Proof.XML)) {
      DetachOutcome other = process.detach(domain.ref(), OTHER.volume(), LONGER).await();

      assertThat(other.isDetached()).isTrue();
    }
    assertThat(never).hasSize(1);
    expect(Indeterminate.class, waiting.await());
  }

  @Test
  void aDomainThatIsShutOffProvesNothing() {
    attached(DISK);
    domain.destroy();
    probe.last = WATCHED;

    Pending outcome = expect(Pending.class, detach(Duration.ofSeconds(3)));

    assertThat(outcome.waitingFor()).isEqualTo(WaitingFor.STORAGE);
    probe.last = READY;
    assertThat(expect(AlreadyDetached.class, detach(LONGER)).proof()).isEqualTo(Proof.STORAGE);
  }

  @Test
  void whereNoProbeAnswersNothingIsChanged() {
    attached(OTHER);

    Rejected outcome =
        expect(Rejected.class, executor.detach(domain.ref(), OTHER.volume(), LONGER).await());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.PROOF_UNAVAILABLE);
    assertThat(domain.disks(View.LIVE)).hasSize(1);
    assertThat(domain.disks(View.PERSISTENT)).hasSize(1);
    domain.destroy();
    assertThat(
            expect(Rejected.class, executor.detach(domain.ref(), OTHER.volume(), LONGER).await())
                .explanation())
        .contains("DAEMON");
    try (Executor process = executor(Proof.DAEMON)) {
      assertThat(
              expect(Detached.class, process.detach(domain.ref(), OTHER.volume(), LONGER).await())
                  .proof())
          .isEqualTo(Proof.DAEMON);
    }
  }

  @Test
  void aProbeThatDoesNotKnowOfReleasesDoesNotAnswer() {
    StorageProbe plain =
        new StorageProbe() {
          @Override
          public boolean answersFor(DiskSource disk) {
            return true;
          }

          @Override
          public Finding beforeAttach(DiskSource disk, Duration budget) {
            return READY;
          }

          @Override
          public Finding afterAttach(DiskSource disk, Duration budget) {
            return READY;
          }

          @Override
          public void close() {}
        };
    try (Executor process = executor(Proof.STORAGE, plain)) {
      SimulatedSite.attach(process, domain, DISK);

      DetachOutcome outcome = process.detach(domain.ref(), DISK.volume(), LONGER).await();

      assertThat(expect(Rejected.class, outcome).reason())
          .isEqualTo(Rejected.Reason.PROOF_UNAVAILABLE);
    }
    assertThat(plain.answersFor(DISK.volume())).isFalse();
    assertThat(plain.afterDetach(DISK.volume(), LONGER))
        .isInstanceOfSatisfying(
            StorageProbe.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(StorageProbe.Reason.CANNOT_ASK));
  }

  @Test
  void itsAnswerIsTakenWhereAWeakerProofWouldDo() {
    try (Executor process = executor(Proof.XML)) {
      SimulatedSite.attach(process, domain, DISK);

      DetachOutcome outcome = process.detach(domain.ref(), DISK.volume(), LONGER).await();

      assertThat(expect(Detached.class, outcome).proof()).isEqualTo(Proof.STORAGE);
    }
    assertThat(probe.budgets).hasSize(1);
  }

  @Test
  void aClientThatItSeesIsToldWhereAWeakerProofWouldDo() {
    probe.last = WATCHED;
    try (Executor process = executor(Proof.XML)) {
      SimulatedSite.attach(process, domain, DISK);

      DetachOutcome outcome = process.detach(domain.ref(), DISK.volume(), LONGER).await();

      Detached detached = expect(Detached.class, outcome);
      assertThat(detached.proof()).isEqualTo(Proof.XML);
      assertThat(detached.observed().storage()).hasValue("client.7 has it open");
    }
  }

  /** That somebody else has it is why it is undone. */
  @Test
  void anAttachIsUndoneWhoeverHasTheVolume() {
    probe.afterAttach.add(WATCHED);
    probe.last = WATCHED;

    Unavailable outcome =
        expect(Unavailable.class, executor.attach(domain.ref(), DISK, LONGER).await());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.VOLUME_IN_USE);
    assertThat(outcome.explanation()).contains("client.7", "undone");
    assertThat(domain.disks(View.LIVE)).isEmpty();
    assertThat(probe.budgets).isEmpty();
  }

  /** What the storage has said by then is of another time. */
  @Test
  void whatIsAttachedAgainMeanwhileIsDetachedAgain() {
    attached(DISK);
    List<Runnable> later = new ArrayList<>();
    threads = later::add;
    site.time.at(
        Duration.ofNanos(site.time.nanoTime()).plusMillis(500),
        () -> {
          plug(View.values());
          later.forEach(Runnable::run);
          threads = site.time::execute;
        });

    Detached outcome = expect(Detached.class, detach(LONGER));

    assertThat(outcome.proof()).isEqualTo(Proof.STORAGE);
    assertThat(probe.budgets).hasSize(2);
    assertThat(domain.disks(View.LIVE)).isEmpty();
    assertThat(domain.openSources()).isEmpty();
  }

  @Test
  void whatTheStorageSaidBeforeTheVolumeCameBackIsNotTold() {
    attached(DISK);
    probe.last = WATCHED;
    site.time.at(
        Duration.ofNanos(site.time.nanoTime()).plusSeconds(3),
        () -> {
          plug(View.values());
          domain.guest(GuestBehaviour.FORGETS);
        });

    Pending outcome = expect(Pending.class, detach(Duration.ofSeconds(8)));

    assertThat(probe.budgets).isNotEmpty();
    assertThat(outcome.waitingFor()).isEqualTo(WaitingFor.GUEST);
    assertThat(outcome.observed().storage()).isEmpty();
  }

  /** Somebody plugs it without this library. */
  private void plug(View... scope) {
    try (HypervisorPort connection = host.connect("an operator")) {
      connection
          .lookup(domain.ref())
          .attachDevice(Requests.placed(DISK, "vda", 9), EnumSet.copyOf(List.of(scope)));
    } catch (FaultException e) {
      throw new AssertionError(e);
    }
  }

  /** A disk that was seen does not say which volume it is. */
  @Test
  void whatARepairRemovesFromThePersistentViewRestsOnTheViews() {
    plug(View.PERSISTENT);
    RepairPolicy policy =
        RepairPolicy.NOTHING.with(
            Repair.remove(View.PERSISTENT, domain.disks(View.PERSISTENT).get(0)));

    Repaired repaired =
        expect(Repaired.class, executor.repair(domain.ref(), policy, LONGER).await());

    assertThat(expect(Mended.class, repaired.steps().get(0).outcome()).proof())
        .isEqualTo(Proof.XML);
    assertThat(probe.budgets).isEmpty();
  }

  @Test
  void whatARepairTakesFromTheGuestNeedsTheProof() {
    plug(View.LIVE);
    RepairPolicy policy =
        RepairPolicy.NOTHING.with(Repair.remove(View.LIVE, domain.disks(View.LIVE).get(0)));

    Repaired repaired =
        expect(Repaired.class, executor.repair(domain.ref(), policy, LONGER).await());

    assertThat(expect(Rejected.class, repaired.steps().get(0).outcome()).reason())
        .isEqualTo(Rejected.Reason.PROOF_UNAVAILABLE);
    assertThat(domain.disks(View.LIVE)).hasSize(1);
  }

  @Test
  void itIsGivenLessTimeThanTheRequestHas() {
    attached(DISK);

    detach(Duration.ofSeconds(2));

    assertThat(probe.budgets)
        .isNotEmpty()
        .allSatisfy(budget -> assertThat(budget).isLessThan(Duration.ofSeconds(2)));
  }
}
