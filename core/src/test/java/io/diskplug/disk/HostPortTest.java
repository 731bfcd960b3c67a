// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.internal.xml.write.HostXml;
import io.diskplug.internal.xml.write.Written;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {

  @ParameterizedTest
  @CsvSource({
    "mon-1, mon-1, 6789",
    "mon-1:3300, mon-1, 3300",
    "mon_1.example.org:1, mon_1.example.org, 1",
    "192.0.2.7, 192.0.2.7, 6789",
    "192.0.2.7:65535, 192.0.2.7, 65535",
    "[2001:db8::7], 2001:db8::7, 6789",
    "[2001:db8::7]:3300, 2001:db8::7, 3300"
  })
  void aHostIsReadWithItsPortOrTheDefault(String text, String host, int port) {
    assertThat(HostPort.parse(text, 6789)).isEqualTo(new HostPort(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":6789",
        "mon:",
        "mon:port",
        "mon:-1",
        "mon:6789:1",
        "2001:db8::7",
        "[]",
        "[]:6789",
        "[mon",
        "mon]",
        "[2001:db8::7]6789",
        "mon:123456",
        "mon:0",
        "mon:65536",
        "mon 1",
        "mon<1",
        "mon&1",
        "mon'1",
        "mon\"1",
        "mon/1",
        "mon,mon2",
        "user@mon",
        "mön"
      })
  void whatIsNoHostAndPortIsRefused(String text) {
    assertThatThrownBy(() -> HostPort.parse(text, 6789))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a<b", "a&b", "a'b", "a\"b", "a/b", "[::1]", "ä"})
  void aHostThatIsNoneIsNamed(String host) {
    assertThatThrownBy(() -> new HostPort(host, 6789))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + host + "\"");
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 65536, Integer.MAX_VALUE})
  void aPortThatIsNoneIsNamed(int port) {
    assertThatThrownBy(() -> new HostPort("mon-1", port))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mon-1")
        .hasMessageContaining(String.valueOf(port));
  }

  @Test
  void anAddressIsWrittenWithoutBrackets() {
    HostXml xml = Written.host(HostPort.parse("[2001:db8::7]:3300", 6789));

    assertThat(xml.name).isEqualTo("2001:db8::7");
    assertThat(xml.port).isEqualTo(3300);
  }
}
