// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeartbeatTest {

  private long now = 1000;
  private final Heartbeat heartbeat = new Heartbeat(() -> now);

  private void pass(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private long lateMillis() {
    return TimeUnit.NANOSECONDS.toMillis(heartbeat.late());
  }

  @Test
  void aSleepThatEndsInTimeIsNotLate() {
    pass(20);
    heartbeat.beat();
    pass(20);
    assertThat(lateMillis()).isZero();
  }

  @Test
  void whatSleepsAreLateAddsUp() {
    pass(120);
    heartbeat.beat();
    pass(50);
    heartbeat.beat();
    assertThat(lateMillis()).isEqualTo(100 + 30);
  }

  @Test
  void aSleepUnderWayIsLateBeforeItEnds() {
    pass(3020);
    assertThat(lateMillis()).isEqualTo(3000);
    heartbeat.beat();
    assertThat(lateMillis()).isEqualTo(3000);
  }

  @Test
  void onlyWhatFallsIntoARequestCountsForIt() {
    pass(1020);
    long before = lateMillis();
    pass(500);
    long after = lateMillis();
    heartbeat.beat();
    assertThat(after - before).isEqualTo(500);
  }

  @Test
  void nobodyLosesMoreTimeThanHasPassed() {
    long start = now;
    long before = heartbeat.late();
    for (int i = 0; i < 100; i++) {
      pass(1 + i * 7 % 60);
      if (i % 3 == 0) {
        heartbeat.beat();
      }
      assertThat(heartbeat.late() - before).isBetween(0L, now - start);
    }
  }
}
