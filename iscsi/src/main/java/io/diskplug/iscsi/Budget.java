// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How long a question may take, from now on. */
final class Budget {

  private final long start = System.nanoTime();
  private final long nanos;

  Budget(Duration duration) {
    this(TimeUnit.NANOSECONDS.convert(duration));
  }

  private Budget(long nanos) {
    this.nanos = nanos;
  }

  /** A part of what is left. */
  Budget atMost(Duration duration) {
    return new Budget(Math.min(leftNanos(), duration.toNanos()));
  }

  /** What is left; 0 or less if it is used up. */
  long leftNanos() {
    return nanos - (System.nanoTime() - start);
  }

  /** What is left, in whole milliseconds, and one more for a part of one. */
  int leftMillis() {
    long left = leftNanos();
    return left <= 0
        ? 0
        : (int) Math.min(TimeUnit.NANOSECONDS.toMillis(left - 1) + 1, Integer.MAX_VALUE);
  }

  @Override
  public String toString() {
    return TimeUnit.NANOSECONDS.toMillis(nanos) + " ms";
  }
}
