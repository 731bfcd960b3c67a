// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import org.jspecify.annotations.Nullable;

/** Numbers in attributes, in the notations that libvirt reads. */
final class XmlNumbers {

  private static final int NONE = -1;

  private XmlNumbers() {}

  /**
   * A number in C notation (0x1f, 017, 15), as in PCI and CCW addresses ({@code virXMLPropUInt}
   * with base 0); 0 if the attribute is missing.
   */
  static int any(XmlCursor cursor, String attribute, int max) {
    return checked(cursor, attribute, 0, max, 0);
  }

  /**
   * A decimal number, as in drive addresses and indexes; the default if the attribute is missing.
   */
  static int decimal(XmlCursor cursor, String attribute, int max, int missing) {
    return checked(cursor, attribute, 10, max, missing);
  }

  /** The value of a decimal number; null if it is none or larger than max. */
  static @Nullable Integer decimalOrNull(@Nullable String digits, int max) {
    if (digits == null) {
      return null;
    }
    int value = parse(digits, 10, max);
    return value == NONE ? null : value;
  }

  private static int checked(XmlCursor cursor, String attribute, int base, int max, int missing) {
    String digits = cursor.attribute(attribute);
    if (digits == null) {
      return missing;
    }
    int value = parse(digits, base, max);
    if (value == NONE) {
      throw cursor.error(
          "<" + cursor.name() + "> has a " + attribute + " that is no number from 0 to " + max);
    }
    return value;
  }

  private static int parse(String text, int base, int max) {
    int radix = base;
    int at = 0;
    if (base == 0) {
      radix = 10;
      if (text.startsWith("0x") || text.startsWith("0X")) {
        radix = 16;
        at = 2;
      } else if (text.startsWith("0")) {
        radix = 8;
      }
    }
    if (at == text.length()) {
      return NONE;
    }
    long value = 0;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      int digit = c < 0x80 ? Character.digit(c, radix) : NONE;
      if (digit == NONE) {
        return NONE;
      }
      value = value * radix + digit;
      if (value > max) {
        return NONE;
      }
    }
    return (int) value;
  }
}
