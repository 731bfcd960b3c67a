// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.internal.xml.write.Written;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DriverTest {

  private static final Driver DEFAULTS = Driver.DEFAULTS;

  @Test
  void zeroesBecomeDiscardsOnlyWhereDiscardsArePassedOn() {
    assertThat(
            Written.driver(
                    DEFAULTS.withDiscard(DiscardMode.UNMAP).withDetectZeroes(DetectZeroes.UNMAP))
                .detectZeroes)
        .isEqualTo("unmap");
    assertThatThrownBy(() -> DEFAULTS.withDetectZeroes(DetectZeroes.UNMAP))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("detect_zeroes='unmap' needs discard='unmap'");
    assertThatThrownBy(
            () -> DEFAULTS.withDiscard(DiscardMode.IGNORE).withDetectZeroes(DetectZeroes.UNMAP))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("detect_zeroes='unmap' needs discard='unmap'");
  }

  @ParameterizedTest
  @EnumSource(value = DetectZeroes.class, names = "UNMAP", mode = EnumSource.Mode.EXCLUDE)
  void zeroesAreLookedForWithoutDiscards(DetectZeroes zeroes) {
    assertThat(Written.driver(DEFAULTS.withDetectZeroes(zeroes)).detectZeroes)
        .isEqualTo(zeroes.xmlName());
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0})
  void anIoThreadIsCountedFromOne(int number) {
    assertThatThrownBy(() -> DEFAULTS.withIothread(number))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("iothread " + number);
    assertThat(Written.driver(DEFAULTS.withIothread(1)).iothread).isEqualTo(1);
  }

  /** QEMU 7.2 aborts with 1025, and takes the guest with it. */
  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1025, 65535, Integer.MAX_VALUE})
  void moreQueuesThanQemuHasAreRefused(int number) {
    assertThatThrownBy(() -> DEFAULTS.withQueues(number))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("queues " + number + " is not between 1 and 1024");
    assertThat(Written.driver(DEFAULTS.withQueues(1)).queues).isEqualTo(1);
    assertThat(Written.driver(DEFAULTS.withQueues(1024)).queues).isEqualTo(1024);
  }
}
