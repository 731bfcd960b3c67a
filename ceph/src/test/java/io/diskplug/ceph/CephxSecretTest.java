// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.disk.SecretUsage;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CephxSecretTest {

  // Type 1, a time, the length 16, and as many bytes; of no cluster.
  private static final String KEY = "AQAAAAAAAAAAABAAAAECAwQFBgcICQoLDA0ODw==";

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(strings = {KEY, KEY + "\n", " \t" + KEY + "\r\n"})
  void libvirtIsGivenTheKeyWithoutItsBase64(String text) {
    byte[] given = bytes(text);

    byte[] value = CephxSecret.of("client.cinder", () -> given).value();

    assertThat(value).isEqualTo(Base64.getDecoder().decode(KEY));
    assertThat(given).containsOnly(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no base64!",
        "bm8ga2V5",
        "AQAAAAAAAAAAABAAAAECAwQFBgcICQoLDA0O",
        "AAAAAAAAAAAAABAAAAECAwQFBgcICQoLDA0ODw=="
      })
  void whatIsNoKeyIsRefusedAndNotShown(String text) {
    byte[] given = bytes(text);
    CephxSecret secret = CephxSecret.of("client.cinder", () -> given);

    assertThatThrownBy(secret::value)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("client.cinder")
        .hasMessageNotContaining(text)
        .hasNoCause();
    assertThat(given).containsOnly(0);
  }

  @Test
  void anEmptyKeyIsNone() {
    CephxSecret secret = CephxSecret.of("client.cinder", () -> new byte[0]);

    assertThatThrownBy(secret::value).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void itSaysWhatItIsAndNotTheKey() {
    CephxSecret secret =
        CephxSecret.of("client.cinder", () -> bytes(KEY))
            .withUuid(new UUID(1, 2))
            .withEphemeral(true);

    assertThat(secret.usage()).isEqualTo(SecretUsage.ceph("client.cinder"));
    assertThat(secret.uuid()).contains(new UUID(1, 2));
    assertThat(secret.ephemeral()).isTrue();
    assertThat(secret)
        .hasToString("CephxSecret[ceph \"client.cinder\", 00000000-0000-0001-0000-000000000002]");
  }
}
