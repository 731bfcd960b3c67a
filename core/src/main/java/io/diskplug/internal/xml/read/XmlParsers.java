// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import com.fasterxml.aalto.stax.InputFactoryImpl;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.XMLStreamReader2;
import org.codehaus.stax2.io.Stax2ByteArraySource;
import org.codehaus.stax2.io.Stax2Source;
import org.codehaus.stax2.io.Stax2StringSource;

/**
 * Makes parsers. Safe for use by several threads.
 *
 * <p>The factory is asked for by its class: the service loader would hand out whatever a host
 * application has on its class path, with whatever it does about entities.
 *
 * <p>A factory of Aalto's keeps every name that it has ever seen, which is quick for the names of
 * libvirt, and a leak for others. So a factory is used for a while only.
 */
final class XmlParsers {

  /** Ten large domains; a document that is larger has a factory of its own. */
  private static final int MOST_CHARACTERS = 256 * 1024;

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
    return (XMLStreamReader2) factory.aalto.createXMLStreamReader(source(document));
  }

  /**
   * Bytes are parsed quicker than characters. They are handed over only where the place of a byte
   * is that of its character, and where no declaration can make the parser take them for others.
   */
  private static Stax2Source source(String document) {
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    boolean ascii =
        bytes.length == document.length()
            // A surrogate without its other half becomes a question mark.
            && document.equals(new String(bytes, StandardCharsets.UTF_8));
    return ascii && !document.startsWith("<?")
        ? new Stax2ByteArraySource(bytes, 0, bytes.length)
        : new Stax2StringSource(document);
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
