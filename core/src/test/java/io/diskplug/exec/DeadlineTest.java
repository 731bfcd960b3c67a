// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DeadlineTest {

  /** A clock that stands still unless it is set. */
  private static final class SetTime implements Scheduler {
    long now;

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public void execute(Runnable task) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <T> T await(CompletableFuture<T> future) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  private final SetTime time = new SetTime();

  @Test
  void whatIsLeftShrinksToZeroAndNoFurther() {
    time.now = 77;
    Deadline deadline = Deadline.after(time, Duration.ofNanos(10));
    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(10));
    assertThat(deadline.hasPassed()).isFalse();

    time.now = 86;
    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(1));
    assertThat(deadline.hasPassed()).isFalse();

    time.now = 87;
    assertThat(deadline.remaining()).isZero();
    assertThat(deadline.hasPassed()).isTrue();

    time.now = 1000;
    assertThat(deadline.remaining()).isZero();
    assertThat(deadline.hasPassed()).isTrue();
  }

  /** The origin of {@link System#nanoTime()} is arbitrary. */
  @Test
  void aClockThatOverflowsIsNoMatter() {
    time.now = Long.MAX_VALUE - 3;
    Deadline deadline = Deadline.after(time, Duration.ofNanos(10));
    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(10));

    time.now += 9;
    assertThat(deadline.hasPassed()).isFalse();
    assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(1));

    time.now += 1;
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
