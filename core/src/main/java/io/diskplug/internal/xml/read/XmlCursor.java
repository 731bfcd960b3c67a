// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import java.util.Map;
import javax.xml.stream.Location;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.LocationInfo;
import org.codehaus.stax2.XMLStreamReader2;
import org.jspecify.annotations.Nullable;

/**
 * A forward walk over the elements of a document, which must be well-formed as far as the walk
 * goes.
 *
 * <p>The protocol: the cursor is in an element as soon as {@link #root} or {@link #nextChild} has
 * moved it there. A method that is handed an element leaves it again, by calling {@link #nextChild}
 * until that is false, or by {@link #text} or {@link #skip}.
 *
 * <p>A document type declaration is refused, and with it every entity that a document could define.
 * Names are compared with their prefixes: libvirt uses none where disks and addresses are.
 */
final class XmlCursor {

  /** Deeper than any backing chain that libvirt follows (200), and no danger to a stack. */
  private static final int MAX_DEPTH = 512;

  /** What the daemon can send of a string ({@code REMOTE_STRING_MAX}), in bytes. */
  private static final int LONGEST_DOCUMENT = 4 * 1024 * 1024;

  private final String document;
  private final XMLStreamReader2 reader;
  private final StringBuilder textRead = new StringBuilder();
  private int depth;
  private int tokenStart;
  private String name = "";

  XmlCursor(String document) {
    if (document.length() > LONGEST_DOCUMENT) {
      throw errorAt(document, 0, "a document of more than 4 MiB");
    }
    this.document = document;
    try {
      this.reader = XmlParsers.SHARED.parser(document);
    } catch (XMLStreamException e) {
      throw notWellFormed(e.getLocation());
    }
  }

  /** Moves into the root element, which must have the given name. */
  void root(String expected) {
    while (!next(null)) {
      // Comments and processing instructions may come first.
    }
    if (!name.equals(expected)) {
      throw error("the root element is not <" + expected + ">");
    }
  }

  /** Checks that nothing follows the root element, which has been left. */
  void end() {
    while (event() != XMLStreamConstants.END_DOCUMENT) {
      // The parser refuses what may not follow.
    }
  }

  /** Moves into the next child of the element; if there is none, leaves the element. */
  boolean nextChild() {
    return next(null);
  }

  /**
   * The same, with the text up to there.
   *
   * @param read takes the text
   */
  boolean nextChild(StringBuilder read) {
    return next(read);
  }

  /** The text of the element, without that of its children; leaves it. */
  String text() {
    textRead.setLength(0);
    while (next(textRead)) {
      skip();
    }
    return textRead.toString();
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

  /** The namespace of the element that was entered last; empty if it has none. */
  String namespace() {
    String uri = reader.getNamespaceURI();
    return uri == null ? "" : uri;
  }

  /** Where the tag of the element that was entered last begins. */
  int elementStart() {
    // Before the root element, the parser counts white space in front of a tag as a part of it.
    return document.indexOf('<', tokenStart);
  }

  /** Where the cursor is: behind the last tag that it has read. */
  int position() {
    try {
      LocationInfo where = reader.getLocationInfo();
      return place(where.getEndingCharOffset(), where.getEndingByteOffset());
    } catch (XMLStreamException e) {
      throw notWellFormed();
    }
  }

  /** What the document has between two places. */
  String verbatim(int from, int to) {
    return document.substring(from, to);
  }

  /** The value of an attribute of the element that was entered last. */
  @Nullable String attribute(String name) {
    return reader.getAttributeValue("", name);
  }

  /** The attributes of the element that was entered last; the map does not change. */
  Map<String, String> attributes() {
    int count = reader.getAttributeCount();
    @SuppressWarnings({"unchecked", "rawtypes"})
    Map.Entry<String, String>[] entries = new Map.Entry[count];
    for (int i = 0; i < count; i++) {
      String prefix = reader.getAttributePrefix(i);
      String local = reader.getAttributeLocalName(i);
      entries[i] =
          Map.entry(
              prefix == null || prefix.isEmpty() ? local : prefix + ":" + local,
              reader.getAttributeValue(i));
    }
    return Map.ofEntries(entries);
  }

  /** An error at the tag of the element that was entered last. */
  DomainXmlException error(String problem) {
    return errorAt(elementStart(), problem);
  }

  /** An error at a place that {@link #elementStart} gave. */
  DomainXmlException errorAt(int offset, String problem) {
    return errorAt(document, offset, problem);
  }

  private static DomainXmlException errorAt(String document, int offset, String problem) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < offset; i++) {
      if (document.charAt(i) == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    return new DomainXmlException(problem, line, offset - lineStart + 1);
  }

  /** Moves to the next tag; true if it starts an element, false if it ends one. */
  private boolean next(@Nullable StringBuilder sink) {
    while (true) {
      switch (event()) {
        case XMLStreamConstants.START_ELEMENT -> {
          enter();
          return true;
        }
        case XMLStreamConstants.END_ELEMENT -> {
          depth--;
          return false;
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> {
          if (sink != null) {
            append(sink);
          }
        }
        case XMLStreamConstants.DTD -> throw declaration();
        default -> {}
      }
    }
  }

  private void enter() {
    tokenStart = tokenStart();
    name = reader.getPrefixedName();
    depth++;
    if (depth > MAX_DEPTH) {
      throw error("elements are nested more than " + MAX_DEPTH + " deep");
    }
  }

  private void append(StringBuilder sink) {
    try {
      sink.append(reader.getTextCharacters(), reader.getTextStart(), reader.getTextLength());
    } catch (RuntimeException e) {
      // The parser reads text when it is asked for, and wraps what is wrong with it.
      throw notWellFormed();
    }
  }

  private int event() {
    try {
      return reader.next();
    } catch (DomainXmlException e) {
      throw e;
    } catch (XMLStreamException | RuntimeException e) {
      // The parser has unchecked exceptions for oddities such as a prefix named xmlns.
      throw notWellFormed();
    }
  }

  private DomainXmlException declaration() {
    return errorAt(document.indexOf('<', tokenStart()), "a document type declaration is refused");
  }

  /** Where what the parser looked at last begins. */
  private int tokenStart() {
    LocationInfo where = reader.getLocationInfo();
    return place(where.getStartingCharOffset(), where.getStartingByteOffset());
  }

  /** The parser counts what it was given, and knows nothing (-1) of the other. */
  private static int place(long characters, long bytes) {
    return (int) Math.max(characters, bytes);
  }

  private DomainXmlException notWellFormed() {
    // It looks at several bytes of an end tag at once, and may have passed a wrong one.
    return document.startsWith("</", tokenStart())
        ? notWellFormed(tokenStart())
        : notWellFormed(reader.getLocationInfo().getCurrentLocation());
  }

  private DomainXmlException notWellFormed(Location where) {
    return notWellFormed(Math.max(0, Math.min(where.getCharacterOffset(), document.length())));
  }

  /** Without the parser's own words: they may quote the document. */
  private DomainXmlException notWellFormed(int offset) {
    return errorAt(offset, "the XML is not well-formed here");
  }
}
