// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ThreadSchedulerTest {

  private final Scheduler scheduler = Scheduler.threads(2);
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void close() {
    end.countDown();
    scheduler.close();
  }

  private void block() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void tasksRunOnDaemonThreadsThatCanBeRecognized() throws Exception {
    CompletableFuture<Thread> worker = new CompletableFuture<>();
    CompletableFuture<Thread> timer = new CompletableFuture<>();
    scheduler.execute(() -> worker.complete(Thread.currentThread()));
    scheduler.after(Duration.ofMillis(1), () -> timer.complete(Thread.currentThread()));

    assertThat(scheduler.await(worker))
        .satisfies(thread -> assertThat(thread.isDaemon()).isTrue())
        .satisfies(thread -> assertThat(thread.getName()).startsWith("diskplug-worker-"));
    assertThat(scheduler.await(timer))
        .satisfies(thread -> assertThat(thread.isDaemon()).isTrue())
        .satisfies(thread -> assertThat(thread.getName()).startsWith("diskplug-timer-"));
  }

  @Test
  void soManyTasksRunAtATimeAndTimersRunBesideThem() throws Exception {
    AtomicInteger started = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      scheduler.execute(
          () -> {
            started.incrementAndGet();
            block();
          });
    }
    CompletableFuture<Integer> later = new CompletableFuture<>();
    scheduler.after(Duration.ofMillis(200), () -> later.complete(started.get()));

    assertThat(scheduler.await(later)).isEqualTo(2);
  }

  @Test
  void aTimerThatIsCancelledDoesNotRun() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    scheduler.after(Duration.ofMillis(50), ran::incrementAndGet).cancel();
    CompletableFuture<Boolean> later = new CompletableFuture<>();
    scheduler.after(Duration.ofMillis(200), () -> later.complete(true));
    scheduler.await(later);

    assertThat(ran).hasValue(0);
  }

  @Test
  void afterClosingNothingRuns() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    scheduler.after(Duration.ofMillis(50), ran::incrementAndGet);
    scheduler.close();
    scheduler.execute(ran::incrementAndGet);
    scheduler.after(Duration.ZERO, ran::incrementAndGet).cancel();
    Thread.sleep(200);

    assertThat(ran).hasValue(0);
  }

  @Test
  void whatATaskThrewIsThrownToWhoeverWaits() {
    IllegalStateException bug = new IllegalStateException("bug");
    UnsatisfiedLinkError missing = new UnsatisfiedLinkError("no libvirt");

    assertThatThrownBy(() -> scheduler.await(CompletableFuture.failedFuture(bug))).isSameAs(bug);
    assertThatThrownBy(() -> scheduler.await(CompletableFuture.failedFuture(missing)))
        .isSameAs(missing);
    assertThatThrownBy(() -> scheduler.await(CompletableFuture.failedFuture(new Exception("x"))))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("x");
  }
}
