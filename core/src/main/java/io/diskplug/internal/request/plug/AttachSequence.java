// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.plug;

import io.diskplug.fault.Call;
import io.diskplug.internal.engine.Signal;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.engine.Task;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.reason.Reasons;
import io.diskplug.internal.storage.StorageAdvice;
import io.diskplug.internal.storage.StorageReasons;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Attempts;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An attach, the question to the storage whether another client has attached the volume at the same
 * time, and the detach if so. Of two hosts that attach at once each sees the other one, if not
 * before then after: both may give up, and neither has the volume twice.
 *
 * <p>A disk that was attached before is left alone, whether another client uses the volume or not.
 */
public final class AttachSequence implements Task<AttachOutcome> {

  private final Task<AttachOutcome> attach;
  private final StorageAdvice advice;
  private final Supplier<Task<DetachOutcome>> maker;
  private final ObservationLog observations;
  private final Signal signal = new Signal();
  private @Nullable Attached attached;
  private @Nullable Task<DetachOutcome> undo;
  private String why = "";

  /**
   * Nothing is begun.
   *
   * @param attach attaches
   * @param advice what the storage says after that, raising a signal when it does
   * @param maker makes the request that undoes it
   * @param observations what is told of it
   */
  public AttachSequence(
      Task<AttachOutcome> attach,
      Function<Signal, StorageAdvice> advice,
      Supplier<Task<DetachOutcome>> maker,
      ObservationLog observations) {
    this.attach = attach;
    this.advice = advice.apply(signal);
    this.maker = maker;
    this.observations = observations;
  }

  @Override
  public Step<AttachOutcome> round() {
    Attached done = attached;
    if (done == null) {
      Step<AttachOutcome> step = attach.round();
      if (step instanceof Step.Done<AttachOutcome> end
          && end.outcome() instanceof Attached outcome) {
        attached = outcome;
        return new Step.Again<>();
      }
      return step;
    }
    Task<DetachOutcome> undoing = undo;
    return undoing == null ? ask(done) : undo(undoing);
  }

  private Step<AttachOutcome> ask(Attached done) {
    Optional<Finding> finding = advice.finding();
    if (finding.isEmpty()) {
      return new Step.Wait<>(signal, advice.left());
    }
    if (finding.get() instanceof Refused refused && refused.reason() == Reason.IN_USE) {
      why = refused.explanation();
      undo = maker.get();
      return new Step.Again<>();
    }
    // Whether there is another client is not known; what was attached and verified is attached.
    return new Step.Done<>(done);
  }

  private Step<AttachOutcome> undo(Task<DetachOutcome> undoing) {
    Step<DetachOutcome> step = undoing.round();
    if (step instanceof Step.Done<DetachOutcome> end) {
      return new Step.Done<>(undone(end.outcome()));
    }
    if (step instanceof Step.Wait<DetachOutcome> wait) {
      return new Step.Wait<>(wait.signal(), wait.atMost());
    }
    return new Step.Again<>();
  }

  private AttachOutcome undone(DetachOutcome outcome) {
    if (outcome.isDetached()) {
      observations.attempts(
          new Attempts(
              1,
              Duration.ZERO,
              Optional.empty(),
              Reasons.advice(Unavailable.Reason.VOLUME_IN_USE)));
      return new Unavailable(
          Unavailable.Reason.VOLUME_IN_USE,
          why + "; the attach was undone",
          StorageReasons.IN_USE_RETRY,
          observations.observation());
    }
    String left =
        outcome instanceof NotDone notDone
            ? notDone.explanation()
            : "the guest has not released the disk yet";
    return new Indeterminate(
        Indeterminate.Reason.NOT_AS_PLANNED,
        why + "; the attach is to be undone: " + left,
        observations.observation());
  }

  /** Ends it early, each part in its own way. */
  private AttachOutcome stop(
      Function<Task<AttachOutcome>, AttachOutcome> attaching,
      Function<Task<DetachOutcome>, DetachOutcome> undoing) {
    Attached done = attached;
    if (done == null) {
      return attaching.apply(attach);
    }
    Task<DetachOutcome> current = undo;
    return current == null ? done : undone(undoing.apply(current));
  }

  @Override
  public AttachOutcome deadlinePassed() {
    return stop(Task::deadlinePassed, Task::deadlinePassed);
  }

  @Override
  public AttachOutcome unfinished(Call call) {
    return stop(task -> task.unfinished(call), task -> task.unfinished(call));
  }

  @Override
  public AttachOutcome interrupted() {
    return stop(Task::interrupted, Task::interrupted);
  }

  @Override
  public AttachOutcome closed() {
    return stop(Task::closed, Task::closed);
  }

  @Override
  public boolean changed() {
    return attach.changed();
  }

  @Override
  public void close() {
    attach.close();
    if (undo != null) {
      undo.close();
    }
  }
}
