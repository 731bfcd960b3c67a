// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions of libiscsi that the probe calls, by their names in C, from {@code iscsi/iscsi.h}
 * and {@code iscsi/scsi-lowlevel.h} of 1.19. None of them waits, but for a name that {@code
 * iscsi_connect_async} has to resolve.
 */
interface Libiscsi extends Library {

  /** With its version: {@link #SENSE_KEY} rests on it. */
  String FILE = "libiscsi.so.7";

  int ISCSI_SESSION_NORMAL = 2;
  int ISCSI_HEADER_DIGEST_NONE_CRC32C = 1;

  int SCSI_STATUS_GOOD = 0;
  int SCSI_STATUS_CHECK_CONDITION = 2;
  int SCSI_STATUS_RESERVATION_CONFLICT = 0x18;
  int SCSI_STATUS_REDIRECT = 0x101;

  int SCSI_SENSE_ILLEGAL_REQUEST = 5;
  int SCSI_SENSE_UNIT_ATTENTION = 6;

  int SCSI_SENSE_ASCQ_LOGICAL_UNIT_NOT_SUPPORTED = 0x2500;

  /**
   * Where {@code sense.key} is in {@code struct scsi_task} of {@code scsi-lowlevel.h}, which QEMU
   * reads too: {@code int status, cdb_size, xfer_dir, expxferlen; unsigned char cdb[16]; enum
   * residual_status; size_t residual; struct { unsigned char error_type; enum key; int ascq; …}
   * sense}. No function tells.
   */
  long SENSE_KEY = 4 * 4 + 16 + 2L * Native.SIZE_T_SIZE + 4;

  /** Where {@code sense.ascq} is. */
  long SENSE_ASCQ = SENSE_KEY + 4;

  /** {@code iscsi_command_cb}. */
  interface Answered extends Callback {
    void answered(Pointer context, int status, @Nullable Pointer data, @Nullable Pointer cookie);
  }

  @Nullable Pointer iscsi_create_context(String initiator);

  /** Also disconnects, and calls back for what is not answered. */
  int iscsi_destroy_context(Pointer context);

  void iscsi_set_log_level(Pointer context, int level);

  void iscsi_set_noautoreconnect(Pointer context, int state);

  int iscsi_set_isid_random(Pointer context, int random, int qualifier);

  int iscsi_set_targetname(Pointer context, String target);

  int iscsi_set_session_type(Pointer context, int type);

  int iscsi_set_header_digest(Pointer context, int digest);

  /** The password is no string: a string cannot be overwritten. */
  int iscsi_set_initiator_username_pwd(Pointer context, String user, Pointer password);

  int iscsi_connect_async(Pointer context, String portal, Answered callback, Pointer cookie);

  int iscsi_login_async(Pointer context, Answered callback, Pointer cookie);

  int iscsi_logout_async(Pointer context, Answered callback, Pointer cookie);

  @Nullable Pointer iscsi_testunitready_task(
      Pointer context, int lun, Answered callback, Pointer cookie);

  @Nullable Pointer iscsi_readcapacity16_task(
      Pointer context, int lun, Answered callback, Pointer cookie);

  @Nullable Pointer iscsi_readcapacity10_task(
      Pointer context, int lun, int lba, int pmi, Answered callback, Pointer cookie);

  int iscsi_get_fd(Pointer context);

  int iscsi_which_events(Pointer context);

  int iscsi_service(Pointer context, int events);

  @Nullable String iscsi_get_error(Pointer context);

  @Nullable String iscsi_get_target_address(Pointer context);

  /** The answer as a struct, which lives as long as the task. */
  @Nullable Pointer scsi_datain_unmarshall(Pointer task);

  void scsi_free_scsi_task(Pointer task);

  /**
   * Loads the library.
   *
   * @throws UnsatisfiedLinkError if it is not there
   */
  static Libiscsi load(String file) {
    return Native.load(file, Libiscsi.class, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));
  }
}
