// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static io.diskplug.internal.fault.Row.ANY;
import static io.diskplug.internal.fault.Row.CHANGE;
import static io.diskplug.internal.fault.Row.TUNE;
import static io.diskplug.internal.fault.Row.quoting;
import static io.diskplug.internal.fault.Row.row;
import static io.diskplug.internal.fault.Verdict.FATAL;
import static io.diskplug.internal.fault.Verdict.RETRYABLE;
import static io.diskplug.internal.fault.Verdict.UNKNOWN;

import io.diskplug.fault.Call;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Jobs of libvirt and QEMU, and what the domain is doing: what passes without a change. */
final class JobRows {

  private static final Set<Call> DISK = union(CHANGE, TUNE);

  static final List<Row> ROWS =
      List.of(
          // A pull, a commit or a backup; copies and active commits have a code of their own.
          row(
              DISK,
              ErrorCode.OPERATION_UNSUPPORTED,
              "already in active block job|block job",
              Condition.BLOCK_JOB_RUNNING,
              RETRYABLE),
          row(
              ANY,
              ErrorCode.OPERATION_INVALID,
              "block job|backup job|blockjob",
              Condition.BLOCK_JOB_RUNNING,
              RETRYABLE),
          // QEMU's own words, for block_resize above all: op blockers and shared permissions.
          row(
              DISK,
              ErrorCode.INTERNAL_ERROR,
              "in use by block job|Node '' is busy",
              Condition.BLOCK_JOB_RUNNING,
              RETRYABLE),
          row(
              DISK,
              ErrorCode.INTERNAL_ERROR,
              "command 'block_(resize|set_io_throttle)': .*(is in use|Conflicts with use by|Cannot get '' permission)",
              Condition.BLOCK_JOB_RUNNING,
              RETRYABLE),
          row(
              ANY,
              ErrorCode.INTERNAL_ERROR,
              "not allowed while migrating|Migration is disabled|domain is (being )?migrat",
              Condition.DOMAIN_BUSY,
              RETRYABLE),
          row(
              ANY,
              ErrorCode.OPERATION_INVALID,
              "migration job|job is (already )?(active|running)|is being migrated",
              Condition.DOMAIN_BUSY,
              RETRYABLE),
          row(
              ANY,
              ErrorCode.OPERATION_FAILED,
              "max_queued limit|cannot acquire state change lock",
              Condition.DOMAIN_BUSY,
              RETRYABLE),
          row(
              ANY,
              ErrorCode.OPERATION_INVALID,
              "pmsuspended",
              Condition.GUEST_SUSPENDED,
              RETRYABLE),
          row(
              ANY,
              ErrorCode.OPERATION_FAILED,
              "domain is no longer running",
              Condition.DOMAIN_NOT_RUNNING,
              UNKNOWN),
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
              "End of file from qemu monitor|(qemu|QEMU) unexpectedly closed the monitor",
              Condition.QEMU_GONE,
              UNKNOWN),
          row(ANY, ErrorCode.INVALID_ARG, "monitor must not be NULL", Condition.QEMU_GONE, UNKNOWN),
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
          // Such a part is being restarted, or has more callers than it takes.
          quoting(
              ANY,
              ErrorCode.SYSTEM_ERROR,
              "/libvirt/virt[a-z]+d-(admin-)?sock': "
                  + "(Connection refused|Resource temporarily unavailable)",
              Condition.CONNECTION_LOST,
              RETRYABLE),
          // It runs, and its socket is not for this daemon: SELinux or AppArmor.
          quoting(
              ANY,
              ErrorCode.SYSTEM_ERROR,
              "/libvirt/virt(?!qemud|proxyd)[a-z]+d-(admin-)?sock': (Permission denied|Operation not"
                  + " permitted)",
              Condition.NOT_PERMITTED,
              FATAL),
          // The name of the socket tells it, in each language. So a part that is being restarted is
          // taken for a missing one where the daemon speaks another language than English.
          quoting(
              ANY,
              ErrorCode.SYSTEM_ERROR,
              "/libvirt/virt(?!qemud|proxyd)[a-z]+d-(admin-)?sock",
              Condition.DAEMON_INCOMPLETE,
              FATAL),
          row(
              ANY,
              ErrorCode.SYSTEM_ERROR,
              "(Failed to connect socket|Cannot recv data|Cannot write data|End of file while reading data)",
              Condition.CONNECTION_LOST,
              RETRYABLE));

  private JobRows() {}

  private static Set<Call> union(Set<Call> one, Set<Call> other) {
    Set<Call> both = EnumSet.copyOf(one);
    both.addAll(other);
    return both;
  }
}
