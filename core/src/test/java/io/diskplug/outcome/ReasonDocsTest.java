// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The guide names every reason of every outcome, for a controller has to handle it. */
class ReasonDocsTest {

  private static final Path GUIDE = Path.of("../docs/guide.md");

  private static Stream<Arguments> outcomes() {
    return Stream.of(
        Arguments.of(Rejected.class, Rejected.Reason.values()),
        Arguments.of(Unavailable.class, Unavailable.Reason.values()),
        Arguments.of(Pending.class, Pending.WaitingFor.values()),
        Arguments.of(Indeterminate.class, Indeterminate.Reason.values()));
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void theGuideHasTheReasons(Class<?> outcome, Enum<?>[] reasons) throws IOException {
    String row =
        Arrays.stream(reasons)
            .map(reason -> "`" + reason.name() + "`")
            .collect(Collectors.joining(", "));

    assertThat(Files.readString(GUIDE))
        .contains("| `" + outcome.getSimpleName() + "` | " + row + " |");
  }
}
