// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.secret;

import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.engine.Backoff;
import io.diskplug.internal.engine.CallUnderWay;
import io.diskplug.internal.engine.Calls;
import io.diskplug.internal.engine.Deadline;
import io.diskplug.internal.engine.Lanes;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.reason.Reasons;
import io.diskplug.outcome.SecretFailedException;
import io.diskplug.outcome.SecretFailedException.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A request about secrets on its way: has turns in its lane, pauses outside of it, and is answered
 * at its deadline wherever it is then. Who completes the answer first has answered it; a turn that
 * comes back from a call and finds it answered goes no further.
 *
 * @param <T> what it comes to
 */
final class SecretJob<T> implements Lanes.QueuedRequest, Calls {

  private static final String LANE = "secrets";
  private static final Duration FIRST_PAUSE = Duration.ofMillis(20);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /** So often an error of which nothing is known is no accident. */
  private static final int MOST_UNKNOWN_FAULTS = 5;

  private final SecretRequests.Rounds<T> rounds;
  private final Deadline deadline;
  private final FaultClassifier classifier;
  private final Scheduler scheduler;
  private final Lanes lanes;
  private final Backoff backoff;

  /** Gives the result or throws, on the thread of the caller: the stack trace shall be its own. */
  private final CompletableFuture<Supplier<T>> answer = new CompletableFuture<>();

  private volatile @Nullable CallUnderWay underWay;
  private volatile @Nullable LibvirtFault lastFault;
  private volatile Scheduler.@Nullable Timer pause;
  private int unknownFaults; // of the request that has the turn

  SecretJob(
      SecretRequests.Rounds<T> rounds,
      Deadline deadline,
      FaultClassifier classifier,
      Scheduler scheduler,
      RandomGenerator random,
      Lanes lanes) {
    this.rounds = rounds;
    this.deadline = deadline;
    this.classifier = classifier;
    this.scheduler = scheduler;
    this.lanes = lanes;
    this.backoff = new Backoff(random, FIRST_PAUSE, LONGEST_PAUSE);
  }

  void start() {
    Scheduler.Timer timer = scheduler.after(deadline.remaining(), this::answerAtTheDeadline);
    CompletableFuture<Supplier<T>> unused =
        answer.whenComplete((result, problem) -> timer.cancel());
    join();
  }

  T await() {
    Supplier<T> result;
    try {
      result = scheduler.await(answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(Reason.INTERRUPTED, "the calling thread was interrupted");
      result = answer.join();
    }
    return result.get();
  }

  void close() {
    fail(Reason.CLOSED, Reasons.CLOSED);
  }

  private void answerAtTheDeadline() {
    CallUnderWay call = underWay;
    if (call != null) {
      fail(Reason.TIMED_OUT, call.call() + " has not returned before the deadline");
    } else {
      fail(Reason.UNAVAILABLE, "the deadline has passed");
    }
  }

  /** Ends the request, if it has not ended. */
  private void fail(Reason reason, String explanation) {
    LibvirtFault fault = lastFault;
    CallUnderWay hanging = underWay;
    boolean first =
        answer.complete(
            () -> {
              throw new SecretFailedException(reason, explanation, fault);
            });
    if (first) {
      Scheduler.Timer timer = pause;
      if (timer != null) {
        timer.cancel();
      }
      boolean unused = lanes.leave(LANE, this);
      if (hanging != null) {
        lanes.stuck(LANE, this, hanging);
      }
    }
  }

  private void join() {
    if (!answer.isDone() && !lanes.join(LANE, this)) {
      fail(Reason.UNAVAILABLE, "too many requests wait for their turn");
    }
  }

  @Override
  public boolean blocked(Object lane, CallUnderWay before) {
    fail(Reason.UNAVAILABLE, before.describe(scheduler));
    return false;
  }

  @Override
  public void turn() {
    try {
      while (!answer.isDone()) {
        Optional<T> result = rounds.round(this);
        lastFault = null;
        result.ifPresent(value -> answer.complete(() -> value));
      }
    } catch (FaultException e) {
      decide(e.fault());
    } catch (AbandonedException e) {
      // The request was answered meanwhile.
    } catch (SecretFailedException e) {
      // An interrupted caller joins the answer, which would wrap what completes it exceptionally.
      answer.complete(
          () -> {
            throw e;
          });
    } catch (RuntimeException | Error e) {
      answer.completeExceptionally(e);
    }
  }

  private void decide(LibvirtFault fault) {
    lastFault = fault;
    switch (classifier.classify(fault).verdict()) {
      case FATAL -> fail(Reason.REFUSED, "libvirt refuses");
      case RETRYABLE -> pause();
      case ALREADY_DONE, UNKNOWN -> {
        unknownFaults++;
        if (unknownFaults >= MOST_UNKNOWN_FAULTS) {
          fail(Reason.UNAVAILABLE, "libvirt has failed " + unknownFaults + " times");
        } else {
          pause();
        }
      }
    }
  }

  private void pause() {
    pause = scheduler.after(backoff.next(), this::join);
  }

  @Override
  public <R> R call(Call kind, Body<R> body) throws FaultException {
    requireUnanswered();
    if (deadline.hasPassed()) {
      answerAtTheDeadline();
      throw new AbandonedException();
    }
    underWay = new CallUnderWay(kind, scheduler.nanoTime());
    try {
      R result = body.run();
      requireUnanswered();
      return result;
    } finally {
      underWay = null;
    }
  }

  private void requireUnanswered() {
    if (answer.isDone()) {
      throw new AbandonedException();
    }
  }
}
