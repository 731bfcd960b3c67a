// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IscsiNamesTest {

  private static final String PREFIX = "iqn.2026-01.io.diskplug:";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "iqn.2026-01.io.diskplug",
        "iqn.2026-01.io.diskplug:a",
        "iqn.2026-01.io.disk-plug:pool.1:vol_2-3",
        "IQN.2026-01.IO.Diskplug:A",
        "eui.0123456789abcdef",
        "eui.0123456789ABCDEF",
        "naa.0123456789abcdef",
        "naa.0123456789abcdef0123456789abcdef"
      })
  void aNameOfEachKindIsTaken(String name) {
    assertThatCode(() -> IscsiNames.check(name)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "target",
        "iqn.",
        "iqn.2026.io.diskplug:a",
        "iqn.2026-1.io.diskplug:a",
        "iqn.2026-01",
        "iqn.2026-01.",
        "iqn.2026-01.io.diskplug:",
        "iqn.2026-01.io.diskplug:a/1",
        "iqn.2026-01.io.diskplug:a b",
        "iqn.2026-01.io.diskplug:a<b",
        "iqn.2026-01.io.diskplug:a&b",
        "iqn.2026-01.io.diskplug:a'b",
        "iqn.2026-01.io.diskplug:a\"b",
        "iqn.2026-01.io.diskplug:a\n",
        "iqn.2026-01.io.dis\u212Aplug:a",
        "iqn.2026-01.io.diskplug:\u00e4",
        " iqn.2026-01.io.diskplug:a",
        "eui.0123456789abcde",
        "eui.0123456789abcdef0",
        "eui.0123456789abcdeg",
        "naa.0123456789abcde",
        "naa.0123456789abcdef01234567",
        "naa.0123456789abcdef0123456789abcdef0"
      })
  void whatIsNoNameIsNamed(String name) {
    assertThatThrownBy(() -> IscsiNames.check(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + name + "\"");
    assertThatThrownBy(() -> new IscsiLun(name, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + name + "\"");
  }

  @Test
  void aNameHasAtMost223Characters() {
    String longest = PREFIX + "x".repeat(223 - PREFIX.length());

    assertThatCode(() -> IscsiNames.check(longest)).doesNotThrowAnyException();
    assertThatThrownBy(() -> IscsiNames.check(longest + "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(longest + "x");
  }
}
