// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import jakarta.xml.bind.annotation.XmlElement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code <source>} element: where the data is. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class SourceXml {
  /** The protocol of a network disk, for example {@code rbd}. */
  @XmlAttribute public @Nullable String protocol;

  /** The name under that protocol, for example {@code pool/image}. */
  @XmlAttribute public @Nullable String name;

  /** The path of a file disk. */
  @XmlAttribute public @Nullable String file;

  /** The path of a block device. */
  @XmlAttribute public @Nullable String dev;

  /** Where a network disk is reached. */
  @XmlElement(name = "host")
  public List<HostXml> hosts = new ArrayList<>();

  /** The snapshot of the image. */
  @XmlElement public @Nullable SnapshotXml snapshot;

  /** The configuration of the storage client on the host. */
  @XmlElement public @Nullable ConfigXml config;

  /** How to authenticate there. */
  @XmlElement public @Nullable AuthXml auth;

  /** How the data is encrypted. */
  @XmlElement public @Nullable EncryptionXml encryption;

  /** The iSCSI initiator. */
  @XmlElement public @Nullable InitiatorXml initiator;

  /** Made empty; the fields are filled in afterwards. */
  public SourceXml() {}
}
