// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

/** Writes a {@link DiskXml} as text. Safe for use by several threads. */
public final class DiskXmlWriter {

  private DiskXmlWriter() {}

  /**
   * The element as libvirt's {@code virDomainAttachDeviceFlags} takes it: escaped, without an XML
   * declaration.
   *
   * @param disk the element
   * @throws IllegalStateException if no jakarta.xml.bind implementation can be loaded
   */
  public static String write(DiskXml disk) {
    return ElementWriter.write(disk);
  }
}
