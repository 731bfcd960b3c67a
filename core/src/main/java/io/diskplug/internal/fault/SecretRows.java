// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static io.diskplug.internal.fault.Row.DEFINE_SECRET;
import static io.diskplug.internal.fault.Row.SECRET;
import static io.diskplug.internal.fault.Row.row;
import static io.diskplug.internal.fault.Verdict.ALREADY_DONE;
import static io.diskplug.internal.fault.Verdict.FATAL;
import static io.diskplug.internal.fault.Verdict.UNKNOWN;

import java.util.List;

/** What libvirt says of secrets. */
final class SecretRows {

  static final List<Row> ROWS =
      List.of(
          row(SECRET, ErrorCode.NO_SECRET, Condition.SECRET_MISSING, UNKNOWN),
          row(
              DEFINE_SECRET,
              ErrorCode.INTERNAL_ERROR,
              "already defined for use with",
              Condition.SECRET_TAKEN,
              ALREADY_DONE),
          row(DEFINE_SECRET, ErrorCode.XML_DETAIL, Condition.BAD_REQUEST, FATAL));

  private SecretRows() {}
}
