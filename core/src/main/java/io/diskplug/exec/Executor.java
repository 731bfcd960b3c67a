// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.Condition;
import io.diskplug.fault.FaultClassifier;
import io.diskplug.fault.FaultException;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.PlanOutcome;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.DomainHandle;
import io.diskplug.spi.Hypervisor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Runs requests: each in the thread of its caller, its rounds in the lane of its domain, its calls
 * on threads that may be lost. Safe for use by several threads.
 */
public final class Executor implements AutoCloseable {

  /** A guest that has this many requests waiting needs attention, and not one more request. */
  private static final int MOST_REQUESTS_PER_DOMAIN = 64;

  private static final String CLOSED = "this library was closed";

  private final Hypervisor hypervisor;
  private final FaultClassifier classifier;
  private final Proof required;
  private final Time time;
  private final RandomGenerator random;
  private final BoundedCalls calls;
  private final Unplugs unplugs;
  private final Lanes lanes = new Lanes(MOST_REQUESTS_PER_DOMAIN);
  private volatile boolean closed;

  /**
   * An executor on a hypervisor, which stays the caller's to close.
   *
   * @param hypervisor the port
   * @param classifier says what faults mean
   * @param required what a detach must have seen
   * @param time time and waiting
   * @param random spreads pauses; must be safe for use by several threads
   */
  public Executor(
      Hypervisor hypervisor,
      FaultClassifier classifier,
      Proof required,
      Time time,
      RandomGenerator random) {
    this.hypervisor = hypervisor;
    this.classifier = classifier;
    this.required = required;
    this.time = time;
    this.random = random;
    this.calls = new BoundedCalls(time);
    this.unplugs = new Unplugs(time);
  }

  /**
   * Attaches.
   *
   * @param ref the domain
   * @param source the disk
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive, or the source's element is not
   *     that of its volume and bus
   */
  public AttachOutcome attach(DomainRef ref, DiskSource source, Duration budget) {
    Disk wanted = DiskElements.wanted(source);
    return run(
        ref,
        budget,
        (domain, trace) ->
            new AttachRequest(domain, source, wanted, trace, classifier, random, time, unplugs),
        outcome -> outcome);
  }

  /**
   * Detaches.
   *
   * @param ref the domain
   * @param volume the volume
   * @param budget how long it may take; positive
   */
  public DetachOutcome detach(DomainRef ref, VolumeRef volume, Duration budget) {
    return run(
        ref,
        budget,
        (domain, trace) ->
            new DetachRequest(domain, volume, trace, classifier, random, time, unplugs, required),
        outcome -> outcome);
  }

  /**
   * Plans.
   *
   * @param ref the domain
   * @param disks the disks
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive, or a disk's element is not that
   *     of its volume and bus
   */
  public PlanOutcome plan(DomainRef ref, List<? extends DiskSource> disks, Duration budget) {
    List<DiskSource> copy = List.copyOf(disks);
    copy.forEach(DiskElements::wanted);
    return run(
        ref,
        budget,
        (domain, trace) -> new PlanRequest(domain, copy, trace, classifier, random, time),
        outcome -> outcome);
  }

  /** Makes a request for a domain that has been found. */
  @FunctionalInterface
  private interface Maker<O> {
    Request<O> make(BoundedDomain domain, Trace trace);
  }

  private <O> O run(DomainRef ref, Duration budget, Maker<O> maker, Function<NotDone, O> notDone) {
    if (budget.isNegative() || budget.isZero()) {
      throw new IllegalArgumentException("the deadline is not in the future: " + budget);
    }
    Deadline deadline = Deadline.after(time, budget);
    Trace trace = new Trace(ref);
    if (closed) {
      return notDone.apply(later(Unavailable.Reason.CLOSED, CLOSED, trace));
    }
    Optional<BoundedCalls.Outstanding> stuck = calls.outstanding(ref);
    if (stuck.isPresent()) {
      return notDone.apply(
          later(Unavailable.Reason.CALL_OUTSTANDING, stuck.get().describe(time), trace));
    }
    DomainHandle handle;
    try {
      handle = calls.call(ref, Call.LOOKUP, deadline, () -> hypervisor.lookup(ref));
    } catch (FaultException e) {
      trace.fault(e.fault());
      return notDone.apply(notFound(e, trace));
    } catch (CallUnfinishedException e) {
      if (closed) {
        return notDone.apply(later(Unavailable.Reason.CLOSED, CLOSED, trace));
      }
      return notDone.apply(later(Unavailable.Reason.CONNECTION_LOST, message(e), trace));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return notDone.apply(
          later(Unavailable.Reason.INTERRUPTED, "the calling thread was interrupted", trace));
    }
    trace.resolved(handle.uuid());
    try (Request<O> request = maker.make(new BoundedDomain(handle, calls, deadline), trace)) {
      return drive(handle.uuid(), request, deadline);
    }
  }

  private <O> O drive(UUID domain, Request<O> request, Deadline deadline) {
    try {
      while (true) {
        if (closed) {
          return request.closed();
        }
        if (deadline.hasPassed()) {
          return request.deadlinePassed();
        }
        Step<O> step = turn(domain, request, deadline);
        if (step instanceof Step.Done<O> done) {
          return done.outcome();
        }
        if (step instanceof Step.Wait<O> wait) {
          Duration left = deadline.remaining();
          time.await(wait.signal(), wait.atMost().compareTo(left) < 0 ? wait.atMost() : left);
        }
      }
    } catch (CallUnfinishedException e) {
      return closed ? request.closed() : request.unfinished(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return request.interrupted();
    }
  }

  /** One turn in the domain's lane: rounds, until one wants to wait or the request has ended. */
  private <O> Step<O> turn(UUID domain, Request<O> request, Deadline deadline)
      throws CallUnfinishedException, InterruptedException {
    Optional<Lanes.Pass> entered = lanes.enter(domain, deadline);
    if (entered.isEmpty()) {
      return request.laneBusy(deadline.hasPassed());
    }
    Lanes.Pass pass = entered.get();
    try {
      Optional<BoundedCalls.Outstanding> stuck = calls.outstanding(domain);
      if (stuck.isPresent()) {
        return request.callOutstanding(stuck.get().since(time), stuck.get().describe(time));
      }
      Step<O> step = request.round();
      while (step instanceof Step.Again<O> && !deadline.hasPassed()) {
        step = request.round();
      }
      return step;
    } finally {
      pass.leave();
    }
  }

  private NotDone notFound(FaultException e, Trace trace) {
    Condition condition = classifier.classify(e.fault()).condition();
    return switch (condition) {
      case DOMAIN_NOT_FOUND, NOT_PERMITTED ->
          new Rejected(Troubles.rejection(condition), message(e), List.of(), trace.observation());
      default -> later(Troubles.reason(condition), message(e), trace);
    };
  }

  private static Unavailable later(Unavailable.Reason reason, String explanation, Trace trace) {
    return new Unavailable(reason, explanation, Request.RETRY_SOON, trace.observation());
  }

  private static String message(Exception e) {
    return String.valueOf(e.getMessage());
  }

  /**
   * Takes no new requests. Those under way end before their next call to the hypervisor; their
   * calls under way are abandoned. Does not block.
   */
  @Override
  public void close() {
    closed = true;
    calls.close();
  }
}
