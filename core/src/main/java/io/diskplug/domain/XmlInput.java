// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import org.jspecify.annotations.Nullable;

/**
 * The characters of a document and a position in them: names, references and character data as XML
 * 1.0 defines them. Knows the five predefined entities only, so there is nothing to expand.
 */
final class XmlInput {

  /** Ends the characters, so that scanning needs no second test; no document may contain it. */
  private static final char END = '\0';

  private final String document;
  private final char[] chars;
  private final int length;
  private final XmlStrings strings;
  private int position;

  XmlInput(String document) {
    this.document = document;
    this.length = document.length();
    this.chars = new char[length + 1];
    document.getChars(0, length, chars, 0);
    chars[length] = END;
    this.strings = new XmlStrings(document, chars);
  }

  int position() {
    return position;
  }

  boolean atEnd() {
    return position == length;
  }

  /**
   * The character at a distance from the position; no character of a document at the end, which is
   * as far as the distance may reach.
   */
  char peek(int distance) {
    return chars[position + distance];
  }

  /** Moves past a number of characters that have been looked at. */
  void advance(int count) {
    position += count;
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

  /** Moves past the character. */
  void require(char expected, String problem) {
    if (chars[position] != expected) {
      throw error(problem);
    }
    position++;
  }

  /** Moves past white space, and says whether there was any. */
  boolean skipSpace() {
    int from = position;
    while (XmlChars.isSpace(chars[position])) {
      position++;
    }
    return position > from;
  }

  /** Moves past a name. */
  void skipName() {
    if (!XmlChars.isNameStart(codePoint())) {
      throw error("a name is expected here");
    }
    int at = position;
    while (XmlChars.isAsciiName(chars[at])) {
      at++;
    }
    position = at;
    while (XmlChars.isName(codePoint())) {
      position += Character.charCount(codePoint());
    }
  }

  /** Moves to where the terminator begins. */
  void skipUntil(String terminator, String problem) {
    int end = document.indexOf(terminator, position);
    if (end < 0) {
      throw error(problem);
    }
    while (position < end) {
      skipAllowed();
    }
  }

  /** Moves past character data to the next '&lt;' or the end; appends it to the sink, if any. */
  void skipText(@Nullable StringBuilder sink) {
    int from = position;
    while (true) {
      int at = position;
      while (XmlChars.isPlainText(chars[at])) {
        at++;
      }
      position = at;
      char c = chars[position];
      if (c == '<' || position == length) {
        append(sink, from);
        return;
      } else if (c == '&') {
        append(sink, from);
        int codePoint = skipReference();
        if (sink != null) {
          sink.appendCodePoint(codePoint);
        }
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
  }

  /** Moves past the inside of a CDATA section and its end; appends it to the sink, if any. */
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
    advance("]]>".length());
  }

  /** Moves past the quoted value of an attribute; true if it must be {@link #decode decoded}. */
  boolean skipQuoted() {
    char quote = chars[position];
    if (quote != '"' && quote != '\'') {
      throw error("the value of an attribute is not in quotes");
    }
    position++;
    boolean decode = false;
    while (true) {
      int at = position;
      while (XmlChars.isPlainValue(chars[at])) {
        at++;
      }
      position = at;
      char c = chars[position];
      if (c == quote) {
        position++;
        return decode;
      } else if (c == '<') {
        throw error("'<' is not allowed in the value of an attribute");
      } else if (c == '&') {
        decode = true;
        skipReference();
      } else {
        decode |= c < ' ';
        skipAllowed();
      }
    }
  }

  /** The value between the offsets, with references replaced and white space made blanks. */
  String decode(int from, int to) {
    StringBuilder value = new StringBuilder(to - from);
    int here = position;
    position = from;
    while (position < to) {
      char c = chars[position];
      if (c == '&') {
        value.appendCodePoint(skipReference());
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

  /** The characters between the offsets as the document has them. */
  String slice(int from, int to) {
    return strings.slice(from, to);
  }

  /** Whether the characters from the offset on are these. */
  boolean matches(int from, String expected) {
    return document.startsWith(expected, from);
  }

  /** Moves past as many characters as are given if they are the same as those at an offset. */
  boolean skipSame(int offset, int count) {
    if (!same(offset, position, count)) {
      return false;
    }
    position += count;
    return true;
  }

  /** Whether the characters from the two offsets on are the same. */
  boolean same(int from, int otherFrom, int count) {
    for (int i = 0; i < count; i++) {
      // The end of the document differs from every character of it.
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

  private int codePoint() {
    char c = chars[position];
    return Character.isHighSurrogate(c) ? Character.codePointAt(chars, position, length) : c;
  }

  private void append(@Nullable StringBuilder sink, int from) {
    if (sink != null) {
      sink.append(chars, from, position - from);
    }
  }

  /** Moves past one character that a document may contain. */
  private void skipAllowed() {
    if (position == length) {
      throw error("the document ends too early");
    }
    int codePoint = codePoint();
    if (!XmlChars.isAllowed(codePoint)) {
      throw error("a character that XML does not allow");
    }
    position += Character.charCount(codePoint);
  }

  private void skipLineEnd(@Nullable StringBuilder sink) {
    position++;
    if (chars[position] == '\n') {
      position++;
    }
    if (sink != null) {
      sink.append('\n');
    }
  }

  /** Moves past a reference; the code point that it stands for. */
  private int skipReference() {
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
    return codePoint;
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
    char c = chars[position];
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
