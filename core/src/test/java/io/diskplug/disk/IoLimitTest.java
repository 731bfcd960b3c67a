// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IoLimitTest {

  private static final long MOST = 1_000_000_000_000_000L;

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, MOST + 1, Long.MAX_VALUE})
  void whatIsOutOfRangeIsNamed(long value) {
    assertThatThrownBy(() -> IoLimit.of(value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a limit of " + value + " is not between 0 and " + MOST);
    assertThatThrownBy(() -> IoLimit.of(1).withBurst(value, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a burst of " + value + " is not between 0 and " + MOST);
    assertThat(IoLimit.of(MOST).withBurst(MOST, Duration.ofSeconds(1)).burst()).isEqualTo(MOST);
  }

  @Test
  void aBurstIsNotBelowItsLimit() {
    assertThatThrownBy(() -> IoLimit.of(10).withBurst(9, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a burst of 9 is below the limit of 10");
    assertThat(IoLimit.of(10).withBurst(10, Duration.ZERO).burst()).isEqualTo(10);
    assertThat(IoLimit.of(10).withBurst(0, Duration.ZERO)).isEqualTo(IoLimit.of(10));
  }

  @Test
  void aBurstNeedsALimitAndALengthNeedsABurst() {
    assertThatThrownBy(() -> IoLimit.NONE.withBurst(5, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a burst of 5 needs a limit");
    assertThatThrownBy(() -> IoLimit.of(5).withBurst(0, Duration.ofSeconds(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the length of a burst, PT3S, needs a burst");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-1S", "PT0.5S", "PT1.000000001S"})
  void aLengthIsInWholeSeconds(Duration length) {
    assertThatThrownBy(() -> IoLimit.of(5).withBurst(5, length))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(length + ", is negative or not in whole seconds");
  }

  @ParameterizedTest
  @CsvSource({"1000000000000, 1000", "1000000000000000, 1", "1, 1000000000000000"})
  void aWholeBurstIsLimited(long burst, long seconds) {
    assertThat(IoLimit.of(1).withBurst(burst, Duration.ofSeconds(seconds)).burstLength())
        .hasSeconds(seconds);
    assertThatThrownBy(() -> IoLimit.of(1).withBurst(burst, Duration.ofSeconds(seconds + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is more than " + MOST);
  }
}
