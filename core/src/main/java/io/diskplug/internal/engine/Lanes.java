// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One lane for each domain: the turns of the requests on one domain run one after another, first
 * in, first out, on the workers of a scheduler. A lane whose turn hangs in a call lets no request
 * pass. Safe for use by several threads.
 */
public final class Lanes {

  /** A call that has just outlasted its request may be about to return. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** What wants to have turns. */
  public interface QueuedRequest {
    /** Has its turn. */
    void turn();

    /**
     * Is told that the turn before its own hangs in a call whose request has ended. It may have had
     * its turn, or have left the lane, meanwhile.
     *
     * @param lane the key of the lane
     * @return whether to wait all the same
     */
    boolean blocked(Object lane, CallUnderWay call);
  }

  private static final class Lane {
    final Deque<QueuedRequest> waiting = new ArrayDeque<>();
    @Nullable QueuedRequest running;

    /** The call that the one running hangs in, after its request has ended. */
    @Nullable CallUnderWay stuck;

    int size() {
      return waiting.size() + (running == null ? 0 : 1);
    }
  }

  private final Scheduler scheduler;
  private final int mostInALane;
  private final Map<Object, Lane> lanes = new HashMap<>(); // guarded by this

  /**
   * Lanes without requests.
   *
   * @param scheduler runs the turns
   * @param mostInALane how many may be in a lane, the one that runs included
   */
  public Lanes(Scheduler scheduler, int mostInALane) {
    this.scheduler = scheduler;
    this.mostInALane = mostInALane;
  }

  /**
   * Joins the end of a lane.
   *
   * @return false if the lane is full
   */
  public boolean join(Object key, QueuedRequest passenger) {
    CallUnderWay stuck;
    synchronized (this) {
      Lane lane = lanes.computeIfAbsent(key, k -> new Lane());
      if (lane.size() >= mostInALane) {
        return false;
      }
      lane.waiting.add(passenger);
      stuck = lane.stuck;
      if (lane.running == null) {
        startNext(key, lane);
      }
    }
    if (stuck != null && hasLastedLong(stuck)) {
      tell(key, passenger, stuck);
    }
    return true;
  }

  /**
   * Leaves the lane before its turn has begun.
   *
   * @return false if it did not wait there
   */
  public synchronized boolean leave(Object key, QueuedRequest passenger) {
    Lane lane = lanes.get(key);
    if (lane == null) {
      return false;
    }
    boolean left = lane.waiting.remove(passenger);
    removeIfEmpty(key, lane);
    return left;
  }

  /** The request whose turn it is has ended, and its turn hangs in a call. */
  public void stuck(Object key, QueuedRequest passenger, CallUnderWay call) {
    synchronized (this) {
      Lane lane = lanes.get(key);
      if (lane == null || lane.running != passenger) {
        return;
      }
      lane.stuck = call;
    }
    Duration patience = PATIENCE.minus(call.since(scheduler));
    if (patience.isNegative() || patience.isZero()) {
      tellThoseWaiting(key, call);
    } else {
      scheduler.after(patience, () -> tellThoseWaiting(key, call));
    }
  }

  private void tellThoseWaiting(Object key, CallUnderWay call) {
    List<QueuedRequest> told;
    synchronized (this) {
      Lane lane = lanes.get(key);
      if (lane == null || !call.equals(lane.stuck)) {
        return;
      }
      told = new ArrayList<>(lane.waiting);
    }
    for (QueuedRequest passenger : told) {
      tell(key, passenger, call);
    }
  }

  private void tell(Object key, QueuedRequest passenger, CallUnderWay call) {
    if (!passenger.blocked(key, call)) {
      boolean unused = leave(key, passenger);
    }
  }

  private boolean hasLastedLong(CallUnderWay call) {
    return call.since(scheduler).compareTo(PATIENCE) >= 0;
  }

  private void startNext(Object key, Lane lane) {
    QueuedRequest next = lane.waiting.poll();
    lane.running = next;
    if (next != null) {
      scheduler.execute(() -> run(key, lane, next));
    }
  }

  private void run(Object key, Lane lane, QueuedRequest passenger) {
    try {
      passenger.turn();
    } finally {
      synchronized (this) {
        lane.stuck = null;
        startNext(key, lane);
        removeIfEmpty(key, lane);
      }
    }
  }

  private void removeIfEmpty(Object key, Lane lane) {
    if (lane.size() == 0) {
      lanes.remove(key, lane);
    }
  }
}
