// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import org.jspecify.annotations.Nullable;

/**
 * Cuts strings out of a document. The same few names and values come up again and again in domain
 * XML; of a short one, the one made last is used again.
 */
final class XmlStrings {

  private static final int SLOTS = 256;
  private static final int LONGEST_SHARED = 24;

  private final String document;
  private final char[] chars;
  private final @Nullable String[] shared = new String[SLOTS];

  XmlStrings(String document, char[] chars) {
    this.document = document;
    this.chars = chars;
  }

  String slice(int from, int to) {
    int length = to - from;
    if (length == 0) {
      return "";
    }
    if (length > LONGEST_SHARED) {
      return document.substring(from, to);
    }
    int hash = 31 * length + 7 * chars[from] + 13 * chars[to - 1] + chars[from + length / 2];
    int slot = hash & (SLOTS - 1);
    String last = shared[slot];
    if (last != null && last.length() == length && document.startsWith(last, from)) {
      return last;
    }
    String slice = document.substring(from, to);
    shared[slot] = slice;
    return slice;
  }
}
