// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import io.diskplug.internal.engine.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One thread, that of whoever waits for a request, and a clock that moves on by a millisecond
 * whenever somebody looks at it and jumps to the next timer when there is nothing to do.
 */
public final class SteppedTime implements Scheduler {

  private record Later(long at, Runnable task) {}

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<Later> timers = new ArrayList<>();
  private boolean working;
  private long now;

  /** The pauses that requests made, as long as they wanted them. */
  public final List<Duration> waits = new ArrayList<>();

  /** Something that happens so long after the start of the clock. */
  public void at(Duration when, Runnable happens) {
    timers.add(new Later(when.toNanos(), happens));
  }

  /** Lets time pass. */
  public void pass(Duration duration) {
    now += duration.toNanos();
  }

  @Override
  public long nanoTime() {
    now += 1_000_000;
    return now;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH.plusNanos(now);
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    // What is set while nothing runs is the deadline of a request.
    Later later = new Later(now + delay.toNanos(), task);
    timers.add(later);
    if (working) {
      waits.add(delay);
    }
    return () -> timers.remove(later);
  }

  @Override
  public <T> T await(CompletableFuture<T> future) throws InterruptedException {
    working = true;
    try {
      while (!future.isDone()) {
        Runnable task = tasks.poll();
        (task == null ? nextTimer() : task).run();
      }
      return future.join();
    } finally {
      working = false;
    }
  }

  private Runnable nextTimer() {
    Later next =
        timers.stream()
            .min(Comparator.comparingLong(Later::at))
            .orElseThrow(() -> new IllegalStateException("nothing will ever happen"));
    timers.remove(next);
    now = Math.max(now, next.at());
    return next.task();
  }

  @Override
  public void close() {}
}
