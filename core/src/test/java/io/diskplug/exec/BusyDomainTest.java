// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.exec.Requests.DEADLINE;
import static io.diskplug.exec.Requests.DISK;
import static io.diskplug.exec.Requests.VOLUME;
import static io.diskplug.exec.Requests.executor;
import static io.diskplug.exec.Requests.expect;
import static io.diskplug.exec.Requests.placed;
import static io.diskplug.exec.ScriptedDomain.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.fault.Call;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.PartlyInspected;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DaemonFacts;
import java.time.Duration;
import java.util.List;
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

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();
  private final Executor executor = executor(time, Proof.QEMU, domain);

  @BeforeEach
  void readingTakesTheJob() {
    domain.daemon = new DaemonFacts(true);
    domain.jobTaken = true;
  }

  private static Stream<Function<BusyDomainTest, Submitted<? extends Outcome>>> requests() {
    return Stream.concat(
        requestsForAVolume(),
        Stream.of(test -> test.executor.repair(test.domain.ref(), RepairPolicy.NOTHING, DEADLINE)));
  }

  private static Stream<Function<BusyDomainTest, Submitted<? extends Outcome>>>
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
      Function<BusyDomainTest, Submitted<? extends Outcome>> request) {
    Unavailable busy = expect(Unavailable.class, request.apply(this).await());

    assertThat(busy.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(busy.explanation()).contains("for another call");
    assertThat(domain.count(Call.READ_XML)).isZero();
    assertThat(domain.changes()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("requests")
  void anOccupiedMonitorIsNamed(Function<BusyDomainTest, Submitted<? extends Outcome>> request) {
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
      Function<BusyDomainTest, Submitted<? extends Outcome>> request) {
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
