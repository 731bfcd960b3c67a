// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses that double from one to the next up to a bound. Each is drawn from the upper half of its
 * range, so that several requests that failed together do not come back together.
 */
final class Backoff {

  private final RandomGenerator random;
  private final long first;
  private final long most;
  private long next;

  Backoff(RandomGenerator random, Duration first, Duration most) {
    this.random = random;
    this.first = first.toNanos();
    this.next = this.first;
    this.most = most.toNanos();
  }

  Duration next() {
    long pause = next / 2 + random.nextLong(next / 2 + 1);
    next = Math.min(most, next * 2);
    return Duration.ofNanos(pause);
  }

  /** Things have moved on: the next pause is as short as the first one. */
  void restart() {
    next = first;
  }
}
