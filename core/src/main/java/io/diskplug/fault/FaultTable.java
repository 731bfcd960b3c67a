// SPDX-License-Identifier: Apache-2.0
package io.diskplug.fault;

import static io.diskplug.fault.Verdict.ALREADY_DONE;
import static io.diskplug.fault.Verdict.FATAL;
import static io.diskplug.fault.Verdict.RETRYABLE;
import static io.diskplug.fault.Verdict.UNKNOWN;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The one table of libvirt's codes and messages. The first row that fits decides.
 *
 * <p>Some codes mean many things, and only the message tells them apart. A message that is
 * translated, reworded or empty fits no row with a text and falls through to the row of its code,
 * which claims less: in the end {@link Verdict#UNKNOWN}.
 */
final class FaultTable {

  private static final Classification NOTHING_KNOWN = new Classification(Condition.OTHER, UNKNOWN);

  private static final Set<Call> ANY = EnumSet.allOf(Call.class);

  /** An update is checked as an attach is. */
  private static final Set<Call> ATTACH = EnumSet.of(Call.ATTACH, Call.UPDATE);

  private static final Set<Call> DETACH = EnumSet.of(Call.DETACH);
  private static final Set<Call> TUNE = EnumSet.of(Call.SET_LIMITS, Call.READ_SIZE, Call.RESIZE);
  private static final Set<Call> CHANGE = EnumSet.of(Call.ATTACH, Call.UPDATE, Call.DETACH);

  private static final Set<Call> DEFINE_SECRET = EnumSet.of(Call.DEFINE_SECRET);
  private static final Set<Call> SECRET =
      EnumSet.of(Call.READ_SECRET, Call.DEFINE_SECRET, Call.SET_SECRET, Call.REMOVE_SECRET);

  private static final List<Row> ROWS =
      List.of(
          // Codes that mean one thing.
          row(ANY, ErrorCode.NO_DOMAIN, Condition.DOMAIN_NOT_FOUND, FATAL),
          row(ANY, ErrorCode.NO_CONNECT, Condition.CONNECTION_LOST, RETRYABLE),
          row(ANY, ErrorCode.INVALID_CONN, Condition.CONNECTION_LOST, RETRYABLE),
          row(ANY, ErrorCode.INVALID_DOMAIN, Condition.CONNECTION_LOST, RETRYABLE),
          row(ANY, ErrorCode.RPC, Condition.CONNECTION_LOST, RETRYABLE),
          row(ANY, ErrorCode.GNUTLS_ERROR, Condition.CONNECTION_LOST, RETRYABLE),
          row(ANY, ErrorCode.AUTH_FAILED, Condition.NOT_PERMITTED, FATAL),
          row(ANY, ErrorCode.ACCESS_DENIED, Condition.NOT_PERMITTED, FATAL),
          row(ANY, ErrorCode.OPERATION_DENIED, Condition.NOT_PERMITTED, FATAL),
          row(ANY, ErrorCode.OPERATION_TIMEOUT, Condition.DOMAIN_BUSY, RETRYABLE),
          row(ANY, ErrorCode.AGENT_UNRESPONSIVE, Condition.DOMAIN_BUSY, RETRYABLE),
          row(ANY, ErrorCode.RESOURCE_BUSY, Condition.DOMAIN_BUSY, RETRYABLE),
          row(ANY, ErrorCode.NO_SUPPORT, Condition.NOT_SUPPORTED, FATAL),
          row(CHANGE, ErrorCode.OPERATION_UNSUPPORTED, Condition.NOT_PLUGGABLE, FATAL),
          row(CHANGE, ErrorCode.BLOCK_COPY_ACTIVE, Condition.BLOCK_JOB_RUNNING, RETRYABLE),
          row(ATTACH, ErrorCode.NO_SECRET, Condition.SECRET_MISSING, FATAL),
          row(CHANGE, ErrorCode.NO_SOURCE, Condition.BAD_REQUEST, FATAL),
          row(CHANGE, ErrorCode.NO_TARGET, Condition.BAD_REQUEST, FATAL),
          row(CHANGE, ErrorCode.XML_DETAIL, Condition.BAD_REQUEST, FATAL),
          row(DETACH, ErrorCode.DEVICE_MISSING, Condition.DEVICE_MISSING, ALREADY_DONE),

          // Attach: what QEMU's block drivers say (block/rbd.c, block/iscsi.c and libiscsi under
          // it),
          // with the words of strerror(3) behind.
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "error connecting: (Operation not (permitted|supported)|Permission denied|Invalid argument)",
              Condition.ACCESS_DENIED,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "error connecting: ",
              Condition.STORAGE_UNREACHABLE,
              RETRYABLE),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "error opening pool .*: No such file or directory",
              Condition.VOLUME_NOT_FOUND,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "error opening pool .*: Operation not permitted",
              Condition.ACCESS_DENIED,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "error reading header from .*: No such file or directory",
              Condition.VOLUME_NOT_FOUND,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "error reading header from .*: Operation not permitted",
              Condition.ACCESS_DENIED,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "LOGICAL_UNIT_NOT_SUPPORTED",
              Condition.VOLUME_NOT_FOUND,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "Failed to log in to target.*Target not found",
              Condition.VOLUME_NOT_FOUND,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "Failed to log in to target.*(Authori[sz]ation|Authentication) fail",
              Condition.ACCESS_DENIED,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "Can not reconnect right now|iSCSI: Failed to connect",
              Condition.STORAGE_UNREACHABLE,
              RETRYABLE),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "Could not open .*: No such file or directory",
              Condition.VOLUME_NOT_FOUND,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "Could not open .*: Permission denied",
              Condition.ACCESS_DENIED,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "Failed to get (shared )?\"[^\"]+\" lock",
              Condition.VOLUME_IN_USE,
              FATAL),

          // Attach: what libvirt and QEMU's device model say.
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "No more available PCI slots",
              Condition.NO_ROOM,
              FATAL),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "Duplicate device ID",
              Condition.NAME_TAKEN_IN_QEMU,
              UNKNOWN),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "Duplicate nodes with node-name",
              Condition.NAME_TAKEN_IN_QEMU,
              UNKNOWN),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "PCI: slot .* not available for .*, in use by",
              Condition.ADDRESS_TAKEN,
              UNKNOWN),
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "does not support hotplugging",
              Condition.NOT_PLUGGABLE,
              FATAL),
          // libvirt 9.0 has QEMU open an image that librbd decrypts before it hands over the
          // passphrase: such a disk is there from the start of the domain, or never.
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "No secret with id '[^']*-encryption-secret",
              Condition.NOT_PLUGGABLE,
              FATAL),
          row(
              ATTACH,
              ErrorCode.XML_ERROR,
              "target .* duplicated",
              Condition.TARGET_TAKEN,
              ALREADY_DONE),
          row(
              ATTACH,
              ErrorCode.XML_ERROR,
              "Attempted double use of PCI Address",
              Condition.ADDRESS_TAKEN,
              UNKNOWN),
          row(ATTACH, ErrorCode.XML_ERROR, Condition.BAD_REQUEST, FATAL),
          row(
              ATTACH,
              ErrorCode.OPERATION_INVALID,
              "target .* already exists",
              Condition.TARGET_TAKEN,
              ALREADY_DONE),
          row(
              ATTACH,
              ErrorCode.OPERATION_INVALID,
              "contains a disk with that address",
              Condition.ADDRESS_TAKEN,
              UNKNOWN),
          row(
              ATTACH,
              ErrorCode.OPERATION_FAILED,
              "target .* already exists",
              Condition.TARGET_TAKEN,
              ALREADY_DONE),
          row(
              ATTACH,
              ErrorCode.CONFIG_UNSUPPORTED,
              "non unique alias detected",
              Condition.ALIAS_TAKEN,
              ALREADY_DONE),
          row(ATTACH, ErrorCode.CONFIG_UNSUPPORTED, Condition.BAD_REQUEST, FATAL),
          row(ATTACH, ErrorCode.INVALID_ARG, Condition.BAD_REQUEST, FATAL),
          row(
              ATTACH,
              ErrorCode.SYSTEM_ERROR,
              "Cannot access storage file .*: No such file or directory",
              Condition.VOLUME_NOT_FOUND,
              FATAL),

          // Detach.
          row(
              DETACH,
              ErrorCode.INTERNAL_ERROR,
              "already in the process of unplug",
              Condition.UNPLUG_IN_PROGRESS,
              RETRYABLE),
          // Native PCI Express hot-plug: soon after an attach, and while it works on a request.
          row(
              DETACH,
              ErrorCode.INTERNAL_ERROR,
              "Hot-unplug failed: guest is busy",
              Condition.DOMAIN_BUSY,
              RETRYABLE),
          row(
              DETACH,
              ErrorCode.INTERNAL_ERROR,
              "no device found with alias",
              Condition.DEVICE_MISSING,
              ALREADY_DONE),
          row(
              DETACH,
              ErrorCode.OPERATION_FAILED,
              "disk .* not found",
              Condition.DEVICE_MISSING,
              ALREADY_DONE),
          row(
              DETACH,
              ErrorCode.OPERATION_FAILED,
              "rejected by the guest",
              Condition.GUEST_REFUSED,
              RETRYABLE),
          row(
              DETACH,
              ErrorCode.OPERATION_FAILED,
              "multifunction|not allowed by controller",
              Condition.NOT_PLUGGABLE,
              FATAL),
          row(
              DETACH,
              ErrorCode.INVALID_ARG,
              "no target device",
              Condition.DEVICE_MISSING,
              ALREADY_DONE),
          row(DETACH, ErrorCode.XML_ERROR, Condition.BAD_REQUEST, FATAL),

          // A disk that is attached: its limits and its size.
          row(
              TUNE,
              ErrorCode.INVALID_ARG,
              "not found in|missing persistent configuration|not assigned to domain",
              Condition.DEVICE_MISSING,
              UNKNOWN),
          row(TUNE, ErrorCode.INVALID_ARG, Condition.BAD_REQUEST, FATAL),
          row(TUNE, ErrorCode.CONFIG_UNSUPPORTED, Condition.BAD_REQUEST, FATAL),
          row(TUNE, ErrorCode.OPERATION_UNSUPPORTED, Condition.NOT_SUPPORTED, FATAL),
          row(TUNE, ErrorCode.BLOCK_COPY_ACTIVE, Condition.BLOCK_JOB_RUNNING, RETRYABLE),
          row(
              TUNE,
              ErrorCode.INTERNAL_ERROR,
              "'block_set_io_throttle'|Cannot grow",
              Condition.BAD_REQUEST,
              FATAL),

          // Secrets.
          row(SECRET, ErrorCode.NO_SECRET, Condition.SECRET_MISSING, UNKNOWN),
          row(
              DEFINE_SECRET,
              ErrorCode.INTERNAL_ERROR,
              "already defined for use with",
              Condition.SECRET_TAKEN,
              ALREADY_DONE),
          row(DEFINE_SECRET, ErrorCode.XML_ERROR, Condition.BAD_REQUEST, FATAL),
          row(DEFINE_SECRET, ErrorCode.XML_DETAIL, Condition.BAD_REQUEST, FATAL),

          // Anything: the domain's state, QEMU and the daemon.
          row(
              ANY,
              ErrorCode.OPERATION_INVALID,
              "domain is not running",
              Condition.DOMAIN_NOT_RUNNING,
              UNKNOWN),
          row(
              ANY,
              ErrorCode.OPERATION_INVALID,
              "transient domain",
              Condition.DOMAIN_TRANSIENT,
              UNKNOWN),
          row(
              ANY,
              ErrorCode.INTERNAL_ERROR,
              "End of file from qemu monitor|qemu unexpectedly closed the monitor",
              Condition.QEMU_GONE,
              UNKNOWN),
          row(
              ANY,
              ErrorCode.SYSTEM_ERROR,
              "Unable to (read from|write to) monitor",
              Condition.QEMU_GONE,
              UNKNOWN),
          row(
              ANY,
              ErrorCode.INTERNAL_ERROR,
              "client socket is closed|connection closed",
              Condition.CONNECTION_LOST,
              RETRYABLE),
          row(
              ANY,
              ErrorCode.SYSTEM_ERROR,
              "(Failed to connect socket|Cannot recv data|Cannot write data|End of file while reading data)",
              Condition.CONNECTION_LOST,
              RETRYABLE),
          row(
              ANY,
              ErrorCode.OPERATION_FAILED,
              "max_queued limit",
              Condition.DOMAIN_BUSY,
              RETRYABLE));

  private FaultTable() {}

  static Classification classify(LibvirtFault fault) {
    return ROWS.stream()
        .filter(row -> row.fits(fault))
        .findFirst()
        .map(Row::classification)
        .orElse(NOTHING_KNOWN);
  }

  private static Row row(Set<Call> calls, int code, Condition condition, Verdict verdict) {
    return new Row(calls, code, null, new Classification(condition, verdict));
  }

  private static Row row(
      Set<Call> calls, int code, String text, Condition condition, Verdict verdict) {
    return new Row(calls, code, Pattern.compile(text), new Classification(condition, verdict));
  }

  private record Row(
      Set<Call> calls, int code, @Nullable Pattern text, Classification classification) {
    boolean fits(LibvirtFault fault) {
      return code == fault.code()
          && calls.contains(fault.call())
          && (text == null || text.matcher(fault.message()).find());
    }
  }
}
