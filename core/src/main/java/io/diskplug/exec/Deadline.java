// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import java.time.Duration;

/** The point in time after which a request must have returned. */
final class Deadline {

  /** Nanoseconds in a long end after 292 years. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final Scheduler scheduler;
  private final long end;

  private Deadline(Scheduler scheduler, long end) {
    this.scheduler = scheduler;
    this.end = end;
  }

  static Deadline after(Scheduler scheduler, Duration budget) {
    Duration bounded = budget.compareTo(LONGEST) < 0 ? budget : LONGEST;
    return new Deadline(scheduler, scheduler.nanoTime() + bounded.toNanos());
  }

  /** What is left; zero when the deadline has passed. */
  Duration remaining() {
    return Duration.ofNanos(Math.max(0, end - scheduler.nanoTime()));
  }

  boolean hasPassed() {
    return remaining().isZero();
  }
}
