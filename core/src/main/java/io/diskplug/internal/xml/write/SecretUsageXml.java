// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** What a libvirt secret is for. Each type has an element of its own for the usage id. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class SecretUsageXml {
  /** {@code ceph} or {@code iscsi}. */
  @XmlAttribute public @Nullable String type;

  /** The usage id of type {@code ceph}. */
  public @Nullable String name;

  /** The usage id of type {@code iscsi}. */
  public @Nullable String target;

  /** Made empty; the fields are filled in afterwards. */
  public SecretUsageXml() {}
}
