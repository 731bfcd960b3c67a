// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

/**
 * Keeps from the parser what it has no limits of its own for: the time that it needs for a tag
 * grows with the square of the number of attributes, and for a document with that of the number of
 * namespaces. (Seen with Aalto 1.3.3: 100,000 namespaces take minutes.)
 */
final class DocumentLimits {

  /** What the daemon can send of a string ({@code REMOTE_STRING_MAX}), in bytes. */
  private static final int LONGEST_DOCUMENT = 4 * 1024 * 1024;

  /** libvirt's longest tags have some hundred characters. */
  private static final int LONGEST_TAG = 0x10000;

  /**
   * Half of it: then a longer tag has a place that is looked at, and is that far behind its '&lt;'.
   */
  private static final int STRIDE = LONGEST_TAG / 2;

  /** An application that keeps metadata in a domain needs a few. */
  private static final int MOST_NAMESPACES = 1000;

  private static final String NAMESPACE = "xmlns";

  private DocumentLimits() {}

  /**
   * Refuses what libvirt never sends.
   *
   * @throws DomainXmlException if the document is beyond a limit
   */
  static void check(String document) {
    if (document.length() > LONGEST_DOCUMENT) {
      throw XmlCursor.errorAt(document, 0, "a document of more than 4 MiB");
    }
    checkNamespaces(document);
    checkTags(document);
  }

  private static void checkNamespaces(String document) {
    int namespaces = 0;
    // The word in a text counts, too: no text has it a thousand times.
    for (int at = document.indexOf(NAMESPACE); at >= 0; at = document.indexOf(NAMESPACE, at + 1)) {
      if (++namespaces > MOST_NAMESPACES) {
        throw XmlCursor.errorAt(
            document, at, "\"xmlns\" occurs more than " + MOST_NAMESPACES + " times");
      }
    }
  }

  /** Looks at a few places only, so that a document of small tags costs next to nothing. */
  private static void checkTags(String document) {
    int opening = 0;
    int checked = -1;
    for (int at = STRIDE; at < document.length(); at += STRIDE) {
      opening = lastOpening(document, opening, at);
      if (at - opening >= STRIDE && checked < opening) {
        checkTag(document, opening);
        checked = opening;
      }
    }
  }

  /** The last '&lt;' up to a place; it is not searched for below the one that is known. */
  private static int lastOpening(String document, int known, int place) {
    int at = place;
    while (at > known && document.charAt(at) != '<') {
      at--;
    }
    return at;
  }

  /** A long text, comment or CDATA section does no harm; a tag that does not end does. */
  private static void checkTag(String document, int opening) {
    if (document.startsWith("<!", opening) || document.startsWith("<?", opening)) {
      return;
    }
    int limit = opening + LONGEST_TAG;
    if (limit > document.length()) {
      return;
    }
    char quote = 0;
    for (int at = opening; at < limit; at++) {
      char c = document.charAt(at);
      if (quote == 0 && c == '>') {
        return;
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      }
    }
    throw XmlCursor.errorAt(document, opening, "a tag of more than " + LONGEST_TAG + " characters");
  }
}
