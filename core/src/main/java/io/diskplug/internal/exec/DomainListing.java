// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import io.diskplug.fault.Call;
import io.diskplug.internal.engine.CallUnderWay;
import io.diskplug.internal.engine.Lanes;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.KnownDomain;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Lists the domains of the daemon. All listings have one lane, so that a call that hangs costs one
 * worker, and those behind it are told.
 */
final class DomainListing implements Lanes.QueuedRequest {

  private static final String LANE = "the list of domains";

  /**
   * What it comes to.
   *
   * @param domains the domains
   * @param problem why there are none, or null
   */
  record Listed(List<KnownDomain> domains, @Nullable String problem) {}

  private final Job.Surroundings around;
  private final CompletableFuture<Listed> outcome = new CompletableFuture<>();
  private @Nullable CallUnderWay call; // guarded by this
  private boolean over; // guarded by this

  DomainListing(Job.Surroundings around) {
    this.around = around;
  }

  CompletableFuture<Listed> outcome() {
    return outcome;
  }

  void start() {
    if (!around.lanes().join(LANE, this)) {
      end("too many requests wait for their turn");
    }
  }

  void endAtTheDeadline() {
    boolean isSent;
    synchronized (this) {
      isSent = call != null;
    }
    end(
        isSent
            ? Call.LIST_DOMAINS + " has not returned before the deadline"
            : "the deadline passed before the daemon was asked for its domains");
  }

  /** Ends it, if it has not ended. */
  void end(String explanation) {
    CallUnderWay hanging;
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      hanging = call;
    }
    boolean unused = around.lanes().leave(LANE, this);
    if (hanging != null) {
      around.lanes().stuck(LANE, this, hanging);
    }
    outcome.complete(new Listed(List.of(), explanation));
  }

  @Override
  public boolean blocked(Object lane, CallUnderWay before) {
    synchronized (this) {
      if (call != null) {
        return true; // it has its turn by now
      }
    }
    end(before.describe(around.scheduler()));
    return false;
  }

  @Override
  public void turn() {
    synchronized (this) {
      if (over) {
        return;
      }
      call = new CallUnderWay(Call.LIST_DOMAINS, around.scheduler().nanoTime());
    }
    try {
      Listed listed = list();
      if (isFirst()) {
        outcome.complete(listed);
      }
    } catch (RuntimeException | Error e) {
      if (isFirst()) {
        outcome.completeExceptionally(e);
      }
    }
  }

  private Listed list() {
    try {
      return new Listed(around.hypervisor().domains(), null);
    } catch (FaultException e) {
      return new Listed(List.of(), e.fault().toString());
    }
  }

  /** The call has returned; whether it is what ends the listing. */
  private synchronized boolean isFirst() {
    call = null;
    boolean first = !over;
    over = true;
    return first;
  }
}
