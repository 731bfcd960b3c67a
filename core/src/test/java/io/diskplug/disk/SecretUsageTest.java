// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretUsageTest {

  @Test
  void theTypeIsAPartOfTheName() {
    assertThat(SecretUsage.ceph("a"))
        .isNotEqualTo(SecretUsage.iscsi("a"))
        .hasToString("ceph \"a\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a/b", "a\nb"})
  void aNameThatIsNoneIsRefused(String name) {
    assertThatThrownBy(() -> SecretUsage.iscsi(name)).isInstanceOf(IllegalArgumentException.class);
  }
}
