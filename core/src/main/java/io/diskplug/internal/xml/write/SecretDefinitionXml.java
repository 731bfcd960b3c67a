// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlRootElement;
import jakarta.xml.bind.annotation.XmlType;
import org.jspecify.annotations.Nullable;

/** The {@code <secret>} element that defines a libvirt secret. The value is no part of it. */
@XmlRootElement(name = "secret")
@XmlAccessorType(XmlAccessType.FIELD)
@XmlType(propOrder = {"uuid", "description", "usage"})
public final class SecretDefinitionXml {
  /** {@code yes} if the value is kept in libvirt's memory alone. */
  @XmlAttribute public @Nullable String ephemeral;

  /** {@code yes} if libvirt never shows the value. */
  @XmlAttribute(name = "private")
  public @Nullable String isPrivate;

  /** The UUID; libvirt makes one up if there is none. */
  public @Nullable String uuid;

  /** What an operator has written about it. */
  public @Nullable String description;

  /** What it is for. */
  public @Nullable SecretUsageXml usage;

  /** Made empty; the fields are filled in afterwards. */
  public SecretDefinitionXml() {}
}
