// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.VOLUME;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.fault.Call;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.LongJobs;
import io.diskplug.internal.engine.Calls;
import io.diskplug.internal.engine.Deadline;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DaemonFacts;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.PartlyInspected;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Unavailable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon in which reading the XML takes the domain's job, and a domain whose job is taken. */
class BusyDomainTest {

  private static final Duration BRIEF = Duration.ofMillis(300);
  private static final Duration WEDGED = Duration.ofSeconds(40);
  private static final FileDisk OTHER =
      new FileDisk("pvc-2", Path.of("/srv/two.img"), DiskOptions.DEFAULTS);

  /** Up to libvirt 9.0. */
  private static final Set<Call> TAKES_NO_JOB =
      EnumSet.of(Call.LOOKUP, Call.READ_STATUS, Call.READ_CONTROL, Call.READ_XML, Call.READ_STATS);

  private static final Calls CALLED_AT_ONCE =
      new Calls() {
        @Override
        public <T> T call(Call call, Body<T> body) throws FaultException {
          return body.run();
        }
      };

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();
  private final Executor executor = executor(time, Proof.QEMU, domain);

  @BeforeEach
  void readingTakesTheJob() {
    domain.daemon = new DaemonFacts(true);
    domain.jobTaken = true;
  }

  private static Stream<Function<BusyDomainTest, RequestHandle<? extends Outcome>>> requests() {
    return Stream.concat(
        requestsForAVolume(),
        Stream.of(test -> test.executor.repair(test.domain.ref(), RepairPolicy.NOTHING, DEADLINE)));
  }

