// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlRootElement;
import jakarta.xml.bind.annotation.XmlType;
import org.jspecify.annotations.Nullable;

/** The {@code <disk>} element. */
@XmlRootElement(name = "disk")
@XmlAccessorType(XmlAccessType.FIELD)
@XmlType(
    propOrder = {
      "driver",
      "source",
      "target",
      "blockio",
      "iotune",
      "readonly",
      "shareable",
      "serial",
      "alias",
      "address"
    })
public final class DiskXml {
  /** {@code network}, {@code file}, {@code block}, …. */
  @XmlAttribute public @Nullable String type;

  /** {@code disk} or {@code lun}. */
  @XmlAttribute public @Nullable String device;

  /** How QEMU drives it. */
  public @Nullable DriverXml driver;

  /** Where its data is. */
  public @Nullable SourceXml source;

  /** Target dev and bus. */
  public @Nullable TargetXml target;

  /** The block sizes that the guest is told. */
  public @Nullable BlockIoXml blockio;

  /** Limits of bandwidth and operations. */
  public @Nullable IoTuneXml iotune;

  /** Present if the guest may not write. */
  public @Nullable FlagXml readonly;

  /** Present if other domains may use it at the same time. */
  public @Nullable FlagXml shareable;

  /** The serial that the guest sees. */
  public @Nullable String serial;

  /** Its name in QEMU. */
  public @Nullable AliasXml alias;

  /** Where it sits. */
  public @Nullable AddressXml address;

  /** Made empty; the fields are filled in afterwards. */
  public DiskXml() {}
}
