// SPDX-License-Identifier: Apache-2.0
package io.diskplug.history;

import io.diskplug.internal.engine.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;

/**
 * One clock and one thread for several processes. A task that is in a call may let others have
 * their turn before it returns, so that processes meet between any two calls.
 */
final class VirtualTime {

  /** So much goes by whenever somebody looks at the clock. */
  private static final long LOOK_NANOS = 50_000;

  private record Ready(OfProcess owner, Runnable task) {}

  private record Later(long at, long number, OfProcess owner, Runnable task) {}

  private final Deque<Ready> ready = new ArrayDeque<>();
  private final PriorityQueue<Later> timers =
      new PriorityQueue<>(Comparator.comparingLong(Later::at).thenComparingLong(Later::number));
  private long now;
  private long number;

  /** The scheduler of a process, which ends with it. */
  final class OfProcess implements Scheduler {
    private boolean ended;

    @Override
    public long nanoTime() {
      now += LOOK_NANOS;
      return now;
    }

    @Override
    public void execute(Runnable task) {
      ready.add(new Ready(this, task));
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
      Later later = new Later(now + delay.toNanos(), number++, this, task);
      timers.add(later);
      return () -> timers.remove(later);
    }

    @Override
    public <T> T await(CompletableFuture<T> future) {
      while (!future.isDone()) {
        if (!step()) {
          throw new IllegalStateException("nothing will ever happen");
        }
      }
      return future.join();
    }

    @Override
    public void close() {
      ended = true;
    }
  }

  OfProcess process() {
    return new OfProcess();
  }

  long now() {
    return now;
  }

  /** One task, or if none is ready the next timer. */
  boolean step() {
    return runReady() || runTimer(Long.MAX_VALUE);
  }

  /** One task, if one is ready. */
  boolean runReady() {
    Ready next = ready.poll();
    if (next == null) {
      return false;
    }
    if (!next.owner().ended) {
      next.task().run();
    }
    return true;
  }

  private boolean runTimer(long until) {
    Later next = timers.peek();
    if (next == null || next.at() > until) {
      return false;
    }
    timers.remove(next);
    now = Math.max(now, next.at());
    if (!next.owner().ended) {
      next.task().run();
    }
    return true;
  }

  /** Lets time pass, with all that happens in it. */
  void pass(Duration duration) {
    long until = now + duration.toNanos();
    boolean busy = true;
    while (busy && now <= until) {
      busy = runReady() || runTimer(until);
    }
    now = Math.max(now, until);
  }
}
