// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.Remedy;
import io.diskplug.internal.reason.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The table of docs/faults.md is what the code says. Where it differs, the test prints the table
 * that belongs there.
 */
class FaultDocsTest {

  private static final Path DOCS = Path.of("../docs/faults.md");

  @Test
  void theTableOfConditionsIsThatOfTheCode() throws IOException {
    String table =
        Arrays.stream(Condition.values()).map(FaultDocsTest::row).collect(Collectors.joining("\n"));

    assertThat(Files.readString(DOCS)).contains(table);
  }

  private static String row(Condition condition) {
    Remedy remedy = condition.remedy();
    return "| `"
        + condition
        + "` | "
        + remedy.name().toLowerCase(Locale.ROOT).replace('_', ' ')
        + " | `"
        + (remedy.isChange()
            ? "Rejected(" + Reasons.rejection(condition) + ")"
            : "Unavailable(" + Reasons.reason(condition) + ")")
        + "` | "
        + condition.advice()
        + " |";
  }
}
