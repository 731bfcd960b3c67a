// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** The {@code <address>} element; numbers as libvirt writes them. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class AddressXml {
  /** {@code pci}, {@code drive} or {@code ccw}. */
  @XmlAttribute public @Nullable String type;

  /** The PCI domain. */
  @XmlAttribute public @Nullable String domain;

  /** The PCI bus, or the bus of a drive. */
  @XmlAttribute public @Nullable String bus;

  /** The PCI slot. */
  @XmlAttribute public @Nullable String slot;

  /** The PCI function. */
  @XmlAttribute public @Nullable String function;

  /** The controller of a drive. */
  @XmlAttribute public @Nullable String controller;

  /** The target of a drive. */
  @XmlAttribute public @Nullable String target;

  /** The unit of a drive. */
  @XmlAttribute public @Nullable String unit;

  /** The channel subsystem. */
  @XmlAttribute public @Nullable String cssid;

  /** The subchannel set. */
  @XmlAttribute public @Nullable String ssid;

  /** The device number. */
  @XmlAttribute public @Nullable String devno;

  /** Made empty; the fields are filled in afterwards. */
  public AddressXml() {}
}
