// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** A {@code <host>} of a network disk. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class HostXml {
  /** Its name or address. */
  @XmlAttribute public @Nullable String name;

  /** Its TCP port. */
  @XmlAttribute public @Nullable Integer port;

  /** Made empty; the fields are filled in afterwards. */
  public HostXml() {}
}
