// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import io.diskplug.alloc.NewController;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.Disk;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.PlugListener;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Tells the listener and the log what becomes of one request. Safe for use by several threads. */
public final class RequestEvents {

  private final ListenerDispatcher dispatcher;
  private final RequestLog log;
  private final PlugListener.Request request;
  private final LongSupplier clock;
  private final boolean isTold;
  private final long start;
  private final AtomicReference<@Nullable WaitingFor> told = new AtomicReference<>();
  private volatile @Nullable UUID domain;
  private volatile @Nullable Disk disk;
  private volatile RequestMdc mdc;

  /**
   * The request was made.
   *
   * @param isTold whether the listener is told of this request
   */
  RequestEvents(
      ListenerDispatcher dispatcher,
      RequestLog log,
      PlugListener.Request request,
      LongSupplier clock,
      boolean isTold) {
    this.dispatcher = dispatcher;
    this.log = log;
    this.request = request;
    this.clock = clock;
    this.isTold = isTold;
    this.start = clock.getAsLong();
    this.mdc = mdcOf(RequestLog.Subject.asked(request.domain()));
    tell(listener -> listener.requested(request));
  }

  private RequestMdc mdcOf(String domain) {
    return RequestMdc.of(
        RequestLog.Subject.name(request), domain, request.volume().map(VolumeRef::id).orElse(null));
  }

  /** Runs a part of the request: what it logs, and what it calls logs, is found by the request. */
  public void during(Runnable part) {
    mdc.during(part);
  }

  /** The domain was found. */
  public void resolved(UUID uuid) {
    domain = uuid;
    mdc = mdcOf(uuid.toString());
    mdc.replaceOwn();
  }

  /** The disk of the volume was seen, before a change or after it. */
  public void saw(Disk seen) {
    disk = seen;
  }

  public void planned(Placement placement) {
    Duration elapsed = since(start);
    if (log.tellsSteps()) {
      during(() -> log.step(subject(), "planned", "target", placement.targetDev()));
    }
    tell(listener -> listener.planned(request, placement, elapsed));
  }

  public void pluggingController(NewController controller) {
    Duration elapsed = since(start);
    tell(listener -> listener.pluggingController(request, controller, elapsed));
  }

  /** A call that changes something is about to be made. */
  public void sent(Call call) {
    Duration elapsed = since(start);
    if (log.tellsSteps()) {
      during(() -> log.step(subject(), "sent", "call", call));
    }
    tell(listener -> listener.sent(request, call, elapsed));
  }

  public void called(Call call, @Nullable LibvirtFault fault, long since) {
    Duration took = since(since);
    if (log.tellsCalls()) {
      during(() -> log.called(subject(), call, fault, took));
    }
    tell(listener -> listener.called(request, call, Optional.ofNullable(fault), took));
  }

  /** The request is answered though a call has not returned. */
  public void abandoned(Call call, long since) {
    Duration lasted = since(since);
    during(() -> log.abandoned(subject(), call, lasted));
  }

  public void retrying(Unavailable.Reason reason, String explanation, Duration pause) {
    if (log.tellsSteps()) {
      during(() -> log.step(subject(), "retrying", "reason", reason));
    }
    tell(listener -> listener.retrying(request, reason, explanation, pause));
  }

  public void waiting(WaitingFor waitingFor) {
    if (told.getAndSet(waitingFor) != waitingFor) {
      Duration elapsed = since(start);
      if (log.tellsSteps()) {
        during(() -> log.step(subject(), "waiting", "for", waitingFor));
      }
      tell(listener -> listener.waiting(request, waitingFor, elapsed));
    }
  }

  /** A step of a repair has ended. */
  public void mended(Repair repair, MendOutcome outcome) {
    if (outcome instanceof Mended mended && VerifiedChange.isOne(mended)) {
      Duration elapsed = since(start);
      during(() -> log.mended(subject(), repair, mended, elapsed));
      tell(listener -> listener.verified(request, mended, elapsed));
    }
  }

  /** To be called once, or {@link #failed}, and before the caller has the outcome. */
  public void finished(Outcome outcome) {
    Duration elapsed = since(start);
    during(() -> log.finished(subject(), outcome, elapsed));
    if (VerifiedChange.isOne(outcome)) {
      tell(listener -> listener.verified(request, outcome, elapsed));
    }
    tellLast(listener -> listener.finished(request, outcome, elapsed));
  }

  /** To be called once, or {@link #finished}, and before the caller has the problem. */
  public void failed(Throwable problem) {
    Duration elapsed = since(start);
    during(() -> log.failed(subject(), problem, elapsed));
    tellLast(listener -> listener.failed(request, problem, elapsed));
  }

  private RequestLog.Subject subject() {
    return new RequestLog.Subject(request, domain, disk);
  }

  private void tell(Consumer<PlugListener> event) {
    if (isTold) {
      dispatcher.tell(mdc, event);
    }
  }

  private void tellLast(Consumer<PlugListener> event) {
    if (isTold) {
      dispatcher.tell(mdc, event);
      dispatcher.ended();
    }
  }

  private Duration since(long when) {
    return Duration.ofNanos(clock.getAsLong() - when);
  }
}
