// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How late this process is. One thread sleeps for 20 ms and writes a space to the log, again and
 * again, and adds up by how much each of these was late: that is what the machine, its disk, or a
 * JVM that stands still takes away from the requests that are measured here. It is one clock for
 * all requests and not a sum over threads, so that no request can have lost more time than has
 * passed.
 */
final class Heartbeat {

  private static final long BEAT_MILLIS = 20;
  private static final long BEAT = TimeUnit.MILLISECONDS.toNanos(BEAT_MILLIS);

  private final LongSupplier nanoTime;

  /** By how much all sleeps that are over were late. */
  private long late;

  /** When the sleep under way should end. */
  private long due;

  Heartbeat(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.due = nanoTime.getAsLong() + BEAT;
  }

  static Heartbeat start() {
    Heartbeat heartbeat = new Heartbeat(System::nanoTime);
    Thread thread = new Thread(heartbeat::beatForEver, "heartbeat");
    thread.setDaemon(true);
    thread.start();
    return heartbeat;
  }

  private void beatForEver() {
    while (true) {
      Sleep.millis(BEAT_MILLIS);
      // Where the log goes: a disk that takes no writes stops every thread that logs.
      System.err.print(' ');
      beat();
    }
  }

  /** A sleep is over, and the next one begins. */
  synchronized void beat() {
    long now = nanoTime.getAsLong();
    late += overdue(now);
    due = now + BEAT;
  }

  /**
   * By how much all sleeps were late up to now, in nanoseconds, that under way included. It grows,
   * and never faster than time passes.
   */
  synchronized long late() {
    return late + overdue(nanoTime.getAsLong());
  }

  private long overdue(long now) {
    return Math.max(0, now - due);
  }
}
