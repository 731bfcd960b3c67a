// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.io.IOException;
import java.io.StringReader;

/**
 * Hands a document to the parser, and keeps from it what it has no limits of its own for: the time
 * that it needs for a tag grows with the square of the number of attributes, and for a document
 * with that of the number of namespaces. (Seen with Aalto 1.3.3: 100,000 namespaces take minutes.)
 */
final class LimitedReader extends StringReader {

  /** What the daemon can send of a string ({@code REMOTE_STRING_MAX}), in bytes. */
  private static final int LONGEST_DOCUMENT = 4 * 1024 * 1024;

  /** libvirt's longest tags have some hundred characters. */
  private static final int LONGEST_TAG = 0x10000;

  /** An application that keeps metadata in a domain needs a few. */
  private static final int MOST_NAMESPACES = 1000;

  private static final String NAMESPACE = "xmlns";

  private final String document;
  private int position;

  /** Where the last '&lt;' is among what was read. */
  private int lastOpening;

  /** Whether what begins there was looked at, and does no harm. */
  private boolean harmless;

  LimitedReader(String document) {
    super(document);
    this.document = document;
    if (document.length() > LONGEST_DOCUMENT) {
      throw XmlCursor.errorAt(document, 0, "a document of more than 4 MiB");
    }
    int namespaces = 0;
    // The word in a text counts, too: nobody writes it there a thousand times.
    for (int at = document.indexOf(NAMESPACE); at >= 0; at = document.indexOf(NAMESPACE, at + 1)) {
      if (++namespaces > MOST_NAMESPACES) {
        throw XmlCursor.errorAt(
            document, at, "\"xmlns\" occurs more than " + MOST_NAMESPACES + " times");
      }
    }
  }

  @Override
  public int read(char[] target, int offset, int length) throws IOException {
    int count = super.read(target, offset, length);
    int at = offset + count - 1;
    while (at >= offset && target[at] != '<') {
      at--;
    }
    if (at >= offset) {
      lastOpening = position + at - offset;
      harmless = false;
    }
    position += Math.max(0, count);
    if (!harmless && position - lastOpening > LONGEST_TAG) {
      refuseLongTag();
      harmless = true;
    }
    return count;
  }

  /** A long text, comment or CDATA section does no harm; a tag that does not end does. */
  private void refuseLongTag() {
    if (document.startsWith("<!", lastOpening) || document.startsWith("<?", lastOpening)) {
      return;
    }
    char quote = 0;
    for (int at = lastOpening; at < lastOpening + LONGEST_TAG; at++) {
      char c = document.charAt(at);
      if (quote == 0 && c == '>') {
        return;
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      }
    }
    throw XmlCursor.errorAt(
        document, lastOpening, "a tag of more than " + LONGEST_TAG + " characters");
  }
}
