// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which clients are in a network, by the address as Ceph writes it. */
class ClientNetworkTest {

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          192.0.2.7,      192.0.2.7:0/4252692808
          192.0.2.7,      v1:192.0.2.7:0/4252692808
          192.0.2.7,      v2:192.0.2.7:0/4252692808
          192.0.2.7,      any:192.0.2.7:0/4252692808
          192.0.2.7/32,   192.0.2.7:6800/1
          192.0.2.0/24,   192.0.2.255:0/1
          192.0.2.99/24,  192.0.2.1:0/1
          192.0.2.8/29,   192.0.2.15:0/1
          128.0.0.0/1,    255.255.255.255:0/1
          2001:db8::7,    [2001:db8::7]:0/1
          2001:db8::7,    [2001:0db8:0:0:0:0:0:7]:0/1
          2001:DB8::/33,  v2:[2001:db8:7fff::1]:3300/1
          ::1,            [::1]:0/871805497
          ::ffff:192.0.2.7, 192.0.2.7:0/1
          """)
  void contains(String network, String client) {
    assertThat(ClientNetwork.parse(network).contains(client)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          192.0.2.7,      192.0.2.8:0/1
          192.0.2.7,      192.0.2.70:0/1
          192.0.2.0/25,   192.0.2.128:0/1
          192.0.2.8/29,   192.0.2.16:0/1
          192.0.2.7,      [2001:db8::7]:0/1
          2001:db8::/33,  [2001:db8:8000::1]:0/1
          192.0.2.7,      192.0.2.7
          192.0.2.7,      host.example:0/1
          192.0.2.7,      3221225991:0/1
          192.0.2.7,      x192.0.2.7:0/1
          192.0.2.7,      192.0.2.7:0/1 client.7
          192.0.2.7,      -
          192.0.2.7,      ''
          """)
  void doesNotContain(String network, String client) {
    assertThat(ClientNetwork.parse(network).contains(client)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "mirror.example.net",
        "localhost",
        "1",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.7:6789",
        "[::1]",
        "192.0.2.0/33",
        "192.0.2.0/",
        "192.0.2.0/-1",
        "192.0.2.0/24/8",
        "2001:db8::/129",
        "::g",
        "192.0.2.7 "
      })
  void isNoNetwork(String text) {
    assertThatThrownBy(() -> ClientNetwork.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + text + "\"");
  }

  /** All clients are another matter, with an option of its own. */
  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0/0", "::/0"})
  void allAddressesAreNoNetwork(String text) {
    assertThatThrownBy(() -> ClientNetwork.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
