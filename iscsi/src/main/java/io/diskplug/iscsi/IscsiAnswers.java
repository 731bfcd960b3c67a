// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.spi.StorageProbe.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the answers of a target mean: login statuses of RFC 7143, sense data of SPC. */
final class IscsiAnswers {

  /** libiscsi tells the status in its error message only: "… Status: Target not found(515)". */
  private static final Pattern LOGIN_STATUS = Pattern.compile("Status: .*\\(([0-9]{3})\\)");

  // Class 2, the initiator's errors, and class 3, the target's.
  private static final int AUTHENTICATION_FAILURE = 0x201;
  private static final int AUTHORIZATION_FAILURE = 0x202;
  private static final int NOT_FOUND = 0x203;
  private static final int TARGET_REMOVED = 0x204;
  private static final int TOO_MANY_CONNECTIONS = 0x206;
  private static final int FIRST_OF_TARGET_ERRORS = 0x300;

  private IscsiAnswers() {}

  /**
   * Why a login failed.
   *
   * @param error what libiscsi says
   * @param asQemu whether QEMU would have the same initiator, to which an authorization is given
   */
  static Reason loginFailure(String error, boolean asQemu) {
    Matcher matcher = LOGIN_STATUS.matcher(error);
    if (!matcher.find()) {
      // The connection was lost, or the target does not speak iSCSI.
      return Reason.UNREACHABLE;
    }
    int status = Integer.parseInt(matcher.group(1));
    return switch (status) {
      case AUTHENTICATION_FAILURE -> Reason.ACCESS_DENIED;
      case AUTHORIZATION_FAILURE -> asQemu ? Reason.ACCESS_DENIED : Reason.CANNOT_ASK;
      case NOT_FOUND, TARGET_REMOVED -> Reason.NOT_FOUND;
      case TOO_MANY_CONNECTIONS -> Reason.UNREACHABLE;
      default -> status >= FIRST_OF_TARGET_ERRORS ? Reason.UNREACHABLE : Reason.UNSUPPORTED;
    };
  }

  /**
   * Why a SCSI command failed.
   *
   * @param status its status
   * @param key the sense key, of CHECK CONDITION
   * @param ascq additional sense code and qualifier, likewise
   */
  static Reason commandFailure(int status, int key, int ascq) {
    if (status == Libiscsi.SCSI_STATUS_RESERVATION_CONFLICT) {
      return Reason.IN_USE;
    }
    if (isIllegalRequest(status, key)) {
      return ascq == Libiscsi.SCSI_SENSE_ASCQ_LOGICAL_UNIT_NOT_SUPPORTED
          ? Reason.NOT_FOUND
          : Reason.UNSUPPORTED;
    }
    // Busy, not ready, a failed medium, a lost connection: it may be back.
    return Reason.UNREACHABLE;
  }

  /** Whether a command, or the LUN, is not known to the target. */
  static boolean isIllegalRequest(int status, int key) {
    return status == Libiscsi.SCSI_STATUS_CHECK_CONDITION
        && key == Libiscsi.SCSI_SENSE_ILLEGAL_REQUEST;
  }

  /** Whether the LUN has something to report first. */
  static boolean isUnitAttention(int status, int key) {
    return status == Libiscsi.SCSI_STATUS_CHECK_CONDITION
        && key == Libiscsi.SCSI_SENSE_UNIT_ATTENTION;
  }

  /**
   * The size of a LUN in bytes.
   *
   * @param lastBlock the address of its last block
   * @param blockBytes the length of a block
   * @throws RefusedException if it is beyond 2^63 - 1
   */
  static long bytes(long lastBlock, int blockBytes) throws RefusedException {
    try {
      if (lastBlock >= 0 && blockBytes > 0) {
        return Math.multiplyExact(Math.addExact(lastBlock, 1), (long) blockBytes);
      }
    } catch (ArithmeticException e) {
      // Refused below.
    }
    throw new RefusedException(
        Reason.UNSUPPORTED,
        "the last block is "
            + Long.toUnsignedString(lastBlock)
            + " and has "
            + Integer.toUnsignedString(blockBytes)
            + " bytes");
  }
}
