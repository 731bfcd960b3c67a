// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlElement;
import org.jspecify.annotations.Nullable;

/** The {@code <initiator>} element. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class InitiatorXml {
  /** The name of the initiator. */
  @XmlElement public @Nullable IqnXml iqn;

  /** Made empty; the fields are filled in afterwards. */
  public InitiatorXml() {}
}
