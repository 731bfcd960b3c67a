// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.namespace.QName;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.jspecify.annotations.Nullable;

/** Whatever happens to a document, reading it ends in a domain or in a typed error. */
class MutatedDocumentsProperties {

  @Property(tries = 100_000, shrinking = ShrinkingMode.BOUNDED)
  void areReadOrRefused(@ForAll("documents") String document) {
    try {
      DomainView domain = DomainXmlReader.readDomain(document, View.LIVE);
      for (Disk disk : domain.disks()) {
        assertThat(DomainXmlReader.diskXml(document, disk.targetDev())).isPresent();
      }
    } catch (DomainXmlException e) {
      assertThat(e.getMessage()).doesNotContain(MutatedDocuments.SECRET);
      assertThat(e.line()).isPositive();
      assertThat(e.column()).isPositive();
    }
  }

  /** Another parser says what is in a document; where it is stricter than ours, nothing is said. */
  @Property(tries = 20_000, shrinking = ShrinkingMode.BOUNDED)
  void sayTheSameAsWithTheParserOfTheJdk(@ForAll("documents") String document) {
    List<String> expected = eventsOfTheJdk(document);
    if (expected != null) {
      assertThat(events(document)).isEqualTo(expected);
    }
  }

  @Provide
  Arbitrary<String> documents() {
    return MutatedDocuments.documents();
  }

  private static @Nullable List<String> events(String document) {
    List<String> events = new ArrayList<>();
    try {
      XmlCursor cursor = new XmlCursor(document);
      cursor.root("domain");
      describe(cursor, events);
      cursor.end();
      return events;
    } catch (DomainXmlException e) {
      return null;
    }
  }

  private static void describe(XmlCursor cursor, List<String> events) {
    events.add(
        cursor.name()
            + cursor.attributes().entrySet().stream()
                .map(a -> a.getKey() + "=" + a.getValue())
                .sorted()
                .toList());
    if (cursor.name().equals("name")) {
      events.add("text " + cursor.text());
    } else {
      while (cursor.nextChild()) {
        describe(cursor, events);
      }
    }
    events.add("end");
  }

  private static @Nullable List<String> eventsOfTheJdk(String document) {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    List<String> events = new ArrayList<>();
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(document));
      while (reader.hasNext()) {
        switch (reader.next()) {
          case XMLStreamConstants.DTD -> {
            return null;
          }
          case XMLStreamConstants.START_ELEMENT -> start(reader, events);
          case XMLStreamConstants.END_ELEMENT -> events.add("end");
          default -> {}
        }
      }
      return events.get(0).startsWith("domain[") ? events : null;
    } catch (XMLStreamException | RuntimeException e) {
      return null;
    }
  }

  private static void start(XMLStreamReader reader, List<String> events) throws XMLStreamException {
    List<String> attributes = new ArrayList<>();
    for (int i = 0; i < reader.getAttributeCount(); i++) {
      attributes.add(prefixed(reader.getAttributeName(i)) + "=" + reader.getAttributeValue(i));
    }
    attributes.sort(null);
    events.add(prefixed(reader.getName()) + attributes);
    if (reader.getLocalName().equals("name")) {
      events.add("text " + text(reader));
      events.add("end");
    }
  }

  /** The JDK takes an empty prefix for a part of the name, which Namespaces in XML forbids. */
  private static String prefixed(QName name) {
    if (name.getLocalPart().indexOf(':') >= 0) {
      throw new IllegalArgumentException("no name: " + name);
    }
    return name.getPrefix().isEmpty()
        ? name.getLocalPart()
        : name.getPrefix() + ":" + name.getLocalPart();
  }

  private static String text(XMLStreamReader reader) throws XMLStreamException {
    StringBuilder text = new StringBuilder();
    int depth = 1;
    while (depth > 0) {
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT -> depth++;
        case XMLStreamConstants.END_ELEMENT -> depth--;
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> {
          if (depth == 1) {
            text.append(reader.getText());
          }
        }
        default -> {}
      }
    }
    return text.toString();
  }

  @Example
  void anEmptyPrefixIsNothingThatTheJdkCanTell() {
    String document = "<domain><:x/></domain>";
    assertThat(eventsOfTheJdk(document)).isNull();
    assertThat(events(document)).isNull();
  }
}
