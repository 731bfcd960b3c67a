// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One lane for each domain: the rounds of the requests on one domain run one after another, first
 * in, first out. Safe for use by several threads.
 */
final class Lanes {

  private final int mostWaiting;
  private final Map<UUID, Lane> lanes = new ConcurrentHashMap<>();

  /**
   * Lanes without any request in them.
   *
   * @param mostWaiting how many requests may be in a lane, the one that runs included
   */
  Lanes(int mostWaiting) {
    this.mostWaiting = mostWaiting;
  }

  /**
   * Waits for the lane of a domain.
   *
   * @return the pass; empty if the lane is full or the deadline passed
   */
  Optional<Pass> enter(UUID domain, Deadline deadline) throws InterruptedException {
    Lane lane = join(domain);
    if (lane == null) {
      return Optional.empty();
    }
    boolean entered = false;
    try {
      entered = lane.lock.tryLock(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      if (!entered) {
        leave(domain);
      }
    }
    return entered
        ? Optional.of(
            () -> {
              lane.lock.unlock();
              leave(domain);
            })
        : Optional.empty();
  }

  private @Nullable Lane join(UUID domain) {
    boolean[] joined = new boolean[1];
    Lane lane =
        lanes.compute(
            domain,
            (uuid, existing) -> {
              Lane current = existing == null ? new Lane() : existing;
              if (current.requests < mostWaiting) {
                current.requests++;
                joined[0] = true;
              }
              return current;
            });
    return joined[0] ? lane : null;
  }

  private void leave(UUID domain) {
    lanes.computeIfPresent(domain, (uuid, lane) -> --lane.requests == 0 ? null : lane);
  }

  /** The right to run a round. */
  interface Pass {
    /** Gives it back; by the thread that got it. */
    void leave();
  }

  private static final class Lane {
    final ReentrantLock lock = new ReentrantLock(true);
    int requests; // changed only inside the map's compute
  }
}
