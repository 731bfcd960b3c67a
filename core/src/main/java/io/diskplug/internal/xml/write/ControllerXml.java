// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlRootElement;
import org.jspecify.annotations.Nullable;

/** The {@code <controller>} element, as it is plugged. */
@XmlRootElement(name = "controller")
@XmlAccessorType(XmlAccessType.FIELD)
public final class ControllerXml {
  /** {@code scsi}. */
  @XmlAttribute public @Nullable String type;

  /** The index, which the addresses of its disks name. */
  @XmlAttribute public @Nullable String index;

  /** The model, for example {@code virtio-scsi}. */
  @XmlAttribute public @Nullable String model;

  /** The alias. */
  public @Nullable AliasXml alias;

  /** Where it sits. */
  public @Nullable AddressXml address;

  /** Made empty; the fields are filled in afterwards. */
  public ControllerXml() {}
}
