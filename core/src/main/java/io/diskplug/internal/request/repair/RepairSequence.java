// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.repair;

import io.diskplug.domain.Disk;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.engine.Task;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.internal.match.ExactDiskSelector;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.reason.Reasons;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.Ghost;
import io.diskplug.outcome.InspectOutcome;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairOutcome;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.RepairStep;
import io.diskplug.outcome.Repaired;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An inspection, and then each step that the policy allows, one request after the other. */
public final class RepairSequence implements Task<RepairOutcome> {

  public static final String NOT_BEGUN = "the repair ended before this step was begun";

  private final RepairPolicy policy;
  private final Task<InspectOutcome> inspection;
  private final Function<Repair, Task<MendOutcome>> maker;
  private final StorageKinds kinds;
  private final DomainAccess domain;
  private final Scheduler scheduler;
  private final ObservationLog observations;
  private final Deque<Repair> todo = new ArrayDeque<>();
  private final List<RepairStep> steps = new ArrayList<>();
  private @Nullable Inspected before;
  private @Nullable Repair repair;
  private @Nullable Task<MendOutcome> step;
  private boolean changed;

  /** When the step under way has had its share of the time. */
  private long stepEnds;

  /**
   * Nothing is begun.
   *
   * @param policy what it may do
   * @param inspection looks what there is
   * @param maker makes the request that mends one thing
   * @param kinds the kinds of storage of which something is mended
   * @param domain tells what time is left
   * @param scheduler the time
   * @param observations what is told of a step that was not begun
   */
  public RepairSequence(
      RepairPolicy policy,
      Task<InspectOutcome> inspection,
      Function<Repair, Task<MendOutcome>> maker,
      StorageKinds kinds,
      DomainAccess domain,
      Scheduler scheduler,
      ObservationLog observations) {
    this.policy = policy;
    this.inspection = inspection;
    this.maker = maker;
    this.kinds = kinds;
    this.domain = domain;
    this.scheduler = scheduler;
    this.observations = observations;
  }

  @Override
  public Step<RepairOutcome> round() {
    Inspected found = before;
    if (found == null) {
      return advance(inspection, this::inspected, domain.remaining());
    }
    Task<MendOutcome> current = step;
    if (current != null) {
      Duration left = Duration.ofNanos(stepEnds - scheduler.nanoTime());
      // What waits for a guest must not keep the others from their turn.
      return todo.isEmpty() || !left.isNegative()
          ? advance(current, this::mended, left)
          : mended(current.deadlinePassed());
    }
    Repair next = todo.poll();
    if (next == null) {
      return new Step.Done<>(repaired(found));
    }
    Optional<Rejected> refused = refused(next);
    if (refused.isPresent()) {
      steps.add(new RepairStep(next, refused.get()));
      return new Step.Again<>();
    }
    Duration share = domain.remaining().dividedBy(todo.size() + 1L);
    stepEnds = scheduler.nanoTime() + share.toNanos();
    repair = next;
    step = maker.apply(next);
    return new Step.Again<>();
  }

  /** What is not begun, whatever the domain has. */
  private Optional<Rejected> refused(Repair repair) {
    if (repair.disk().filter(disk -> !disk.source().isNamed()).isPresent()) {
      return Optional.of(
          rejected(
              Rejected.Reason.BAD_REQUEST,
              "an empty drive, or a source without a name, cannot be told from others"));
    }
    return source(repair)
        .flatMap(kinds::objection)
        .map(why -> rejected(Rejected.Reason.STORAGE_KIND_UNKNOWN, why));
  }

  private Rejected rejected(Rejected.Reason reason, String explanation) {
    return new Rejected(reason, explanation, List.of(), observations.observation());
  }

  private static Optional<StorageSource> source(Repair repair) {
    return repair.ghost().flatMap(Ghost::source).or(() -> repair.disk().map(Disk::source));
  }

