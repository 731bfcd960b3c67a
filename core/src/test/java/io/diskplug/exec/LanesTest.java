// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;

import io.diskplug.exec.Lanes.Pass;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LanesTest {

  private static final int MOST = 5;
  private static final UUID DOMAIN = UUID.randomUUID();
  private static final UUID OTHER = UUID.randomUUID();

  private final Lanes lanes = new Lanes(MOST);

  private static Deadline in(Duration budget) {
    return Deadline.after(Time.system(), budget);
  }

  private static Deadline farAway() {
    return in(Duration.ofMinutes(5));
  }

  private static Deadline soon() {
    return in(Duration.ofMillis(20));
  }

  @AfterEach
  void noLaneIsLeftBehind() {
    assertThat(lanes).extracting("lanes").asInstanceOf(MAP).isEmpty();
  }

  @Test
  void firstInIsFirstOut() throws Exception {
    Pass running = lanes.enter(DOMAIN, farAway()).orElseThrow();
    List<Integer> order = new CopyOnWriteArrayList<>();
    List<Worker<Boolean>> waiting = new ArrayList<>();
    for (int i = 1; i < MOST; i++) {
      int number = i;
      waiting.add(
          Worker.start(
                  () -> {
                    Pass pass = lanes.enter(DOMAIN, farAway()).orElseThrow();
                    order.add(number);
                    pass.leave();
                    return true;
                  })
              .awaitWaitingIn(Lanes.class));
    }
    assertThat(order).isEmpty();

    running.leave();

    for (Worker<Boolean> worker : waiting) {
      worker.result();
    }
    assertThat(order).containsExactly(1, 2, 3, 4);
  }

  @Test
  void oneRunsAtATime() throws Exception {
    AtomicInteger running = new AtomicInteger();
    List<Worker<Integer>> workers =
        IntStream.range(0, MOST)
            .mapToObj(
                i ->
                    Worker.start(
                        () -> {
                          int most = 0;
                          for (int round = 0; round < 50; round++) {
                            Pass pass = lanes.enter(DOMAIN, farAway()).orElseThrow();
                            most = Math.max(most, running.incrementAndGet());
                            Thread.onSpinWait();
                            running.decrementAndGet();
                            pass.leave();
                          }
                          return most;
                        }))
            .toList();

    for (Worker<Integer> worker : workers) {
      assertThat(worker.result()).isEqualTo(1);
    }
  }

  @Test
  void aFullLaneTurnsAwayAtOnceAndOtherLanesDoNot() throws Exception {
    Pass running = lanes.enter(DOMAIN, farAway()).orElseThrow();
    List<Worker<Optional<Pass>>> waiting = new ArrayList<>();
    for (int i = 1; i < MOST; i++) {
      waiting.add(Worker.start(this::enterAndLeave).awaitWaitingIn(Lanes.class));
    }

    assertThat(lanes.enter(DOMAIN, farAway())).isEmpty();
    Optional<Pass> other = lanes.enter(OTHER, farAway());
    assertThat(other).isPresent();

    other.orElseThrow().leave();
    running.leave();
    for (Worker<Optional<Pass>> worker : waiting) {
      assertThat(worker.result()).isPresent();
    }
    lanes.enter(DOMAIN, farAway()).orElseThrow().leave();
  }

  @Test
  void theWaitEndsAtTheDeadlineAndLeavesNoTrace() throws Exception {
    Pass running = lanes.enter(DOMAIN, farAway()).orElseThrow();
    for (int i = 0; i < 2 * MOST; i++) {
      assertThat(Worker.start(() -> lanes.enter(DOMAIN, soon())).result()).isEmpty();
    }

    running.leave();
    lanes.enter(DOMAIN, farAway()).orElseThrow().leave();
  }

  @Test
  void anInterruptEndsTheWaitAndLeavesNoTrace() throws Exception {
    Pass running = lanes.enter(DOMAIN, farAway()).orElseThrow();
    for (int i = 0; i < 2 * MOST; i++) {
      Worker<Optional<Pass>> waiting = Worker.start(this::enterAndLeave);
      waiting.awaitWaitingIn(Lanes.class).interrupt();
      assertThatThrownBy(waiting::result).hasCauseInstanceOf(InterruptedException.class);
    }

    running.leave();
    lanes.enter(DOMAIN, farAway()).orElseThrow().leave();
  }

  private Optional<Pass> enterAndLeave() throws InterruptedException {
    Optional<Pass> pass = lanes.enter(DOMAIN, farAway());
    pass.ifPresent(Pass::leave);
    return pass;
  }
}
