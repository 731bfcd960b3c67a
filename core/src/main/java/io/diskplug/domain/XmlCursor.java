// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A forward walk over the elements of a document, checking that it is well-formed on the way.
 *
 * <p>The protocol: the cursor is in an element from the moment that {@link #root} or {@link
 * #nextChild} has moved it there. Whoever is handed an element leaves it again, by calling {@link
 * #nextChild} until that is false, or by {@link #text} or {@link #skip}.
 *
 * <p>A document type declaration is refused, and with it every entity that a document could define.
 * Prefixes of names are kept as they are: libvirt uses none where disks and addresses are.
 */
final class XmlCursor {

  /** Deeper than any backing chain that libvirt follows (200), and no danger to a stack. */
  private static final int MAX_DEPTH = 512;

  private static final int MAX_ATTRIBUTES = 256;

  private final XmlInput input;

  /** Offset and length of the name of each open element. */
  private int[] open = new int[32];

  private int depth;

  /** Offsets of name start, name end, value start, value end of each attribute. */
  private int[] attributes = new int[32];

  private boolean[] encoded = new boolean[8];
  private int attributeCount;
  private int elementStart;
  private boolean selfClosing;
  private String name = "";

  XmlCursor(String document) {
    this.input = new XmlInput(document);
  }

  /** Moves into the root element, which must have the given name. */
  void root(String expected) {
    XmlMisc.skipDeclaration(input);
    XmlMisc.skipAll(input);
    if (input.peek(0) != '<') {
      throw input.error("the root element is expected here");
    }
    startTag();
    if (!name.equals(expected)) {
      throw error("the root element is not <" + expected + ">");
    }
  }

  /** Checks that nothing follows the root element, which has been left. */
  void end() {
    XmlMisc.skipAll(input);
    if (!input.atEnd()) {
      throw input.error("the document goes on after its root element");
    }
  }

  /** Moves into the next child of the element; if there is none, leaves the element. */
  boolean nextChild() {
    return next(null);
  }

  /** The text of the element, without that of its children; leaves it. */
  String text() {
    StringBuilder text = new StringBuilder();
    while (next(text)) {
      skip();
    }
    return text.toString();
  }

  /** Leaves the element. */
  void skip() {
    int parent = depth - 1;
    while (depth > parent) {
      next(null);
    }
  }

  /** The name of the element that was entered last. */
  String name() {
    return name;
  }

  /** Where the tag of the element that was entered last begins. */
  int elementStart() {
    return elementStart;
  }

  /** Where the cursor is: behind the last tag that it has read. */
  int position() {
    return input.position();
  }

  /** What the document has between two places. */
  String verbatim(int from, int to) {
    return input.slice(from, to);
  }

  /** The value of an attribute of the element that was entered last. */
  @Nullable String attribute(String name) {
    for (int i = 0; i < attributeCount; i++) {
      int at = 4 * i;
      if (attributes[at + 1] - attributes[at] == name.length()
          && input.matches(attributes[at], name)) {
        return value(i);
      }
    }
    return null;
  }

  /** The attributes of the element that was entered last; the map does not change. */
  Map<String, String> attributes() {
    @SuppressWarnings({"unchecked", "rawtypes"})
    Map.Entry<String, String>[] entries = new Map.Entry[attributeCount];
    for (int i = 0; i < attributeCount; i++) {
      entries[i] = Map.entry(input.slice(attributes[4 * i], attributes[4 * i + 1]), value(i));
    }
    return Map.ofEntries(entries);
  }

  /** An error at the tag of the element that was entered last. */
  DomainXmlException error(String problem) {
    return input.errorAt(elementStart, problem);
  }

  /** An error at a place that {@link #elementStart} gave. */
  DomainXmlException errorAt(int offset, String problem) {
    return input.errorAt(offset, problem);
  }

  private String value(int attribute) {
    int from = attributes[4 * attribute + 2];
    int to = attributes[4 * attribute + 3];
    return encoded[attribute] ? input.decode(from, to) : input.slice(from, to);
  }

  /** Moves to the next tag; true if it starts an element, false if it ends one. */
  private boolean next(@Nullable StringBuilder sink) {
    if (selfClosing) {
      selfClosing = false;
      depth--;
      return false;
    }
    while (true) {
      input.skipText(sink);
      if (input.atEnd()) {
        throw input.error("the document ends before its elements do");
      }
      switch (input.peek(1)) {
        case '/' -> {
          endTag();
          return false;
        }
        case '!' -> {
          if (input.skip("<![CDATA[")) {
            input.skipCdata(sink);
          } else {
            XmlMisc.skipComment(input);
          }
        }
        case '?' -> XmlMisc.skipInstruction(input);
        default -> {
          startTag();
          return true;
        }
      }
    }
  }

  private void startTag() {
    elementStart = input.position();
    input.advance(1);
    push();
    attributeCount = 0;
    while (true) {
      boolean space = input.skipSpace();
      char c = input.peek(0);
      if (c == '>') {
        input.advance(1);
        return;
      } else if (c == '/') {
        input.require("/>", "'>' is expected after '/'");
        selfClosing = true;
        return;
      } else if (!space) {
        throw input.error("white space is expected before an attribute");
      }
      addAttribute();
    }
  }

  private void push() {
    if (depth == MAX_DEPTH) {
      throw error("elements are nested more than " + MAX_DEPTH + " deep");
    }
    if (2 * depth == open.length) {
      open = Arrays.copyOf(open, 2 * open.length);
    }
    int from = input.position();
    input.skipName();
    name = input.slice(from, input.position());
    open[2 * depth] = from;
    open[2 * depth + 1] = input.position() - from;
    depth++;
  }

  private void endTag() {
    input.advance(2);
    depth--;
    if (!input.skipSame(open[2 * depth], open[2 * depth + 1])) {
      throw input.error("the end tag is not that of the open element");
    }
    input.skipSpace();
    input.require('>', "an end tag does not end where it should");
  }

  private void addAttribute() {
    if (attributeCount == MAX_ATTRIBUTES) {
      throw error("an element with more than " + MAX_ATTRIBUTES + " attributes");
    }
    if (attributeCount == encoded.length) {
      encoded = Arrays.copyOf(encoded, 2 * encoded.length);
      attributes = Arrays.copyOf(attributes, 2 * attributes.length);
    }
    int at = 4 * attributeCount;
    attributes[at] = input.position();
    input.skipName();
    attributes[at + 1] = input.position();
    refuseDuplicate(at);
    input.skipSpace();
    input.require('=', "'=' is expected after the name of an attribute");
    input.skipSpace();
    attributes[at + 2] = input.position() + 1;
    encoded[attributeCount] = input.skipQuoted();
    attributes[at + 3] = input.position() - 1;
    attributeCount++;
  }

  private void refuseDuplicate(int at) {
    int length = attributes[at + 1] - attributes[at];
    for (int other = 0; other < at; other += 4) {
      if (attributes[other + 1] - attributes[other] == length
          && input.same(attributes[other], attributes[at], length)) {
        throw input.errorAt(attributes[at], "an attribute is given twice");
      }
    }
  }
}
