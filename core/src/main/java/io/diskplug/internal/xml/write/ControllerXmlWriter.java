// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

/** Writes a {@link ControllerXml} as text. Safe for use by several threads. */
public final class ControllerXmlWriter {

  private ControllerXmlWriter() {}

  /**
   * The element as libvirt's {@code virDomainAttachDeviceFlags} takes it: escaped, without an XML
   * declaration.
   *
   * @param controller the element
   * @throws IllegalStateException if no jakarta.xml.bind implementation can be loaded
   */
  public static String write(ControllerXml controller) {
    return ElementWriter.write(controller);
  }
}
