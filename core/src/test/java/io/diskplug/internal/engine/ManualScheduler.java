// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Runs what it is given when it is told to. */
public final class ManualScheduler implements Scheduler {
  public final Deque<Runnable> tasks = new ArrayDeque<>();
  public final List<Runnable> timers = new ArrayList<>();
  public long now;

  @Override
  public long nanoTime() {
    return now;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    timers.add(task);
    return () -> timers.remove(task);
  }

  @Override
  public <T> T await(CompletableFuture<T> future) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}

  public void runAll() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
