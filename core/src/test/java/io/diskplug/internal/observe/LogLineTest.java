// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogLineTest {

  @Test
  void plainValuesHaveNoQuotes() {
    assertThat(
            LogLine.of("attached")
                .with("volume", "pvc-1")
                .with("address", "0000:00:03.0")
                .took(Duration.ofNanos(1_999_999))
                .toString())
        .isEqualTo("attached volume=pvc-1 address=0000:00:03.0 took=1ms");
  }

  @Test
  void othersAreQuotedAndEscaped() {
    assertThat(LogLine.of("x").with("a", "").with("b", "say \"no\" \\ now").toString())
        .isEqualTo("x a=\"\" b=\"say \\\"no\\\" \\\\ now\"");
  }

  @Test
  void aValueWithAnEqualsSignIsQuoted() {
    assertThat(LogLine.of("x").with("a", "b=c").toString()).isEqualTo("x a=\"b=c\"");
  }

  /** Else a domain's name, or a text of libvirt's, could forge a line. */
  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r", "\u0085", "\u2028", "\u2029", "\u001b[31m"})
  void aLineStaysOne(String separator) {
    String line = LogLine.of("x").with("a", "one" + separator + "two").toString();

    assertThat(line).doesNotContain(separator.substring(0, 1)).contains("\\");
    assertThat(line.lines()).hasSize(1);
  }
}
