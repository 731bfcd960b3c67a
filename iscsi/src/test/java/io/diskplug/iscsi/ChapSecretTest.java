// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.disk.SecretUsage;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChapSecretTest {

  private static ChapSecret secret(byte[] password) {
    return ChapSecret.of("target", () -> password);
  }

  @ParameterizedTest
  @ValueSource(strings = {"p", "with a blank ", "p\u00e4ssw\u00f6rd", "\ud83d\udd11"})
  void aPasswordIsItsOwnValue(String password) {
    assertThat(secret(password.getBytes(UTF_8)).value()).isEqualTo(password.getBytes(UTF_8));
  }

  @Test
  void aPasswordMayHaveWhatLibiscsiKeeps() {
    assertThat(secret("x".repeat(255).getBytes(UTF_8)).value()).hasSize(255);
  }

  static Stream<byte[]> whatIsNoPasswordIsRefusedAndNotShown() {
    return Stream.of(
        "word\n".getBytes(UTF_8),
        "wo\0rd".getBytes(UTF_8),
        "word".repeat(64).getBytes(UTF_8),
        new byte[] {'w', 'o', 'r', 'd', (byte) 0xff},
        new byte[] {'w', 'o', 'r', 'd', (byte) 0xc3});
  }

  @ParameterizedTest
  @MethodSource
  void whatIsNoPasswordIsRefusedAndNotShown(byte[] password) {
    ChapSecret secret = ChapSecret.of("target", () -> password);

    // Not "word": that is a part of the message.
    assertThatThrownBy(secret::value)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"target\"")
        .hasMessageNotContaining("wordword")
        .hasNoCause();
    assertThat(password).containsOnly(0);
  }

  @Test
  void anEmptyPasswordIsNone() {
    ChapSecret secret = secret(new byte[0]);

    assertThatThrownBy(secret::value).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void itSaysWhatItIsAndNotThePassword() {
    ChapSecret secret =
        secret("hidden".getBytes(UTF_8)).withUuid(new UUID(1, 2)).withEphemeral(true);

    assertThat(secret.usage()).isEqualTo(SecretUsage.iscsi("target"));
    assertThat(secret.uuid()).contains(new UUID(1, 2));
    assertThat(secret.ephemeral()).isTrue();
    assertThat(secret)
        .hasToString("ChapSecret[iscsi \"target\", 00000000-0000-0001-0000-000000000002]");
  }
}
