// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SignalTest {

  private static final Duration FOREVER = Duration.ofDays(1);

  private final Signal signal = new Signal();

  @Test
  void aSignalRaisedBeforeTheWaitEndsItAtOnce() throws Exception {
    signal.raise();

    signal.await(FOREVER);
  }

  @Test
  void aSignalRaisedMeanwhileEndsTheWait() throws Exception {
    Worker<Boolean> waiting =
        Worker.start(
            () -> {
              Time.system().await(signal, FOREVER);
              return true;
            });
    waiting.awaitWaitingIn(Signal.class);
    assertThat(waiting.isDone()).isFalse();

    signal.raise();

    assertThat(waiting.result()).isTrue();
  }

  @Test
  void manySignalsEndOneWait() throws Exception {
    signal.raise();
    signal.raise();
    signal.raise();
    signal.await(FOREVER);

    assertThat(waited(Duration.ofMillis(30))).isGreaterThanOrEqualTo(Duration.ofMillis(30));
  }

  @Test
  void aWaitEndsWithoutASignal() throws Exception {
    assertThat(waited(Duration.ofMillis(30))).isGreaterThanOrEqualTo(Duration.ofMillis(30));
    signal.await(Duration.ZERO);
  }

  @Test
  void anInterruptEndsTheWait() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> signal.await(FOREVER)).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  private Duration waited(Duration atMost) throws InterruptedException {
    long before = System.nanoTime();
    signal.await(atMost);
    return Duration.ofNanos(System.nanoTime() - before);
  }
}