  private static <T> Step<RepairOutcome> advance(
      Task<T> task, Function<T, Step<RepairOutcome>> end, Duration left) {
    Step<T> next = task.round();
    if (next instanceof Step.Done<T> done) {
      return end.apply(done.outcome());
    }
    if (next instanceof Step.Wait<T> wait) {
      boolean ends = left.compareTo(wait.atMost()) < 0 && !left.isNegative();
      return new Step.Wait<>(wait.signal(), ends ? left : wait.atMost());
    }
    return new Step.Again<>();
  }

  private Step<RepairOutcome> inspected(InspectOutcome outcome) {
    inspection.close();
    if (outcome instanceof NotDone notDone) {
      return new Step.Done<>(notDone);
    }
    Inspected found = (Inspected) outcome;
    before = found;
    todo.addAll(plan(found, policy));
    return new Step.Again<>();
  }

  private Step<RepairOutcome> mended(MendOutcome outcome) {
    end(outcome);
    return new Step.Again<>();
  }

  private void end(MendOutcome outcome) {
    Task<MendOutcome> current = step;
    if (current != null && repair != null) {
      changed |= current.changed();
      current.close();
      steps.add(new RepairStep(repair, outcome));
      observations.events().mended(repair, outcome);
    }
    step = null;
  }

  /** What is named, and the orphans that may be added without being named. */
  static List<Repair> plan(Inspected found, RepairPolicy policy) {
    List<Repair> plan = new ArrayList<>(policy.named());
    for (DiskReport orphan : found.orphans()) {
      Optional<Disk> live = orphan.live();
      boolean named =
          policy.named().stream()
              .anyMatch(
                  repair ->
                      repair.kind() != Repair.Kind.ADD
                          && repair
                              .disk()
                              .filter(disk -> new ExactDiskSelector(disk).is(orphan.disk()))
                              .isPresent());
      if (named) {
        continue;
      }
      if (live.isPresent() && policy.addsToPersistent()) {
        plan.add(Repair.add(View.PERSISTENT, live.get()));
      } else if (live.isEmpty() && policy.plugsLive()) {
        plan.add(Repair.add(View.LIVE, orphan.disk()));
      }
    }
    return plan.stream().distinct().toList();
  }

  private Repaired repaired(Inspected found) {
    return new Repaired(found, steps, found.observed());
  }

  /** Ends it early: the step under way in its own way, and those behind it not begun. */
  private RepairOutcome stop(
      Function<Task<InspectOutcome>, InspectOutcome> inspecting,
      Function<Task<MendOutcome>, MendOutcome> mending,
      Unavailable.Reason reason) {
    if (before == null) {
      Step<RepairOutcome> next = inspected(inspecting.apply(inspection));
      if (next instanceof Step.Done<RepairOutcome> done) {
        return done.outcome();
      }
    }
    Task<MendOutcome> current = step;
    if (current != null) {
      end(mending.apply(current));
    }
    for (Repair left : todo) {
      steps.add(
          new RepairStep(
              left,
              new Unavailable(reason, NOT_BEGUN, Reasons.RETRY_SOON, observations.observation())));
    }
    Inspected found = before;
    if (found == null) {
      throw new IllegalStateException("an inspection that ended in nothing");
    }
    return repaired(found);
  }

  @Override
  public RepairOutcome deadlinePassed() {
    return stop(Task::deadlinePassed, Task::deadlinePassed, Unavailable.Reason.NOT_BEGUN);
  }

  @Override
  public RepairOutcome unfinished(Call call) {
    return stop(
        task -> task.unfinished(call),
        task -> task.unfinished(call),
        Unavailable.Reason.CALL_OUTSTANDING);
  }

  @Override
  public RepairOutcome interrupted() {
    return stop(Task::interrupted, Task::interrupted, Unavailable.Reason.INTERRUPTED);
  }

  @Override
  public RepairOutcome closed() {
    return stop(Task::closed, Task::closed, Unavailable.Reason.CLOSED);
  }

  @Override
  public boolean changed() {
    return changed || (step != null && step.changed());
  }

  @Override
  public void close() {
    inspection.close();
    if (step != null) {
      step.close();
    }
  }
}
