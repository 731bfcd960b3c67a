// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses that double from one to the next up to a bound. Each is drawn from the upper half of its
 * range, so that several requests that failed together do not come back together.
 */
public final class Backoff {

  /** The first pause of a request. */
  public static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  /** QEMU closes an image some milliseconds after the device is gone. */
  private static final Duration FIRST_LOOK = Duration.ofMillis(20);

  private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);

  private final RandomGenerator random;
  private final long first;
  private final long most;
  private long next;

  public Backoff(RandomGenerator random, Duration first, Duration most) {
    this.random = random;
    this.first = first.toNanos();
    this.next = this.first;
    this.most = most.toNanos();
  }

  /** Pauses between looks at what QEMU is about to lose. */
  public static Backoff betweenLooks(RandomGenerator random) {
    return new Backoff(random, FIRST_LOOK, LONGEST_LOOK);
  }

  public Duration next() {
    long pause = next / 2 + random.nextLong(next / 2 + 1);
    next = Math.min(most, next * 2);
    return Duration.ofNanos(pause);
  }

  /** Things have moved on: the next pause is as short as the first one. */
  public void restart() {
    next = first;
  }
}
