// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import io.diskplug.domain.DomainRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.LongJobs;
import io.diskplug.internal.engine.Backoff;
import io.diskplug.internal.engine.CallUnderWay;
import io.diskplug.internal.engine.Calls;
import io.diskplug.internal.engine.Deadline;
import io.diskplug.internal.engine.Lanes;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.engine.Signal;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.engine.Task;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.observe.LogLine;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.observe.RequestEvents;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.reason.Reasons;
import io.diskplug.outcome.Attempts;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request on its way: finds its domain, has turns in its lane, waits outside of it, and is
 * answered at its deadline wherever it is then.
 *
 * <p>The lock is held while a turn thinks, and not while it is in a call or waits: the thread that
 * holds it may answer the request. A turn that comes back from a call and finds the request
 * answered goes no further.
 *
 * @param <O> the outcomes of the request
 */
final class Job<O> implements Lanes.QueuedRequest, Calls, RunningRequest<O> {

  private static final Logger log = LoggerFactory.getLogger("io.diskplug.request");

  /** Makes a request for a domain that has been found. */
  @FunctionalInterface
  interface Maker<O> {
    Task<O> make(DomainAccess domain, ObservationLog observations);
  }

  /**
   * What all requests of an executor share.
   *
   * @param hypervisor the port
   * @param classifier says what faults mean
   * @param scheduler time and threads
   * @param lanes the turns
   * @param longJobs the domains that may have a long job
   */
  record Surroundings(
      HypervisorPort hypervisor,
      FaultClassifier classifier,
      Scheduler scheduler,
      Lanes lanes,
      LongJobs longJobs) {}

  private final Surroundings around;
  private final DomainRef ref;
  private final Deadline deadline;
  private final RequestEvents events;
  private final Consumer<O> finished;
  private final ObservationLog observations;
  private final Maker<O> maker;
  private final Function<NotDone, O> notDone;
  private final UnaryOperator<Object> lanes;

  private final long begun;
  private final CompletableFuture<O> outcome = new CompletableFuture<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean pausing = new AtomicBoolean();

  /** The lane: that of the domain, or while only its name is known that of the name. */
  private volatile Object lane;

  private @Nullable Task<O> request; // guarded by the lock
  private @Nullable CallUnderWay call; // guarded by the lock
  private boolean over; // guarded by the lock
  private volatile Scheduler.@Nullable Timer pause;

  Job(
      Surroundings around,
      DomainRef ref,
      Duration budget,
      RequestEvents events,
      Consumer<O> finished,
      Maker<O> maker,
      Function<NotDone, O> notDone,
      UnaryOperator<Object> lanes) {
    this.around = around;
    this.ref = ref;
    this.begun = around.scheduler().nanoTime();
    this.deadline = Deadline.after(around.scheduler()::nanoTime, budget);
    this.events = events;
    this.finished = finished;
    this.observations = new ObservationLog(ref, events);
    this.maker = maker;
    this.notDone = notDone;
    this.lanes = lanes;
    this.lane = lanes.apply(ref.byUuid().<Object>map(uuid -> uuid).orElse(ref));
  }

  @Override
  public CompletableFuture<O> outcome() {
    return outcome;
  }

  /** Runs an action when the request is answered, or now if it is. */
  private void whenOver(Runnable action) {
    CompletableFuture<O> unused = outcome.whenComplete((result, problem) -> action.run());
  }

  @Override
  public void start() {
    Scheduler.Timer timer =
        around.scheduler().after(deadline.remaining(), this::answerAtTheDeadline);
    whenOver(timer::cancel);
    join();
  }

  @Override
  public void interrupt() {
    answer(
        () ->
            request == null
                ? later(Unavailable.Reason.INTERRUPTED, Reasons.INTERRUPTED)
                : request.interrupted());
  }

  @Override
  public void close() {
    answer(
        () ->
            request == null ? later(Unavailable.Reason.CLOSED, Reasons.CLOSED) : request.closed());
  }

  private void answerAtTheDeadline() {
    answer(
        () -> {
          if (request != null) {
            return call == null ? request.deadlinePassed() : request.unfinished(call.call());
          }
          return call == null
              ? later(
                  Unavailable.Reason.LANE_BUSY, "the deadline passed before the request had a turn")
              : later(
                  Unavailable.Reason.CONNECTION_LOST,
                  call.call()
                      + " has not returned before the deadline: the daemon does not answer, or"
                      + " keeps the domain locked, as while it ends a QEMU that does not exit");
        });
  }

