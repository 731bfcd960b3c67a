// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/** What a document may have besides elements: a declaration, comments, instructions. */
final class XmlMisc {

  private XmlMisc() {}

  /**
   * Moves past the XML declaration, if there is one. Its encoding has no meaning any more: the
   * document has been decoded.
   */
  static void skipDeclaration(XmlInput input) {
    int length = "<?xml".length();
    if (!input.matches(0, "<?xml") || !XmlChars.isSpace(input.peek(length))) {
      return;
    }
    input.advance(length);
    input.skipSpace();
    input.require("version", "an XML declaration without a version");
    if (!value(input).equals("1.0")) {
      throw input.error("only XML 1.0 is read");
    }
    boolean space = input.skipSpace();
    if (space && input.skip("encoding")) {
      if (value(input).isEmpty()) {
        throw input.error("an XML declaration with an empty encoding");
      }
      space = input.skipSpace();
    }
    if (space && input.skip("standalone")) {
      String standalone = value(input);
      if (!standalone.equals("yes") && !standalone.equals("no")) {
        throw input.error("standalone is neither yes nor no");
      }
      input.skipSpace();
    }
    input.require("?>", "an XML declaration does not end as it should");
  }

  /** Moves past white space, comments and processing instructions. */
  static void skipAll(XmlInput input) {
    input.skipSpace();
    while (input.peek(0) == '<') {
      if (input.peek(1) == '!') {
        skipComment(input);
      } else if (input.peek(1) == '?') {
        skipInstruction(input);
      } else {
        return;
      }
      input.skipSpace();
    }
  }

  /** Moves past a comment; refuses whatever else begins like one. */
  static void skipComment(XmlInput input) {
    if (!input.skip("<!--")) {
      throw input.error("a document type declaration is refused");
    }
    input.skipUntil("--", "a comment does not end");
    input.require("-->", "\"--\" is not allowed in a comment");
  }

  /** Moves past a processing instruction. */
  static void skipInstruction(XmlInput input) {
    input.advance("<?".length());
    int from = input.position();
    input.skipName();
    if (input.slice(from, input.position()).equalsIgnoreCase("xml")) {
      throw input.errorAt(from, "an XML declaration that is not at the start");
    }
    if (!input.skip("?>")) {
      requireSpace(input);
      input.skipUntil("?>", "a processing instruction does not end");
      input.advance("?>".length());
    }
  }

  private static void requireSpace(XmlInput input) {
    if (!input.skipSpace()) {
      throw input.error("white space is expected here");
    }
  }

  private static String value(XmlInput input) {
    input.skipSpace();
    input.require('=', "'=' is expected in an XML declaration");
    input.skipSpace();
    int from = input.position() + 1;
    input.skipQuoted();
    return input.slice(from, input.position() - 1);
  }
}
