// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import org.jspecify.annotations.Nullable;

/**
 * The characters of a document and a position in them: names, references and character data as XML
 * 1.0 defines them. Knows the five predefined entities only, so there is nothing to expand.
 */
final class XmlInput {

  private static final int SHORT_STRINGS = 256;
  private static final int LONGEST_SHORT_STRING = 24;

  private final String document;
  private final char[] chars;

  /** The same few names and values come up again and again: one string for each. */
  private final @Nullable String[] shortStrings = new String[SHORT_STRINGS];

  private int position;

  XmlInput(String document) {
    this.document = document;
    this.chars = document.toCharArray();
  }

  int position() {
    return position;
  }

  boolean atEnd() {
    return position == chars.length;
  }

  /** The character at the position. */
  char peek() {
    if (position == chars.length) {
      throw error("the document ends too early");
    }
    return chars[position];
  }

  void advance() {
    position++;
  }

  /** Moves past the literal if it comes next. */
  boolean skip(String literal) {
    if (!document.startsWith(literal, position)) {
      return false;
    }
    position += literal.length();
    return true;
  }

  /** Moves past the literal. */
  void require(String literal, String problem) {
    if (!skip(literal)) {
      throw error(problem);
    }
  }

  /** Moves past white space, and says whether there was any. */
  boolean skipSpace() {
    int from = position;
    while (position < chars.length && XmlChars.isSpace(chars[position])) {
      position++;
    }
    return position > from;
  }

  /** Moves past a name. */
  void skipName() {
    int from = position;
    while (position < chars.length) {
      int c = chars[position] < 0x80 ? chars[position] : document.codePointAt(position);
      if (position == from ? !XmlChars.isNameStart(c) : !XmlChars.isName(c)) {
        break;
      }
      position += Character.charCount(c);
    }
    if (position == from) {
      throw error("a name is expected here");
    }
  }

  /** Moves past the terminator of a comment or processing instruction. */
  void skipThrough(String terminator, String problem) {
    int from = position;
    int at = document.indexOf(terminator, position);
    if (at < 0) {
      throw error(problem);
    }
    while (position < at) {
      skipAllowed();
    }
    if (position != at) {
      throw errorAt(from, problem);
    }
    position += terminator.length();
  }

  /**
   * Moves past character data up to the next '&lt;' or the end, and appends it to the sink, if
   * there is one.
   */
  void skipText(@Nullable StringBuilder sink) {
    int from = position;
    while (position < chars.length) {
      char c = chars[position];
      if (c == '<') {
        break;
      } else if (c == '&') {
        append(sink, from);
        skipReference(sink);
        from = position;
      } else if (c == '\r') {
        append(sink, from);
        skipLineEnd(sink);
        from = position;
      } else if (c == ']' && document.startsWith("]]>", position)) {
        throw error("\"]]>\" is not allowed in text");
      } else {
        skipAllowed();
      }
    }
    append(sink, from);
  }

  /** Moves past the rest of a CDATA section. */
  void skipCdata(@Nullable StringBuilder sink) {
    int end = document.indexOf("]]>", position);
    if (end < 0) {
      throw error("a CDATA section does not end");
    }
    int from = position;
    while (position < end) {
      if (chars[position] == '\r') {
        append(sink, from);
        skipLineEnd(sink);
        from = position;
      } else {
        skipAllowed();
      }
    }
    append(sink, from);
    position = end + 3;
  }

  /** Moves past the quoted value of an attribute; true if it is to be decoded before use. */
  boolean skipQuoted() {
    char quote = peek();
    if (quote != '"' && quote != '\'') {
      throw error("the value of an attribute is not in quotes");
    }
    position++;
    boolean decode = false;
    while (peek() != quote) {
      char c = chars[position];
      if (c == '<') {
        throw error("'<' is not allowed in the value of an attribute");
      } else if (c == '&') {
        decode = true;
        skipReference(null);
      } else {
        decode |= c < ' ';
        skipAllowed();
      }
    }
    position++;
    return decode;
  }

