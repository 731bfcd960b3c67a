// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

/** Writes a {@link SecretDefinitionXml} as text. Safe for use by several threads. */
public final class SecretXmlWriter {

  private SecretXmlWriter() {}

  /**
   * The element as libvirt's {@code virSecretDefineXML} takes it: escaped, without an XML
   * declaration.
   *
   * @param secret the element
   * @throws IllegalStateException if no jakarta.xml.bind implementation can be loaded
   */
  public static String write(SecretDefinitionXml secret) {
    return ElementWriter.write(secret);
  }
}