  private static Stream<Function<BusyDomainTest, RequestHandle<? extends Outcome>>>
      requestsForAVolume() {
    return Stream.of(
        test -> test.executor.attach(test.domain.ref(), DISK, DEADLINE),
        test -> test.executor.detach(test.domain.ref(), VOLUME, DEADLINE),
        test -> test.executor.plan(test.domain.ref(), List.of(DISK), DEADLINE),
        test -> test.executor.adopt(test.domain.ref(), VOLUME, DEADLINE),
        test -> test.executor.grow(test.domain.ref(), VOLUME, 1 << 20, DEADLINE));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void nothingIsReadAndTheAnswerIsThatTheDomainIsBusy(
      Function<BusyDomainTest, RequestHandle<? extends Outcome>> request) {
    Unavailable busy = expect(Unavailable.class, request.apply(this).await());

    assertThat(busy.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(busy.explanation()).contains("for another call");
    assertThat(domain.count(Call.READ_XML)).isZero();
    assertThat(domain.changes()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("requests")
  void anOccupiedMonitorIsNamed(
      Function<BusyDomainTest, RequestHandle<? extends Outcome>> request) {
    domain.occupiedFor = WEDGED;

    Unavailable busy = expect(Unavailable.class, request.apply(this).await());

    assertThat(busy.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(busy.explanation()).contains("monitor has been occupied for 40000 ms");
    assertThat(domain.count(Call.READ_XML)).isZero();
  }

  /** A repair inspects the domain first, in whatever state it is. */
  @ParameterizedTest
  @MethodSource("requestsForAVolume")
  void aDomainThatIsBeingStartedIsCalledChanging(
      Function<BusyDomainTest, RequestHandle<? extends Outcome>> request) {
    domain.status(
        new DomainStatus(RunState.PAUSED, StateReason.STARTING_UP, /* id= */ 1, true, false));

    Unavailable changing = expect(Unavailable.class, request.apply(this).await());

    assertThat(changing.reason()).isEqualTo(Unavailable.Reason.DOMAIN_CHANGING);
    assertThat(changing.explanation()).contains("being started");
    assertThat(domain.count(Call.READ_XML)).isZero();
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void whatIsOverSoonIsWaitedFor() {
    time.at(BRIEF, () -> domain.jobTaken = false);

    expect(Attached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());

    // Looked for every 20 ms: without that, the next look would be seconds later.
    assertThat(Duration.ofNanos(time.nanoTime())).isLessThan(BRIEF.multipliedBy(2));
  }

  @Test
  void afterAChangeTheDomainIsReadAtOnce() {
    domain.jobTaken = false;

    expect(Attached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());

    int attach = 0;
    while (!domain.calls.get(attach).startsWith("ATTACH")) {
      attach++;
    }
    assertThat(domain.calls.get(attach + 1)).startsWith("READ_XML");
  }

  @Test
  void whereReadingTakesNoJobItIsReadMeanwhile() {
    domain.daemon = new DaemonFacts(false);
    domain.occupiedFor = WEDGED;

    expect(Planned.class, executor.plan(domain.ref(), List.of(DISK), DEADLINE).await());
  }

  /** What is left behind in a domain before its QEMU hangs. */
  private static Stream<Consumer<BusyDomainTest>> remains() {
    return Stream.of(
        test -> {},
        test -> test.domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT),
        test -> test.domain.put(placed(DISK, "vda", 3), PERSISTENT),
        test -> {
          test.aNoteIsLeft();
          test.domain.drop(LIVE, PERSISTENT);
        },
        BusyDomainTest::aNoteIsLeft,
        BusyDomainTest::anEvictionIsUnderWay);
  }

  private void anEvictionIsUnderWay() {
    try {
      domain.note(
          "urn:diskplug:evict:ua-dp-ghost:another", "<evict start='1' serial='1' devices='a'/>");
    } catch (FaultException e) {
      throw new IllegalStateException(e);
    }
  }

  private void aNoteIsLeft() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);
    domain.guestReleases = false;
    expect(Pending.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());
    assertThat(domain.notes).isNotEmpty();
  }

  /** Each such call would wait for half a minute, and hold a worker of the daemon meanwhile. */
  @ParameterizedTest
  @MethodSource("remains")
  void whereReadingTakesNoJobNothingThatDoesIsAskedOfAWedgedDomain(
      Consumer<BusyDomainTest> remains) {
    domain.daemon = new DaemonFacts(false);
    domain.jobTaken = false;
    remains.accept(this);
    domain.occupiedFor = WEDGED;
    domain.calls.clear();

    List<Outcome> outcomes =
        List.of(
            executor.attach(domain.ref(), DISK, DEADLINE).await(),
            executor.detach(domain.ref(), VOLUME, DEADLINE).await(),
            executor.adopt(domain.ref(), VOLUME, DEADLINE).await(),
            executor.limit(domain.ref(), VOLUME, IoTune.UNLIMITED, DEADLINE).await(),
            executor.grow(domain.ref(), VOLUME, 1 << 20, DEADLINE).await(),
            executor.repair(domain.ref(), RepairPolicy.NOTHING, DEADLINE).await(),
            executor.inspect(domain.ref(), DEADLINE).await());

    assertThat(domain.calls)
        .filteredOn(call -> !call.equals("SUBSCRIBE"))
        .allMatch(call -> TAKES_NO_JOB.contains(Call.valueOf(call.split(" ", 2)[0])));
    assertThat(outcomes).noneMatch(Detached.class::isInstance);
  }

  @Test
  void anInspectionOfAWedgedDomainSaysWhatIsSeen() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);
    domain.occupiedFor = WEDGED;

    PartlyInspected seen =
        expect(PartlyInspected.class, executor.inspect(domain.ref(), WEDGED).await());

    assertThat(seen.targetDevs()).contains(List.of("vda"));
    assertThat(seen.whyNotRead()).contains("40000 ms");
    assertThat(seen.observed().status()).contains(ScriptedDomain.RUNNING);
    assertThat(Duration.ofNanos(time.nanoTime())).isLessThan(Duration.ofSeconds(1));
    assertThat(domain.count(Call.ASK_QEMU)).isZero();
  }

  @Test
  void anInspectionWaitsForAJobThatQemuDoesNotKeep() {
    time.at(Duration.ofSeconds(3), () -> domain.jobTaken = false);

    expect(Inspected.class, executor.inspect(domain.ref(), WEDGED).await());
  }

  @Test
  void anInspectionThatWaitedInVainSaysWhatIsSeen() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);

    PartlyInspected seen =
        expect(PartlyInspected.class, executor.inspect(domain.ref(), DEADLINE).await());

