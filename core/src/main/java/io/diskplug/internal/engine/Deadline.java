// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import java.time.Duration;
import java.util.function.LongSupplier;

/** The point in time after which a request must have returned. */
public final class Deadline {

  /** Nanoseconds in a long end after 292 years. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final LongSupplier nanoTime;
  private final long end;

  private Deadline(LongSupplier nanoTime, long end) {
    this.nanoTime = nanoTime;
    this.end = end;
  }

  /**
   * Checks what a caller has set.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public static void requirePositive(Duration budget) {
    if (budget.isNegative() || budget.isZero()) {
      throw new IllegalArgumentException("the deadline is not in the future: " + budget);
    }
  }

  public static Deadline after(LongSupplier nanoTime, Duration budget) {
    Duration bounded = budget.compareTo(LONGEST) < 0 ? budget : LONGEST;
    return new Deadline(nanoTime, nanoTime.getAsLong() + bounded.toNanos());
  }

  /** What is left; zero when the deadline has passed. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, end - nanoTime.getAsLong()));
  }

  public boolean hasPassed() {
    return remaining().isZero();
  }
}
