// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

/**
 * An answer of the monitor that is no answer to what was asked. Its message does not quote the
 * answer, which can name what does not belong in a log.
 */
public final class UnexpectedAnswerException extends Exception {
  private static final long serialVersionUID = 1L;

  UnexpectedAnswerException(String message) {
    super(message);
  }
}