    assertThat(seen.targetDevs()).contains(List.of("vda"));
    assertThat(seen.whyNotRead()).contains("for another call");
  }

  @Test
  void anInspectionDoesNotWaitForAJobThatLasts() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);

    expect(PartlyInspected.class, executor.inspect(domain.ref(), WEDGED).await());

    assertThat(Duration.ofNanos(time.nanoTime())).isLessThan(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 88})
  void aDaemonThatDoesNotTellTheTargetDevsIsHeardAllTheSame(int code) {
    domain.occupiedFor = WEDGED;
    domain.always(Call.READ_STATS, fails(Call.READ_STATS, code, "access denied"));

    PartlyInspected seen =
        expect(PartlyInspected.class, executor.inspect(domain.ref(), WEDGED).await());

    assertThat(seen.targetDevs()).isEmpty();
    assertThat(seen.observed().status()).contains(ScriptedDomain.RUNNING);
    assertThat(Duration.ofNanos(time.nanoTime())).isLessThan(Duration.ofSeconds(1));
  }

  /** While a backup runs, the control interface does not say for how long QEMU has been silent. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWedgedMonitorBehindABackupIsToldAfterASecond(boolean readingTakesJob) {
    isWedgedBehindABackup(readingTakesJob);

    List<Outcome> outcomes =
        List.of(
            executor.attach(domain.ref(), OTHER, DEADLINE).await(),
            executor.grow(domain.ref(), VOLUME, 1 << 20, DEADLINE).await(),
            executor.limit(domain.ref(), VOLUME, IoTune.total(0, 500), DEADLINE).await(),
            executor.detach(domain.ref(), VOLUME, DEADLINE).await());

    assertThat(outcomes)
        .allSatisfy(
            outcome -> {
              Unavailable busy = expect(Unavailable.class, outcome);
              assertThat(busy.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
              assertThat(busy.explanation()).contains("beside a long job");
            });
    assertThat(domain.changes()).isEmpty();
    assertThat(domain.count(Call.NOTE)).isZero();
    // Looked at ten times in the first second of each request, and seldom from then on.
    assertThat(domain.count(Call.READ_CONTROL)).isLessThan(4 * 80);
  }

  @Test
  void anInspectionBehindABackupSaysInTimeWhatIsSeen() {
    isWedgedBehindABackup(/* readingTakesJob= */ true);

    PartlyInspected seen =
        expect(PartlyInspected.class, executor.inspect(domain.ref(), WEDGED).await());

    assertThat(seen.targetDevs()).contains(List.of("vda"));
    assertThat(seen.whyNotRead()).contains("beside a long job");
    assertThat(Duration.ofNanos(time.nanoTime())).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void anInspectionBehindABackupDoesNotAskQemu() {
    isWedgedBehindABackup(/* readingTakesJob= */ false);

    Inspected seen = expect(Inspected.class, executor.inspect(domain.ref(), WEDGED).await());

    assertThat(seen.disks()).hasSize(1);
    assertThat(seen.whyNotAsked().orElseThrow()).contains("beside a long job");
    assertThat(domain.count(Call.ASK_QEMU)).isZero();
    assertThat(Duration.ofNanos(time.nanoTime())).isLessThan(Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCallBesideABackupThatEndsSoonIsWaitedFor(boolean readingTakesJob) {
    isWedgedBehindABackup(readingTakesJob);
    time.at(BRIEF, () -> domain.occupiedFor = Duration.ZERO);

    expect(Detached.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());

    assertThat(Duration.ofNanos(time.nanoTime())).isLessThan(BRIEF.multipliedBy(2));
  }

  /** A look that finds the job free says that what was hidden before has not hung. */
  @Test
  void callsBesideABackupThatComeAndGoAreNotOneThatHangs() throws Exception {
    isWedgedBehindABackup(/* readingTakesJob= */ false);
    DomainAccess bounded =
        new DomainAccess(
            domain, CALLED_AT_ONCE, Deadline.after(time::nanoTime, WEDGED), new LongJobs(time));

    assertThat(bounded.occupiedMonitor().orElseThrow().mayEndSoon()).isTrue();
    time.pass(Duration.ofMillis(900));
    domain.occupiedFor = Duration.ZERO;
    assertThat(bounded.occupiedMonitor()).isEmpty();
    time.pass(Duration.ofMillis(900));
    domain.occupiedFor = WEDGED;
    // What hides has begun after the look that found the job free.
    assertThat(bounded.occupiedMonitor()).isEmpty();
    time.pass(Duration.ofMillis(900));
    assertThat(bounded.occupiedMonitor().orElseThrow().mayEndSoon()).isTrue();
    time.pass(Duration.ofMillis(200));
    assertThat(bounded.occupiedMonitor().orElseThrow().mayEndSoon()).isFalse();
  }

  private void isWedgedBehindABackup(boolean readingTakesJob) {
    domain.daemon = new DaemonFacts(readingTakesJob);
    domain.jobTaken = false;
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);
    domain.backup = true;
    domain.occupiedFor = WEDGED;
  }

  @Test
  void whatWasSeenBeforeTheDaemonWentIsNotTold() {
    time.at(
        Duration.ofSeconds(3),
        () ->
            domain.always(
                Call.READ_CONTROL, fails(Call.READ_CONTROL, 38, "Cannot recv data: reset")));

    Unavailable lost = expect(Unavailable.class, executor.inspect(domain.ref(), WEDGED).await());

    assertThat(lost.reason()).isEqualTo(Unavailable.Reason.CONNECTION_LOST);
  }
}
