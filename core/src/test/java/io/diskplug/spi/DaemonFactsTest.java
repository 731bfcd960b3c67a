// SPDX-License-Identifier: Apache-2.0
package io.diskplug.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.internal.port.DaemonFacts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DaemonFactsTest {

  /** What was not tried is taken for what waits. */
  @ParameterizedTest
  @CsvSource({
    "7000000, false",
    "8000000, false",
    "9000000, false",
    "9001000, true",
    "10000000, true",
    "11003000, true",
    "12009000, true",
    "13000000, true"
  })
  void readingTakesTheJobFromAVersionOn(long version, boolean takesJob) {
    assertThat(DaemonFacts.ofVersion(version).readingTakesJob()).isEqualTo(takesJob);
  }

  @Test
  void aDaemonWithoutAVersionIsTakenForOneThatWaits() {
    assertThat(DaemonFacts.UNKNOWN.readingTakesJob()).isTrue();
  }
}
