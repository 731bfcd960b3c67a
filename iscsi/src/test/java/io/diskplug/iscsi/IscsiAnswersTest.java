// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.spi.StorageProbe.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IscsiAnswersTest {

  @ParameterizedTest
  @CsvSource({
    "513, ACCESS_DENIED",
    "514, ACCESS_DENIED",
    "515, NOT_FOUND",
    "516, NOT_FOUND",
    "517, UNSUPPORTED",
    "518, UNREACHABLE",
    "768, UNREACHABLE",
    "769, UNREACHABLE"
  })
  void aLoginStatusHasAReason(int status, Reason reason) {
    String error = "Failed to log in to target. Status: Some (text)(" + status + ")";

    assertThat(IscsiAnswers.loginFailure(error, true)).isEqualTo(reason);
  }

  @Test
  void anAuthorizationThatQemuMayHaveIsNotDeniedToIt() {
    String error = "Failed to log in to target. Status: Authorization failure(514)";

    assertThat(IscsiAnswers.loginFailure(error, false)).isEqualTo(Reason.CANNOT_ASK);
  }

  @Test
  void aLoginWithoutAStatusHasMetNoTarget() {
    assertThat(IscsiAnswers.loginFailure("read from socket failed, errno:104", true))
        .isEqualTo(Reason.UNREACHABLE);
  }

  @ParameterizedTest
  @CsvSource({
    "0x18, 0, 0, IN_USE", // RESERVATION CONFLICT
    "2, 5, 0x2500, NOT_FOUND", // LOGICAL UNIT NOT SUPPORTED
    "2, 5, 0x2000, UNSUPPORTED", // INVALID COMMAND OPERATION CODE
    "2, 2, 0x0401, UNREACHABLE", // NOT READY
    "2, 3, 0x1100, UNREACHABLE", // MEDIUM ERROR
    "8, 0, 0, UNREACHABLE", // BUSY
    "8, 5, 0x2500, UNREACHABLE", // no sense data without CHECK CONDITION
    "0x0f000000, 0, 0, UNREACHABLE" // the connection was lost
  })
  void aFailedCommandHasAReason(String status, int key, String ascq, Reason reason) {
    assertThat(IscsiAnswers.commandFailure(Integer.decode(status), key, Integer.decode(ascq)))
        .isEqualTo(reason);
  }

  @Test
  void theSizeIsAllBlocks() throws RefusedException {
    assertThat(IscsiAnswers.bytes(0, 512)).isEqualTo(512);
    assertThat(IscsiAnswers.bytes(0xffff_fffeL, 512)).isEqualTo(0xffff_ffffL * 512);
    assertThat(IscsiAnswers.bytes((1L << 51) - 1, 4095)).isEqualTo((1L << 51) * 4095);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 512", // the largest address there is, unsigned
    "9223372036854775807, 1",
    "2251799813685247, 4096",
    "7, 0",
    "7, -512"
  })
  void aSizeThatIsNoneIsRefused(long lastBlock, int blockBytes) {
    assertThatThrownBy(() -> IscsiAnswers.bytes(lastBlock, blockBytes))
        .isInstanceOfSatisfying(
            RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED))
        .hasMessageContaining(Long.toUnsignedString(lastBlock));
  }
}
