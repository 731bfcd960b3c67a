// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/** The XML declaration, and processing instructions. */
final class XmlProlog {

  private XmlProlog() {}

  /**
   * Moves past the XML declaration, if there is one. Its encoding has no meaning any more: the
   * document has been decoded.
   */
  static void skip(XmlInput input) {
    if (!input.skip("<?xml")) {
      return;
    }
    if (!input.skipSpace()) {
      throw input.error("white space is expected after \"<?xml\"");
    }
    input.require("version", "an XML declaration without a version");
    String version = value(input);
    if (!version.equals("1.0")) {
      throw input.error("only XML 1.0 is read");
    }
    boolean space = input.skipSpace();
    if (space && input.skip("encoding")) {
      String encoding = value(input);
      if (encoding.isEmpty()) {
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

  /** Moves past the rest of a processing instruction. */
  static void skipInstruction(XmlInput input) {
    int from = input.position();
    input.skipName();
    String target = input.slice(from, input.position());
    if (target.equalsIgnoreCase("xml")) {
      throw input.errorAt(from, "an XML declaration that is not at the start");
    }
    if (input.skip("?>")) {
      return;
    }
    if (!input.skipSpace()) {
      throw input.error("white space is expected in a processing instruction");
    }
    input.skipThrough("?>", "a processing instruction does not end");
  }

  private static String value(XmlInput input) {
    input.skipSpace();
    input.require("=", "'=' is expected in an XML declaration");
    input.skipSpace();
    int from = input.position() + 1;
    input.skipQuoted();
    return input.slice(from, input.position() - 1);
  }
}
