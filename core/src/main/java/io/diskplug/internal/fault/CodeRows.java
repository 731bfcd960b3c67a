// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static io.diskplug.internal.fault.Row.ANY;
import static io.diskplug.internal.fault.Row.ATTACH;
import static io.diskplug.internal.fault.Row.CHANGE;
import static io.diskplug.internal.fault.Row.DETACH;
import static io.diskplug.internal.fault.Row.row;
import static io.diskplug.internal.fault.Verdict.ALREADY_DONE;
import static io.diskplug.internal.fault.Verdict.FATAL;
import static io.diskplug.internal.fault.Verdict.RETRYABLE;

import java.util.List;

/** Codes that mean one thing, or one thing unless the text says more. */
final class CodeRows {

  static final List<Row> ROWS =
      List.of(
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
          // The lock manager of libvirt (virtlockd): another host, or another domain, has the
          // lease of the volume.
          row(
              ATTACH,
              ErrorCode.RESOURCE_BUSY,
              "Lockspace resource .* is locked",
              Condition.VOLUME_IN_USE,
              RETRYABLE),
          row(ANY, ErrorCode.RESOURCE_BUSY, Condition.DOMAIN_BUSY, RETRYABLE),
          row(ANY, ErrorCode.NO_SUPPORT, Condition.NOT_SUPPORTED, FATAL),
          row(ANY, ErrorCode.BLOCK_COPY_ACTIVE, Condition.BLOCK_JOB_RUNNING, RETRYABLE),
          row(ATTACH, ErrorCode.NO_SECRET, Condition.SECRET_MISSING, FATAL),
          row(CHANGE, ErrorCode.NO_SOURCE, Condition.BAD_REQUEST, FATAL),
          row(CHANGE, ErrorCode.NO_TARGET, Condition.BAD_REQUEST, FATAL),
          row(CHANGE, ErrorCode.XML_DETAIL, Condition.BAD_REQUEST, FATAL),
          row(DETACH, ErrorCode.DEVICE_MISSING, Condition.DEVICE_MISSING, ALREADY_DONE));

  private CodeRows() {}
}
