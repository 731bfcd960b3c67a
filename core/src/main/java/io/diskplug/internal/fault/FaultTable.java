// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import io.diskplug.fault.LibvirtFault;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
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

  /** What does not depend on the storage, and what the host lacks for any. */
  private static final List<Row> FIRST =
      concat(Stream.of(CodeRows.ROWS, JobRows.ROWS, StorageRows.OF_HOST));

  /** What is asked when no driver of a backend has said it. */
  private static final List<Row> THEN =
      concat(
          Stream.of(
              StorageRows.ROWS,
              ControllerRows.ROWS,
              PlugRows.ROWS,
              SecretRows.ROWS,
              RequestRows.ROWS));

  private FaultTable() {}

  private static List<Row> concat(Stream<List<Row>> lists) {
    return lists.flatMap(List::stream).toList();
  }

  static List<Row> rows() {
    return concat(Stream.of(FIRST, THEN));
  }

  static Classification classify(LibvirtFault fault) {
    return classify(fault, words -> Optional.empty());
  }

  /**
   * What a fault means.
   *
   * @param fault a failed call
   * @param drivers what the words mean that a block driver of a backend says
   */
  static Classification classify(
      LibvirtFault fault, Function<String, Optional<Condition>> drivers) {
    String words = Row.words(fault.message());
    return find(FIRST, fault, words)
        .or(() -> StorageRows.ofDriver(fault, words, drivers))
        .or(() -> find(THEN, fault, words))
        .orElse(NOTHING_KNOWN);
  }

  private static Optional<Classification> find(List<Row> rows, LibvirtFault fault, String words) {
    return rows.stream().filter(row -> row.fits(fault, words)).findFirst().map(Row::classification);
  }
}
