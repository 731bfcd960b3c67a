// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import static io.diskplug.internal.fault.Row.ATTACH;
import static io.diskplug.internal.fault.Row.CHANGE;
import static io.diskplug.internal.fault.Row.DEFINE_SECRET;
import static io.diskplug.internal.fault.Row.TUNE;
import static io.diskplug.internal.fault.Row.row;
import static io.diskplug.internal.fault.Verdict.FATAL;

import java.util.List;

/**
 * What is wrong with the request itself, by the words with which libvirt's validation says so.
 *
 * <p>These codes are used for hundreds of messages. A message counts only if it says in English
 * that something is not possible in this form, and says nothing of a job, a lock or another state
 * that passes. The words before the first colon are libvirt's name of the code, and do not count.
 */
final class RequestRows {

  private static final String PASSES =
      "already|busy|\\bjob|\\bactive|in use|running|progress|current|while|until|tempor|still"
          + "|\\b(un)?lock(ed)?\\b|migrat|snapshot|backup|checkpoint|not ready|timed? ?out|\\byet\\b|retry|later";

  private static final String LASTS =
      "not (be )?(supported|compatible|defined|allowed|available|valid|possible|permitted)"
          + "|doesn't support|does not support|only support|\\bunsupported|[Ii]nvalid|malformed"
          + "|cannot (be|modify|use|set|resize|parse|have)|can't be|can only|must (be|not|have)|may not be"
          + "|[Mm]issing|[Uu]nknown|[Uu]nexpected|requires?\\b|needs|expect|out of range|too (large|small|long|big|many)"
          + "|greater than|less than|larger than|smaller than|lower than|overflow|multiple of|exceed|unsafe"
          + "|incompatible|mutually exclusive|at the same time|not a "
          + "|[Oo]nly |should be|has to be|different iotunes";

  private static final String WORDS = "^[^:]*: (?!(?s:.*)(" + PASSES + "))(?s:.*)(" + LASTS + ")";

  static final List<Row> ROWS =
      List.of(
          row(CHANGE, ErrorCode.XML_ERROR, WORDS, Condition.BAD_REQUEST, FATAL),
          row(DEFINE_SECRET, ErrorCode.XML_ERROR, WORDS, Condition.BAD_REQUEST, FATAL),
          // libvirt 7.0; code 27 in 9.0.
          row(
              ATTACH,
              ErrorCode.INTERNAL_ERROR,
              "Invalid harddisk device name",
              Condition.BAD_REQUEST,
              FATAL),
          row(ATTACH, ErrorCode.CONFIG_UNSUPPORTED, WORDS, Condition.BAD_REQUEST, FATAL),
          row(TUNE, ErrorCode.CONFIG_UNSUPPORTED, WORDS, Condition.BAD_REQUEST, FATAL),
          row(ATTACH, ErrorCode.INVALID_ARG, WORDS, Condition.BAD_REQUEST, FATAL),
          row(TUNE, ErrorCode.INVALID_ARG, WORDS, Condition.BAD_REQUEST, FATAL),
          row(ATTACH, ErrorCode.OPERATION_UNSUPPORTED, WORDS, Condition.BAD_REQUEST, FATAL),
          row(TUNE, ErrorCode.OPERATION_UNSUPPORTED, WORDS, Condition.NOT_SUPPORTED, FATAL));

  private RequestRows() {}
}
