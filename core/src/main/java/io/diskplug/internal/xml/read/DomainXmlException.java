// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

/**
 * Domain, disk or secret XML that cannot be read: not well-formed, refused (a document type
 * declaration), or without something that is needed.
 *
 * <p>The message names the place and the rule, never the content: domain XML may carry passwords.
 */
public final class DomainXmlException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  DomainXmlException(String problem, int line, int column) {
    super("line " + line + ", column " + column + ": " + problem);
    this.line = line;
    this.column = column;
  }

  /** The line of the problem; the first line is 1. */
  public int line() {
    return line;
  }

  /** The column of the problem, in UTF-16 code units; the first column is 1. */
  public int column() {
    return column;
  }
}
