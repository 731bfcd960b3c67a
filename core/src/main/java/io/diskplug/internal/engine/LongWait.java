// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How long a request that waits for a guest, for QEMU, for a storage or for another process lets
 * the domain alone until it looks again, if no event comes before. In the first ten seconds it
 * looks as often as it likes. After that each look is a load on the daemon that is likely to be in
 * vain, and it looks about every four seconds.
 *
 * <p>What is due at a known time, such as the repetition of a request or the end of a lease, and
 * the deadline are never slept through.
 */
public final class LongWait {

  /** Guests answer within this; a busy one was seen to take nine seconds. */
  private static final Duration SHORT = Duration.ofSeconds(10);

  /**
   * At least so long after a look. A look at the storage reads the domain before the question and
   * after the answer, four views in all: so there are 60 readings in a minute at most.
   */
  private static final Duration LEAST = Duration.ofSeconds(4);

  /**
   * At most so long. A release of which no event tells is to be noticed within five seconds; half a
   * second is left for the turn in the lane, the reading, and the question to QEMU or the storage.
   */
  private static final Duration MOST = Duration.ofMillis(4500);

  /** So long before the deadline is a look, for the answer at the deadline says what was seen. */
  private static final Duration LAST_LOOK = Duration.ofSeconds(1);

  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final Supplier<Duration> remaining;
  private @Nullable Object awaited;
  private @Nullable Long since;

  /**
   * Nothing is waited for yet.
   *
   * @param random draws the pauses, so that several requests do not look at the same time
   * @param remaining the time until the deadline
   */
  public LongWait(Scheduler scheduler, RandomGenerator random, Supplier<Duration> remaining) {
    this.scheduler = scheduler;
    this.random = random;
    this.remaining = remaining;
  }

  /**
   * Says what is waited for. A wait for anything else than before begins anew.
   *
   * @param what equal as long as nothing has moved on
   */
  public void isFor(Object what) {
    if (!Objects.equals(what, awaited)) {
      awaited = what;
      since = null;
    }
  }

  /**
   * How long to wait until the next look.
   *
   * @param usual the pause in the first seconds; never is a pause shorter
   * @param due after how long something may be due; what is not positive does not count
   */
  public Duration next(Duration usual, Stream<Duration> due) {
    long now = scheduler.nanoTime();
    if (since == null) {
      since = now;
    }
    if (now - since < SHORT.toNanos()) {
      return usual;
    }
    long most = LEAST.toNanos() + random.nextLong(MOST.minus(LEAST).toNanos() + 1);
    Duration last = remaining.get().minus(LAST_LOOK);
    Duration pause =
        Stream.concat(due, Stream.of(last))
            .filter(LongWait::isPositive)
            .reduce(Duration.ofNanos(most), LongWait::shorter);
    return !isPositive(last) || pause.compareTo(usual) < 0 ? usual : pause;
  }

  private static boolean isPositive(Duration duration) {
    return !duration.isZero() && !duration.isNegative();
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
