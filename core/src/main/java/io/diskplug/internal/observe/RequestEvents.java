// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import io.diskplug.alloc.NewController;
import io.diskplug.alloc.Placement;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.PlugListener;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Tells the listener what becomes of one request. Safe for use by several threads. */
public final class RequestEvents {

  private final ListenerDispatcher dispatcher;
  private final PlugListener.Request request;
  private final LongSupplier clock;
  private final long start;
  private final AtomicReference<@Nullable WaitingFor> told = new AtomicReference<>();

  RequestEvents(ListenerDispatcher dispatcher, PlugListener.Request request, LongSupplier clock) {
    this.dispatcher = dispatcher;
    this.request = request;
    this.clock = clock;
    this.start = clock.getAsLong();
    dispatcher.tell(listener -> listener.requested(request));
  }

  public void planned(Placement placement) {
    Duration elapsed = since(start);
    dispatcher.tell(listener -> listener.planned(request, placement, elapsed));
  }

  public void pluggingController(NewController controller) {
    Duration elapsed = since(start);
    dispatcher.tell(listener -> listener.pluggingController(request, controller, elapsed));
  }

  public void called(Call call, @Nullable LibvirtFault fault, long since) {
    Duration took = since(since);
    dispatcher.tell(listener -> listener.called(request, call, Optional.ofNullable(fault), took));
  }

  public void retrying(Unavailable.Reason reason, String explanation, Duration pause) {
    dispatcher.tell(listener -> listener.retrying(request, reason, explanation, pause));
  }

  public void waiting(WaitingFor waitingFor) {
    if (told.getAndSet(waitingFor) != waitingFor) {
      Duration elapsed = since(start);
      dispatcher.tell(listener -> listener.waiting(request, waitingFor, elapsed));
    }
  }

  public void finished(Outcome outcome) {
    Duration elapsed = since(start);
    dispatcher.tell(listener -> listener.finished(request, outcome, elapsed));
  }

  public void failed(Throwable problem) {
    Duration elapsed = since(start);
    dispatcher.tell(listener -> listener.failed(request, problem, elapsed));
  }

  private Duration since(long when) {
    return Duration.ofNanos(clock.getAsLong() - when);
  }
}
