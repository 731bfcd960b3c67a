// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.exec.ScriptedDomain;
import io.diskplug.internal.exec.Worker;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Waiver;
import io.diskplug.spi.PlugListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.event.Level;

/** Every request that a listener was told of has its end told before {@code close} returns. */
@Timeout(60)
class EventsAtCloseTest {

  private static final int ROUNDS = 300;
  private static final Duration LONG = Duration.ofSeconds(30);

  private static class Ends implements PlugListener {
    final Set<Long> requested = ConcurrentHashMap.newKeySet();
    final Set<Long> ended = ConcurrentHashMap.newKeySet();

    @Override
    public void requested(Request request) {
      requested.add(request.number());
    }

    @Override
    public void finished(Request request, Outcome outcome, Duration elapsed) {
      ended.add(request.number());
    }

    @Override
    public void failed(Request request, Throwable problem, Duration elapsed) {
      ended.add(request.number());
    }

    Set<Long> withoutAnEnd() {
      Set<Long> open = new HashSet<>(requested);
      open.removeAll(ended);
      return open;
    }
  }

  private final ScriptedDomain domain = new ScriptedDomain();
  private final Ends ends = new Ends();

  private Executor real(PlugListener listener) {
    return executor(
        Scheduler.threads(2), Proof.QEMU, ListenerDispatcher.inAThread(listener, LONG), domain);
  }

  @Test
  void anOutcomeThatTheCallerHasSeenIsTold() {
    for (int i = 0; i < ROUNDS; i++) {
      try (Executor executor = real(ends)) {
        executor.plan(domain.ref(), List.of(), DEADLINE).await();
      }
    }

    assertThat(ends.requested).hasSize(ROUNDS);
    assertThat(ends.withoutAnEnd()).isEmpty();
  }

  @Test
  void whatIsCutShortIsTold() {
    for (int i = 0; i < ROUNDS; i++) {
      try (Executor executor = real(ends)) {
        executor.plan(domain.ref(), List.of(), DEADLINE).await();
        for (int more = 0; more < 3; more++) {
          var unused = executor.plan(domain.ref(), List.of(), DEADLINE);
        }
      }
    }

    assertThat(ends.requested).hasSize(4 * ROUNDS);
    assertThat(ends.withoutAnEnd()).isEmpty();
  }

  /** One that comes too late is either told from its beginning to its end, or not at all. */
  @Test
  void whatIsAskedForMeanwhileIsToldAsAWholeOrNotAtAll() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      Executor executor = real(ends);
      AtomicBoolean stop = new AtomicBoolean();
      List<Worker<Boolean>> callers = new ArrayList<>();
      for (int caller = 0; caller < 2; caller++) {
        callers.add(
            Worker.start(
                () -> {
                  // Fewer events than a listener may be late by, however slow its thread is.
                  for (int more = 0; more < 100 && !stop.get(); more++) {
                    executor.plan(domain.ref(), List.of(), DEADLINE).await();
                  }
                  return true;
                }));
      }
      executor.plan(domain.ref(), List.of(), DEADLINE).await();
      executor.close();
      assertThat(ends.withoutAnEnd()).as("round %s", i).isEmpty();
      int told = ends.requested.size();
      stop.set(true);
      for (Worker<Boolean> caller : callers) {
        assertThat(caller.result()).isTrue();
      }
      assertThat(ends.requested).as("nothing is told after close").hasSize(told);
    }
  }

  @Test
  void whatAnotherInstanceOfTheSameHasAskedForIsTold() {
    for (int i = 0; i < ROUNDS; i++) {
      Executor executor = real(ends);
      Executor waiving = executor.waiving(Set.of(Waiver.SAVED_STATE));
      executor.plan(domain.ref(), List.of(), DEADLINE).await();
      waiving.plan(domain.ref(), List.of(), DEADLINE).await();
      waiving.close();
      executor.close();
    }

    assertThat(ends.requested).hasSize(2 * ROUNDS);
    assertThat(ends.withoutAnEnd()).isEmpty();
  }

  @Test
  void aListenerMayClose() throws Exception {
    AtomicReference<@Nullable Executor> toClose = new AtomicReference<>();
    CountDownLatch closed = new CountDownLatch(1);
    Ends closing =
        new Ends() {
          @Override
          public void finished(Request request, Outcome outcome, Duration elapsed) {
            Executor executor = toClose.getAndSet(null);
            if (executor != null) {
              executor.close();
              closed.countDown();
            }
            super.finished(request, outcome, elapsed);
          }
        };
    Executor executor = real(closing);
    toClose.set(executor);

    executor.plan(domain.ref(), List.of(), DEADLINE).await();
    closed.await();

    await().until(() -> closing.withoutAnEnd().isEmpty());
    executor.close(); // which waits here, for the listener's thread to end
    assertThat(closing.ended).hasSize(1);
  }

  @Test
  void aListenerThatBlocksIsInterruptedAndWhatItMissesIsCounted() {
    CountDownLatch never = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    PlugListener blocking =
        new PlugListener() {
          @Override
          public void requested(Request request) {
            try {
              never.await();
            } catch (InterruptedException e) {
              interrupted.set(true);
            }
          }
        };
    try (RecordedLogs logs = RecordedLogs.from(Level.WARN)) {
      Executor executor =
          executor(
              Scheduler.threads(2),
              Proof.QEMU,
              ListenerDispatcher.inAThread(blocking, Duration.ofMillis(50)),
              domain);
      expect(Attached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());

      executor.close();

      await().untilTrue(interrupted);
      assertThat(logs.texts(Level.WARN)).hasSize(1);
      assertThat(logs.texts(Level.WARN).get(0)).matches("listener-missed events=[1-9]\\d*");
    }
  }

  @Test
  void anInterruptEndsTheWaitAndTheRestIsTold() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    Ends late =
        new Ends() {
          @Override
          public void requested(Request request) {
            try {
              open.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            super.requested(request);
          }
        };
    Executor executor = real(late);
    executor.plan(domain.ref(), List.of(), DEADLINE).await();
    Worker<Boolean> closing =
        Worker.start(
            () -> {
              executor.close();
              return Thread.currentThread().isInterrupted();
            });
    closing.awaitWaitingIn(ListenerDispatcher.class);

    closing.interrupt();

    assertThat(closing.result()).isTrue();
    open.countDown();
    await().until(() -> late.ended.size() == 1);
  }
}
