// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {

  /** A clock that stands still unless it is set. */
  private long now;

  @Test
  void whatIsLeftShrinksToZeroAndNoFurther() {
    now = 77;
    Deadline deadline = Deadline.after(() -> now, Duration.ofNanos(10));
    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(10));
    assertThat(deadline.hasPassed()).isFalse();

    now = 86;
    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(1));
    assertThat(deadline.hasPassed()).isFalse();

    now = 87;
    assertThat(deadline.remaining()).isZero();
    assertThat(deadline.hasPassed()).isTrue();

    now = 1000;
    assertThat(deadline.remaining()).isZero();
    assertThat(deadline.hasPassed()).isTrue();
  }

  /** The origin of {@link System#nanoTime()} is arbitrary. */
  @Test
  void aClockThatOverflowsIsNoMatter() {
    now = Long.MAX_VALUE - 3;
    Deadline deadline = Deadline.after(() -> now, Duration.ofNanos(10));
    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(10));

    now += 9;
    assertThat(deadline.hasPassed()).isFalse();
    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(1));

    now += 1;
    assertThat(deadline.hasPassed()).isTrue();
  }

  @Test
  void theRealTimeGoesOn() {
    Scheduler real = Scheduler.threads(1);
    long before = real.nanoTime();

    assertThat(real.nanoTime() - before).isBetween(0L, Duration.ofSeconds(20).toNanos());
    assertThat(before - System.nanoTime()).isBetween(-Duration.ofSeconds(20).toNanos(), 0L);
  }
}
