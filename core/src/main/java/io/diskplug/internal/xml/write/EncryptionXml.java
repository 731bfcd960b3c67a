// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** The {@code <encryption>} element: how the data is encrypted. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class EncryptionXml {
  /** The format, for example {@code luks2}. */
  @XmlAttribute public @Nullable String format;

  /** Who decrypts: {@code qemu} or {@code librbd}. */
  @XmlAttribute public @Nullable String engine;

  /** The libvirt secret that holds the passphrase; never the passphrase itself. */
  public @Nullable SecretXml secret;

  /** Made empty; the fields are filled in afterwards. */
  public EncryptionXml() {}
}
