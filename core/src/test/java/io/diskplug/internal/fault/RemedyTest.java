// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each row of the table answers what would heal it, and its verdict follows from the answer. */
class RemedyTest {

  @ParameterizedTest
  @MethodSource("rows")
  void theVerdictOfARowFollowsFromWhatWouldHealIt(Row row) {
    Remedy remedy = row.classification().condition().remedy();

    switch (row.classification().verdict()) {
      // What has a lasting cause as well as a passing one is tried again, and says that it may
      // last.
      case RETRYABLE -> assertThat(remedy).isIn(Remedy.TIME, Remedy.NOT_KNOWN);
      case FATAL -> assertThat(remedy.isChange()).isTrue();
      case ALREADY_DONE -> assertThat(remedy).isEqualTo(Remedy.READING);
      // A missing secret is a fault of a disk, and an answer to a request for secrets.
      case UNKNOWN ->
          assertThat(remedy == Remedy.READING || row.calls().equals(Row.SECRET)).isTrue();
    }
  }

  /** Otherwise one of both words for one thing would decide by the order of the rows. */
  @ParameterizedTest
  @MethodSource("rows")
  void aCodeThatIsMeantByItsTextHasNoRowWithoutOne(Row row) {
    assertThat(row.text() == null && FaultTable.MEANT_BY_TEXT.contains(row.code())).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Condition.class)
  void eachConditionSaysWhatHealsItAndWhatToDo(Condition condition) {
    assertThat(condition.remedy().phrase()).isNotBlank();
    assertThat(condition.advice()).isNotBlank().doesNotEndWith(".");
  }

  static java.util.List<Row> rows() {
    return FaultTable.rows();
  }
}
