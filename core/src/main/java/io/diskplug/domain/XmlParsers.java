// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import com.fasterxml.aalto.stax.InputFactoryImpl;
import java.util.concurrent.atomic.AtomicInteger;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.XMLStreamReader2;

/**
 * Makes parsers. Safe for use by several threads.
 *
 * <p>A factory of Aalto's keeps every name that it has ever seen, which is quick for the names of
 * libvirt, and a leak for others. So a factory is used for a while only.
 */
final class XmlParsers {

  /** Dozens of large domains; a document that is larger has a factory of its own. */
  private static final int MOST_CHARACTERS = 2 * 1024 * 1024;

  static final XmlParsers SHARED = new XmlParsers();

  private volatile Factory current = new Factory();

  private XmlParsers() {}

  XMLStreamReader2 parser(String document) throws XMLStreamException {
    Factory factory = current;
    if (factory.left.addAndGet(-document.length()) < 0) {
      // Several threads may do so at once: each has a fresh one, and the last one stays.
      factory = new Factory();
      factory.left.addAndGet(-document.length());
      current = factory;
    }
    return (XMLStreamReader2) factory.aalto.createXMLStreamReader(new LimitedReader(document));
  }

  private static final class Factory {

    private final InputFactoryImpl aalto = new InputFactoryImpl();
    private final AtomicInteger left = new AtomicInteger(MOST_CHARACTERS);

    Factory() {
      aalto.setProperty(XMLInputFactory.SUPPORT_DTD, false);
      aalto.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
      aalto.setProperty(XMLInputFactory.IS_COALESCING, false);
    }
  }
}
