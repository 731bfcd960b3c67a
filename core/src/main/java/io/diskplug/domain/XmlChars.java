// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/** Which characters XML 1.0 (fifth edition) allows where. */
final class XmlChars {

  private static final int ASCII = 128;
  private static final int NAME_START = 1;
  private static final int NAME = 2;
  private static final int TEXT = 4;
  private static final int VALUE = 8;
  private static final byte[] CLASSES = classes();

  /** First and last code point of each range of NameStartChar beyond ASCII. */
  private static final int[] NAME_START_RANGES = {
    0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0x2FF, 0x370, 0x37D, 0x37F, 0x1FFF, 0x200C, 0x200D, 0x2070,
    0x218F, 0x2C00, 0x2FEF, 0x3001, 0xD7FF, 0xF900, 0xFDCF, 0xFDF0, 0xFFFD, 0x10000, 0xEFFFF
  };

  /** What NameChar allows beyond NameStartChar, beyond ASCII. */
  private static final int[] NAME_RANGES = {0xB7, 0xB7, 0x300, 0x36F, 0x203F, 0x2040};

  private XmlChars() {}

  static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  static boolean isNameStart(int codePoint) {
    return codePoint < ASCII
        ? (CLASSES[codePoint] & NAME_START) != 0
        : within(NAME_START_RANGES, codePoint);
  }

  /** A quick test: false for a name's characters beyond ASCII. */
  static boolean isAsciiName(char c) {
    return c < ASCII && (CLASSES[c] & NAME) != 0;
  }

  static boolean isName(int codePoint) {
    return codePoint < ASCII
        ? (CLASSES[codePoint] & NAME) != 0
        : within(NAME_START_RANGES, codePoint) || within(NAME_RANGES, codePoint);
  }

  /** Whether the character always stands for itself in text, and is no half of a pair. */
  static boolean isPlainText(char c) {
    return c < ASCII ? (CLASSES[c] & TEXT) != 0 : c < Character.MIN_SURROGATE;
  }

  /** Whether the character stands for itself in every value of an attribute, and is no half. */
  static boolean isPlainValue(char c) {
    return c < ASCII ? (CLASSES[c] & VALUE) != 0 : c < Character.MIN_SURROGATE;
  }

  /** Whether a document may contain the character at all. */
  static boolean isAllowed(int codePoint) {
    if (codePoint < ' ') {
      return codePoint == '\n' || codePoint == '\t' || codePoint == '\r';
    }
    return codePoint < Character.MIN_SURROGATE
        || (codePoint > Character.MAX_SURROGATE && codePoint < 0xFFFE)
        || (codePoint >= Character.MIN_SUPPLEMENTARY_CODE_POINT
            && codePoint <= Character.MAX_CODE_POINT);
  }

  private static boolean within(int[] ranges, int codePoint) {
    for (int i = 0; i < ranges.length; i += 2) {
      if (codePoint >= ranges[i] && codePoint <= ranges[i + 1]) {
        return true;
      }
    }
    return false;
  }

  private static byte[] classes() {
    byte[] classes = new byte[ASCII];
    mark(classes, " !\"#$%'()*+,-./0123456789:;=>?@[\\^_`{|}~\u007f\n\t", TEXT);
    mark(classes, " !#$%()*+,-./0123456789:;=>?@[\\]^_`{|}~\u007f", VALUE);
    mark(classes, "-.0123456789", NAME);
    mark(classes, "_:", NAME | NAME_START);
    for (char c = 'a'; c <= 'z'; c++) {
      classes[c] = NAME_START | NAME | TEXT | VALUE;
      classes[Character.toUpperCase(c)] = classes[c];
    }
    return classes;
  }

  private static void mark(byte[] classes, String chars, int mark) {
    for (int i = 0; i < chars.length(); i++) {
      classes[chars.charAt(i)] |= (byte) mark;
    }
  }
}
