// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QemuJsonTest {

  @Test
  void valuesAreMapsListsAndTexts() throws Exception {
    Map<String, Object> object =
        QemuJson.object(
            "{\"s\": \"a\\\"b\\u00e9\", \"n\": 26336, \"f\": 1.50, \"t\": true, \"no\": null,"
                + " \"l\": [1, null, \"x\", []], \"o\": {\"k\": {}}}");

    assertThat(object)
        .containsExactly(
            entry("s", "a\"bé"),
            entry("n", "26336"),
            entry("f", "1.50"),
            entry("t", "true"),
            entry("l", List.of("1", "x", List.of())),
            entry("o", Map.of("k", Map.of())));
  }

  @Test
  void theListUnderReturnIsWhatWasReturned() throws Exception {
    assertThat(QemuJson.returnedList("{\"return\":[{\"a\":1},{}],\"id\":\"libvirt-3\"}"))
        .containsExactly(Map.of("a", "1"), Map.of());
    assertThat(QemuJson.returnedList("{\"return\":[]}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "\"return\"",
        "no json",
        "{",
        "{\"return\":",
        "{\"return\":[",
        "{\"return\":[{\"a\":1}",
        "{\"return\":[{\"a\":1}]",
        "{\"return\":[{\"a\":1},]}",
        "{\"return\":{}}",
        "{\"return\":\"\"}",
        "{\"return\":null}",
        "{\"return\":[\"a\"]}",
        "{\"return\":[[]]}",
        "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"}}"
      })
  void anAnswerThatIsNoneIsRefused(String answer) {
    assertThatThrownBy(() -> QemuJson.returnedList(answer))
        .isInstanceOf(UnexpectedAnswerException.class);
  }

  @Test
  void anAnswerIsNotQuoted() {
    assertThatThrownBy(() -> QemuJson.returnedList("{\"return\":\"hunter2\"}"))
        .isInstanceOf(UnexpectedAnswerException.class)
        .hasNoCause()
        .message()
        .doesNotContain("hunter2");
    assertThatThrownBy(() -> QemuJson.returnedList("hunter2"))
        .isInstanceOf(UnexpectedAnswerException.class)
        .hasNoCause()
        .message()
        .doesNotContain("hunter2");
  }

  @Test
  void whatIsNestedWithoutEndIsRefused() {
    assertThatThrownBy(() -> QemuJson.object("{\"a\":".repeat(100_000)))
        .isInstanceOf(UnexpectedAnswerException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "1", "{\"pool\": \"volumes\", \"im..."})
  void whatIsNoObjectIsRefused(String text) {
    assertThatThrownBy(() -> QemuJson.object(text)).isInstanceOf(UnexpectedAnswerException.class);
  }

  /** As after a blocklist: one dead image keeps QEMU from telling of any. The text is not shown. */
  @Test
  void anErrorOfQemuIsToldAsOne() {
    assertThatThrownBy(
            () ->
                QemuJson.returnedList(
                    "{\"id\":\"libvirt-1\",\"error\":{\"class\":\"GenericError\",\"desc\":"
                        + "\"cannot read image start for probe of hunter2\"}}"))
        .isInstanceOf(UnexpectedAnswerException.class)
        .hasMessageContaining("answered with an error")
        .hasMessageNotContaining("hunter2");
  }
}
