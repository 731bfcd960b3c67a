// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.JAXBContext;
import jakarta.xml.bind.JAXBException;
import jakarta.xml.bind.Marshaller;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the elements of this package as text. Safe for use by several threads. */
final class ElementWriter {

  private ElementWriter() {}

  /** An element with {@code @XmlRootElement}: escaped, without an XML declaration. */
  static String write(Object element) {
    try {
      // A Marshaller is cheap to make and must not be shared between threads.
      Marshaller marshaller = Context.INSTANCE.createMarshaller();
      marshaller.setProperty(Marshaller.JAXB_FRAGMENT, true);
      // To bytes: the reference implementation has a fast path for UTF-8, and none for characters.
      ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
      marshaller.marshal(element, out);
      return out.toString(StandardCharsets.UTF_8);
    } catch (JAXBException e) {
      throw new IllegalStateException("cannot write the element", e);
    }
  }

  /** Made once, on first use: making a context takes a good part of a second. */
  private static final class Context {
    static final JAXBContext INSTANCE = create();

    private static JAXBContext create() {
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      // jakarta.xml.bind looks for its implementation through the thread's context class loader.
      // A pool thread of the host application may have none, or one that does not see our
      // dependencies; our own always does.
      thread.setContextClassLoader(ElementWriter.class.getClassLoader());
      try {
        return JAXBContext.newInstance(
            DiskXml.class, ControllerXml.class, SecretDefinitionXml.class);
      } catch (JAXBException e) {
        throw new IllegalStateException("no usable jakarta.xml.bind implementation", e);
      } finally {
        thread.setContextClassLoader(before);
      }
    }
  }
}
