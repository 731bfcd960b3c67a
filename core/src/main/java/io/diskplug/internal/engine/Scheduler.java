// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/**
 * Time, and the threads that requests run on: so that tests can bring their own. Safe for use by
 * several threads.
 */
public interface Scheduler extends AutoCloseable {

  /** A monotonic clock, in nanoseconds, as {@link System#nanoTime()}. */
  long nanoTime();

  /**
   * The wall clock, for what people read, and for how old the notes of other processes are. A
   * scheduler without one counts from 1970.
   */
  default Instant now() {
    return Instant.EPOCH.plusNanos(nanoTime());
  }

  /**
   * Runs a task on a worker, now or as soon as one is free. Does not wait for it.
   *
   * @param task may block for as long as a call to libvirt does
   */
  void execute(Runnable task);

  /**
   * Runs a task after a while.
   *
   * @param delay how long to wait
   * @param task must not block
   */
  Timer after(Duration delay, Runnable task);

  /**
   * Waits for a future that workers and timers complete.
   *
   * @param future the future
   * @throws InterruptedException if the thread is interrupted
   */
  <T> T await(CompletableFuture<T> future) throws InterruptedException;

  /** Runs no more tasks. Does not wait for those under way. */
  @Override
  void close();

  /** A task that is to run later. */
  @FunctionalInterface
  interface Timer {
    /** Forgets the task, if it has not run. */
    void cancel();
  }

  /**
   * Real time and daemon threads.
   *
   * @param workers how many tasks run at a time; those that a call does not return to count
   */
  static Scheduler threads(int workers) {
    return new ThreadScheduler(workers);
  }

  /**
   * Real time, and the daemon threads that all users of a libvirt daemon in this process share.
   *
   * @param daemon names it
   * @param workers how many tasks run at a time, of all users together
   */
  static Scheduler sharedThreads(String daemon, int workers) {
    return SharedScheduler.OF_THIS_PROCESS.of(daemon, workers);
  }
}
