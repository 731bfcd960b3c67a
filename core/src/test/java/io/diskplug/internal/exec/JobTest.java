// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.fault.Call;
import io.diskplug.internal.access.LongJobs;
import io.diskplug.internal.engine.CallUnderWay;
import io.diskplug.internal.engine.Lanes;
import io.diskplug.internal.engine.ManualScheduler;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.outcome.NotDone;
import io.diskplug.spi.PlugListener;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What a request does when it is told that a call hangs in its lane, at each time. */
class JobTest {

  private static final int MANY = 10;

  private final ScriptedDomain domain = new ScriptedDomain();
  private final ManualScheduler scheduler = new ManualScheduler();
  private final Lanes lanes = new Lanes(scheduler, MANY);
  private final CallUnderWay hanging = new CallUnderWay(Call.ASK_QEMU, /* since= */ 0);
  private final Object inspections = InspectionLane.of(domain.uuid());

  private Job<NotDone> job(UnaryOperator<Object> laneOf) {
    return new Job<>(
        new Job.Surroundings(
            ScriptedDomain.hypervisor(domain),
            FaultClassifier.standard(),
            scheduler,
            lanes,
            new LongJobs(scheduler)),
        domain.ref(),
        Duration.ofSeconds(1),
        ListenerDispatcher.none()
            .begin(PlugListener.Kind.INSPECT, domain.ref(), Optional.empty(), scheduler::nanoTime),
        outcome -> {},
        (found, observations) -> {
          throw new IllegalStateException("its turn");
        },
        outcome -> outcome,
        laneOf);
  }

  /** The list of those to be told was made before: its turn is about to run on a worker. */
  @Test
  void anInspectionWhoseTurnHasBegunHasNoOther() {
    Job<NotDone> job = job(InspectionLane::of);
    job.start();

    assertThat(job.blocked(inspections, hanging)).isTrue();

    scheduler.runAll();
    assertThat(domain.count(Call.LOOKUP)).isEqualTo(1);
    assertThat(job.outcome()).isCompletedExceptionally();
  }

  @Test
  void aRequestWhoseTurnHasBegunIsNotAnswered() {
    Job<NotDone> job = job(UnaryOperator.identity());
    job.start();

    assertThat(job.blocked(domain.uuid(), hanging)).isTrue();

    assertThat(job.outcome()).isNotDone();
    scheduler.runAll();
  }

  /** Its first lane tells it twice: when it joins, and when all are told that wait. */
  @Test
  void anInspectionThatIsToldTwiceWaitsInTheSecondLane() {
    Job<NotDone> first = job(InspectionLane::of);
    first.start();
    Job<NotDone> second = job(InspectionLane::of);
    second.start();

    assertThat(second.blocked(inspections, hanging)).isFalse();
    assertThat(second.blocked(inspections, hanging)).isTrue();

    assertThat(second.outcome()).isNotDone();
    scheduler.runAll();
    assertThat(domain.count(Call.LOOKUP)).isEqualTo(2);
  }
}