  /** Whether the request was answered while it was in a call that has not returned yet. */
  boolean hangs() {
    lock.lock();
    try {
      return over && call != null;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the request if it is in this call still. */
  private void answerWithout(CallUnderWay hanging) {
    lock.lock();
    try {
      if (hanging.equals(call)) {
        answerAtTheDeadline();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the request, if it has not ended, with an answer that is made under the lock. */
  private void answer(Supplier<O> answer) {
    events.during(() -> answerIfNotOver(answer));
  }

  private void answerIfNotOver(Supplier<O> answer) {
    O result;
    CallUnderWay hanging;
    lock.lock();
    try {
      if (over) {
        return;
      }
      result = answer.get();
      hanging = call;
      finish();
    } finally {
      lock.unlock();
    }
    boolean unused = around.lanes().leave(lane, this);
    if (hanging != null) {
      around.lanes().stuck(lane, this, hanging);
      events.abandoned(hanging.call(), hanging.sinceNanos());
    }
    complete(result);
  }

  /** Told first: who sees the outcome may close the library, after which nothing is told. */
  private void complete(O result) {
    try {
      finished.accept(result);
    } finally {
      outcome.complete(result);
    }
  }

  /** With the lock held. */
  private void finish() {
    over = true;
    Scheduler.Timer timer = pause;
    if (timer != null) {
      timer.cancel();
    }
    if (request != null) {
      try {
        request.close();
      } catch (RuntimeException e) {
        // The port is public: a subscription that cannot be closed must not keep the answer back.
        log.warn("{}", LogLine.of("close-failed").with("problem", e.getClass().getName()));
        log.debug("close-failed", e);
      }
    }
  }

  private void join() {
    if (!around.lanes().join(lane, this)) {
      turnedAway();
    }
  }

  /** Ends the request because it is not served, before libvirt is asked for anything. */
  void refuse(Rejected.Reason reason, String explanation) {
    answer(
        () ->
            notDone.apply(
                new Rejected(reason, explanation, List.of(), observations.observation())));
  }

  @Override
  public void turnAway() {
    answer(() -> inHandOr(Unavailable.Reason.LANE_BUSY, "too many requests wait for their turn"));
  }

  private void turnedAway() {
    boolean stays;
    lock.lock();
    try {
      stays = request != null && request.changed();
    } finally {
      lock.unlock();
    }
    if (stays) {
      // It has to look what became of its change, and does so when there is room.
      pause(new Signal(), Backoff.FIRST_PAUSE);
    } else {
      turnAway();
    }
  }

  @Override
  public boolean blocked(Object told, CallUnderWay before) {
    String explanation = before.describe(around.scheduler());
    lock.lock();
    try {
      if (over || call != null || (request != null && request.changed())) {
        return !over;
      }
      // It may have begun its turn meanwhile, wait outside of the lane, or have changed to another.
      if (!told.equals(lane) || !around.lanes().leave(told, this)) {
        return true;
      }
      if (lane instanceof InspectionLane first && !first.isSecond()) {
        lane = first.second();
        join();
        return false;
      }
      // Answered with the lock held, so that its turn cannot begin in between.
      answer(() -> inHandOr(Unavailable.Reason.CALL_OUTSTANDING, explanation));
      return false;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void turn() {
    events.during(this::haveTurn);
  }

  private void haveTurn() {
    Runnable next = () -> {};
    lock.lock();
    try {
      if (!over) {
        next = advance();
      }
    } catch (AbandonedException e) {
      // The request was answered meanwhile.
    } catch (RuntimeException | Error e) {
      if (!over) {
        finish();
        next =
            () -> {
              try {
                events.failed(e);
              } finally {
                outcome.completeExceptionally(e);
              }
            };
      }
    } finally {
      lock.unlock();
    }
    next.run();
  }

  /** One turn; returns what remains to be done without the lock. */
  private Runnable advance() {
    Task<O> current = request;
    if (current == null) {
      DomainHandle domain;
      try {
        domain = call(Call.LOOKUP, () -> around.hypervisor().lookup(ref));
      } catch (FaultException e) {
        observations.fault(e.fault());
        return done(notDone.apply(notFound(e)));
      }
      observations.resolved(domain.uuid());
      current =
          maker.make(new DomainAccess(domain, this, deadline, around.longJobs()), observations);
      request = current;
      Object known = laneOf(domain.uuid());
      if (!lane.equals(known)) {
        lane = known;
        return this::join;
      }
    }
    Step<O> step = current.round();
    while (step instanceof Step.Again<O> && !deadline.hasPassed()) {
      step = current.round();
    }
    if (step instanceof Step.Done<O> end) {
      return done(end.outcome());
    }
    if (step instanceof Step.Wait<O> wait && !deadline.hasPassed()) {
      return () -> pause(wait.signal(), wait.atMost());
    }
    return done(current.deadlinePassed());
  }

  private Object laneOf(Object domain) {
    Object first = lanes.apply(domain);
    return lane instanceof InspectionLane here
            && here.isSecond()
            && first instanceof InspectionLane inspections
        ? inspections.second()
        : first;
  }

  private Runnable done(O result) {
    finish();
    return () -> complete(result);
  }

  private void pause(Signal signal, Duration atMost) {
    pausing.set(true);
    Runnable wake =
        () -> {
          if (pausing.compareAndSet(true, false)) {
            // A signal during the turn is for the next pause, and must not be heard by this one.
            signal.stop();
            join();
          }
        };
    Scheduler.Timer timer = around.scheduler().after(atMost, wake);
    pause = timer;
    signal.listen(
        () -> {
          timer.cancel();
          wake.run();
        });
  }

  @Override
  public <T> T call(Call kind, Body<T> body) throws FaultException {
    if (over) {
      throw new AbandonedException();
    }
    if (deadline.hasPassed()) {
      lock.unlock();
      try {
        answerAtTheDeadline();
      } finally {
        lock.lock();
      }
      throw new AbandonedException();
    }
    if (kind.isChange()) {
      events.sent(kind);
    }
    CallUnderWay begun = new CallUnderWay(kind, around.scheduler().nanoTime());
    call = begun;
    Optional<Scheduler.Timer> impatient =
        Optional.ofNullable(request)
            .flatMap(current -> current.patience(kind))
            .map(atMost -> around.scheduler().after(atMost, () -> answerWithout(begun)));
    try {
      T result = withoutTheLock(kind, body);
      if (over) {
        throw new AbandonedException();
      }
      return result;
    } catch (FaultException e) {
      if (over) {
        throw new AbandonedException();
      }
      throw e;
    } finally {
      call = null;
      impatient.ifPresent(Scheduler.Timer::cancel);
    }
  }

  private <T> T withoutTheLock(Call kind, Body<T> body) throws FaultException {
    long start = around.scheduler().nanoTime();
    lock.unlock();
    try {
      T result = body.run();
      events.called(kind, null, start);
      return result;
    } catch (FaultException e) {
      events.called(kind, e.fault(), start);
      throw e;
    } finally {
      lock.lock();
    }
  }

  private NotDone notFound(FaultException e) {
    Condition condition = around.classifier().classify(e.fault()).condition();
    String message = String.valueOf(e.getMessage());
    return switch (condition) {
      case DOMAIN_NOT_FOUND ->
          new Rejected(
              Reasons.rejection(condition),
              Reasons.noSuchDomain(ref),
              List.of(),
              observations.observation());
      case NOT_PERMITTED ->
          new Rejected(
              Reasons.rejection(condition), message, List.of(), observations.observation());
      default -> unavailable(Reasons.reason(condition), message);
    };
  }

  /** For a request that gets no other turn: what it has come to by now, or why there is none. */
  private O inHandOr(Unavailable.Reason reason, String explanation) {
    Task<O> begun = request;
    return (begun == null ? Optional.<O>empty() : begun.inHand())
        .orElseGet(() -> later(reason, explanation));
  }

  private O later(Unavailable.Reason reason, String explanation) {
    return notDone.apply(unavailable(reason, explanation));
  }

  private Unavailable unavailable(Unavailable.Reason reason, String explanation) {
    observations.attempts(
        new Attempts(
            1,
            Duration.ofNanos(around.scheduler().nanoTime() - begun),
            observations.lastFault().map(LibvirtFault::toString),
            Reasons.advice(reason)));
    return new Unavailable(reason, explanation, Reasons.RETRY_SOON, observations.observation());
  }
}
