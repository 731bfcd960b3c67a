// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.internal.exec.SteppedTime;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AliasQuarantineTest {

  private static final UUID DOMAIN = new UUID(1, 1);
  private static final String DEVICE = "ua-dp-1";

  private final SteppedTime time = new SteppedTime();
  private final AliasQuarantine evicted = new AliasQuarantine(time);

  @Test
  void aNameIsFreeASecondAfterItsDeviceIsGone() {
    assertThat(evicted.isSettling(DOMAIN, DEVICE)).isFalse();
    assertThat(evicted.mayAsk(DOMAIN, DEVICE)).isTrue();
    time.pass(Duration.ofMinutes(1));
    assertThat(evicted.isSettling(DOMAIN, DEVICE)).isTrue();

    evicted.isGone(DOMAIN, DEVICE);
    time.pass(Duration.ofMillis(900));
    assertThat(evicted.isSettling(DOMAIN, DEVICE)).isTrue();
    // Seen once more without it: the second began with the first look.
    evicted.isGone(DOMAIN, DEVICE);
    time.pass(Duration.ofMillis(100));
    assertThat(evicted.isSettling(DOMAIN, DEVICE)).isFalse();
  }

  @Test
  void whateverWasNotAskedForIsFree() {
    evicted.isGone(DOMAIN, DEVICE);
    assertThat(evicted.isSettling(DOMAIN, DEVICE)).isFalse();
    assertThat(evicted.mayAsk(DOMAIN, DEVICE)).isTrue();
    assertThat(evicted.isSettling(new UUID(1, 2), DEVICE)).isFalse();
    assertThat(evicted.isSettling(DOMAIN, "ua-dp-2")).isFalse();
  }

  @Test
  void theGuestIsAskedByOneRequestAndAgainAfterAWhile() {
    assertThat(evicted.mayAsk(DOMAIN, DEVICE)).isTrue();
    assertThat(evicted.mayAsk(DOMAIN, DEVICE)).isFalse();
    time.pass(Duration.ofSeconds(9));
    assertThat(evicted.mayAsk(DOMAIN, DEVICE)).isFalse();
    time.pass(Duration.ofSeconds(1));
    assertThat(evicted.mayAsk(DOMAIN, DEVICE)).isTrue();
    assertThat(evicted.mayAsk(DOMAIN, DEVICE)).isFalse();
  }

  @Test
  void aDeviceThatIsThereAgainIsAnotherGhost() {
    assertThat(evicted.mayAsk(DOMAIN, DEVICE)).isTrue();
    evicted.isGone(DOMAIN, DEVICE);

    assertThat(evicted.mayAsk(DOMAIN, DEVICE)).isTrue();
    time.pass(Duration.ofSeconds(2));
    assertThat(evicted.isSettling(DOMAIN, DEVICE)).isTrue();
  }

  @Test
  void whatNobodyHasLookedAtForAnHourIsForgotten() {
    assertThat(evicted.mayAsk(DOMAIN, DEVICE)).isTrue();
    time.pass(Duration.ofMinutes(61));
    assertThat(evicted.mayAsk(DOMAIN, "ua-dp-2")).isTrue();

    assertThat(evicted.isSettling(DOMAIN, DEVICE)).isFalse();
  }
}
