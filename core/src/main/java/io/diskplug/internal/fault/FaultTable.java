// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import io.diskplug.fault.LibvirtFault;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The one table of libvirt's codes and messages. The first row that fits decides.
 *
 * <p>The codes in {@link #MEANT_BY_TEXT} mean many things, and only the message tells them apart. A
 * message that is translated, reworded or empty fits no row of such a code, and is then {@link
 * Verdict#UNKNOWN}: it is never a reason to give up for good, nor to take something for done. Each
 * verdict follows from what would heal the fault ({@link Condition#remedy}): time makes it {@link
 * Verdict#RETRYABLE}, a change that a person has to make {@link Verdict#FATAL}.
 */
final class FaultTable {

  /** The codes that mean different things by their message. */
  static final Set<Integer> MEANT_BY_TEXT =
      Set.of(
          ErrorCode.INTERNAL_ERROR,
          ErrorCode.INVALID_ARG,
          ErrorCode.OPERATION_FAILED,
          ErrorCode.XML_ERROR,
          ErrorCode.SYSTEM_ERROR,
          ErrorCode.OPERATION_INVALID,
          ErrorCode.CONFIG_UNSUPPORTED,
          ErrorCode.OPERATION_UNSUPPORTED);

  private static final Classification NOTHING_KNOWN =
      new Classification(Condition.OTHER, Verdict.UNKNOWN);

  private static final List<Row> ROWS =
      Stream.of(
              CodeRows.ROWS,
              JobRows.ROWS,
              StorageRows.ROWS,
              ControllerRows.ROWS,
              PlugRows.ROWS,
              SecretRows.ROWS,
              RequestRows.ROWS)
          .flatMap(List::stream)
          .toList();

  private FaultTable() {}

  static List<Row> rows() {
    return ROWS;
  }

  static Classification classify(LibvirtFault fault) {
    String words = Row.words(fault.message());
    return ROWS.stream()
        .filter(row -> row.fits(fault, words))
        .findFirst()
        .map(Row::classification)
        .orElse(NOTHING_KNOWN);
  }
}
