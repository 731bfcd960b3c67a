// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** A reference to a libvirt secret. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class SecretXml {
  /** {@code ceph}, {@code iscsi} or {@code passphrase}. */
  @XmlAttribute public @Nullable String type;

  /** The UUID of the secret. */
  @XmlAttribute public @Nullable String uuid;

  /** The usage id of the secret, if it is not named by UUID. */
  @XmlAttribute public @Nullable String usage;

  /** Made empty; the fields are filled in afterwards. */
  public SecretXml() {}
}
