// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.io.IOException;
import java.io.StringReader;

/**
 * Hands a document to the parser, and keeps from it what it has no limits of its own for: the time
 * that it needs for a tag grows with the square of the number of attributes, and for a document
 * with the square of the number of namespaces. (Seen with Aalto 1.3.3: 100,000 namespaces take
 * minutes.)
 */
final class XmlLimits extends StringReader {

  /** libvirt's longest tags have some hundred characters; its strings end at 4 MiB. */
  private static final int LONGEST_TAG = 0x10000;

  /** An application that keeps metadata in a domain needs a few. */
  private static final int MOST_NAMESPACES = 1000;

  private static final String NAMESPACE = "xmlns";

  private final String document;
  private int position;

  /** How much was read of a tag that is not complete; a comment counts as one. */
  private int openFor;

  XmlLimits(String document) {
    super(document);
    this.document = document;
    int namespaces = 0;
    for (int at = document.indexOf(NAMESPACE); at >= 0; at = document.indexOf(NAMESPACE, at + 1)) {
      if (++namespaces > MOST_NAMESPACES) {
        throw XmlCursor.errorAt(document, at, "more than " + MOST_NAMESPACES + " namespaces");
      }
    }
  }

  @Override
  public int read(char[] target, int offset, int length) throws IOException {
    int count = super.read(target, offset, length);
    if (count > 0) {
      int at = offset + count - 1;
      while (at >= offset && target[at] != '<' && target[at] != '>') {
        at--;
      }
      if (at < offset) {
        openFor += openFor > 0 ? count : 0;
      } else {
        openFor = target[at] == '<' ? offset + count - at : 0;
      }
      position += count;
      if (openFor > LONGEST_TAG) {
        throw XmlCursor.errorAt(
            document, position - openFor, "a tag of more than " + LONGEST_TAG + " characters");
      }
    }
    return count;
  }
}