  /** The value between the offsets, with references replaced and white space made blanks. */
  String decode(int from, int to) {
    StringBuilder value = new StringBuilder(to - from);
    int here = position;
    position = from;
    while (position < to) {
      char c = chars[position];
      if (c == '&') {
        skipReference(value);
      } else if (c == '\r') {
        skipLineEnd(null);
        value.append(' ');
      } else {
        value.append(c == '\n' || c == '\t' ? ' ' : c);
        position++;
      }
    }
    position = here;
    return value.toString();
  }

  /** The characters between the offsets; short ones are shared. */
  String slice(int from, int to) {
    int length = to - from;
    if (length == 0) {
      return "";
    }
    if (length > LONGEST_SHORT_STRING) {
      return document.substring(from, to);
    }
    int hash = length * 31 + chars[from] * 7 + chars[to - 1] * 13 + chars[from + length / 2];
    int slot = hash & (SHORT_STRINGS - 1);
    String known = shortStrings[slot];
    if (known != null && known.length() == length && document.startsWith(known, from)) {
      return known;
    }
    String slice = document.substring(from, to);
    shortStrings[slot] = slice;
    return slice;
  }

  /** The characters between the offsets as the document has them. */
  String verbatim(int from, int to) {
    return document.substring(from, to);
  }

  /** Whether the characters from the offset on are these. */
  boolean matches(int from, String expected) {
    return document.startsWith(expected, from);
  }

  /** Whether the characters from the two offsets on are the same. */
  boolean same(int from, int otherFrom, int length) {
    for (int i = 0; i < length; i++) {
      if (chars[from + i] != chars[otherFrom + i]) {
        return false;
      }
    }
    return true;
  }

  DomainXmlException error(String problem) {
    return errorAt(position, problem);
  }

  DomainXmlException errorAt(int offset, String problem) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < offset; i++) {
      if (chars[i] == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    return new DomainXmlException(problem, line, offset - lineStart + 1);
  }

  private void append(@Nullable StringBuilder sink, int from) {
    if (sink != null) {
      sink.append(chars, from, position - from);
    }
  }

  private void skipLineEnd(@Nullable StringBuilder sink) {
    position++;
    if (position < chars.length && chars[position] == '\n') {
      position++;
    }
    if (sink != null) {
      sink.append('\n');
    }
  }

  /** Moves past one character, and refuses one that no document may contain. */
  private void skipAllowed() {
    char c = chars[position];
    if (c >= ' ' && c < Character.MIN_SURROGATE) {
      position++;
      return;
    }
    int codePoint = document.codePointAt(position);
    if (!XmlChars.isAllowed(codePoint)) {
      throw error("a character that XML does not allow");
    }
    position += Character.charCount(codePoint);
  }

  private void skipReference(@Nullable StringBuilder sink) {
    int from = position;
    position++;
    int codePoint;
    if (skip("#x")) {
      codePoint = skipDigits(16);
    } else if (skip("#")) {
      codePoint = skipDigits(10);
    } else {
      codePoint = skipEntity(from);
    }
    require(";", "a reference does not end with ';'");
    if (!XmlChars.isAllowed(codePoint)) {
      throw errorAt(from, "a reference to a character that XML does not allow");
    }
    if (sink != null) {
      sink.appendCodePoint(codePoint);
    }
  }

  private int skipDigits(int radix) {
    int value = 0;
    int from = position;
    for (int digit = digit(radix); digit >= 0; digit = digit(radix)) {
      // Larger than every code point is as bad as far larger, and does not overflow.
      value = Math.min(value * radix + digit, Character.MAX_CODE_POINT + 1);
      position++;
    }
    if (position == from) {
      throw error("a character reference without a number");
    }
    return value;
  }

  private int digit(int radix) {
    char c = peek();
    return c < 0x80 ? Character.digit(c, radix) : -1;
  }

  private int skipEntity(int from) {
    if (skip("amp")) {
      return '&';
    } else if (skip("lt")) {
      return '<';
    } else if (skip("gt")) {
      return '>';
    } else if (skip("quot")) {
      return '"';
    } else if (skip("apos")) {
      return '\'';
    }
    throw errorAt(from, "a reference to an entity that XML does not predefine");
  }
}
