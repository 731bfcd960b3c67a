// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/** Which characters XML 1.0 (fifth edition) allows where. */
final class XmlChars {

  private static final int ASCII = 128;
  private static final byte NAME_START = 1;
  private static final byte NAME = 2;
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

  static boolean isName(int codePoint) {
    return codePoint < ASCII
        ? CLASSES[codePoint] != 0
        : within(NAME_START_RANGES, codePoint) || within(NAME_RANGES, codePoint);
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
    for (char c = 'a'; c <= 'z'; c++) {
      classes[c] = NAME_START;
      classes[Character.toUpperCase(c)] = NAME_START;
    }
    classes['_'] = NAME_START;
    classes[':'] = NAME_START;
    for (char c = '0'; c <= '9'; c++) {
      classes[c] = NAME;
    }
    classes['-'] = NAME;
    classes['.'] = NAME;
    return classes;
  }
}
