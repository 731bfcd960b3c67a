// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedSchedulerTest {

  private final SharedScheduler.Pools pools = new SharedScheduler.Pools(ThreadScheduler::new);
  private final AtomicInteger begun = new AtomicInteger();
  private final CountDownLatch open = new CountDownLatch(1);

  private void hang() {
    begun.incrementAndGet();
    try {
      open.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void theUsersOfADaemonHaveItsWorkersTogether() {
    Scheduler one = pools.of("qemu:///system", 2);
    Scheduler two = pools.of("qemu:///system", 2);
    Scheduler elsewhere = pools.of("qemu+tls://other/system", 2);
    for (int i = 0; i < 2; i++) {
      one.execute(this::hang);
      two.execute(this::hang);
    }
    await().until(() -> begun.get() == 2);

    elsewhere.execute(begun::incrementAndGet);

    await().until(() -> begun.get() == 3);
    open.countDown();
    await().until(() -> begun.get() == 5);
  }

  @Test
  void whatOneUserHasLeftHangingCountsForTheNext() {
    Scheduler one = pools.of("daemon", 1);
    one.execute(this::hang);
    await().until(() -> begun.get() == 1);
    one.close();
    one.close();

    Scheduler two = pools.of("daemon", 1);
    two.execute(begun::incrementAndGet);

    await().during(Duration.ofMillis(200)).until(() -> begun.get() == 1);
    open.countDown();
    await().until(() -> begun.get() == 2);
    two.close();
    await().until(() -> pools.size() == 0);
  }

  @Test
  void closingEndsOnesOwnTasksOnly() {
    Scheduler one = pools.of("daemon", 1);
    Scheduler two = pools.of("daemon", 1);
    AtomicInteger run = new AtomicInteger();
    two.execute(this::hang);
    await().until(() -> begun.get() == 1);
    one.execute(() -> run.addAndGet(100));
    List<Scheduler.Timer> timers = new ArrayList<>();
    timers.add(one.after(Duration.ofMillis(1), () -> run.addAndGet(100)));
    two.execute(run::incrementAndGet);
    timers.add(two.after(Duration.ofMillis(50), run::incrementAndGet));

    one.close();
    open.countDown();

    assertThat(timers).hasSize(2);
    await().until(() -> run.get() % 100 == 2);
    assertThat(run.get()).isLessThanOrEqualTo(102); // the timer may have been faster than close
    assertThat(pools.size()).isEqualTo(1);
    two.close();
    await().until(() -> pools.size() == 0);
  }
}
