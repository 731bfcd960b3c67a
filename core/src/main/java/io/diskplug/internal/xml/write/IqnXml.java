// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** An {@code <iqn>} element. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class IqnXml {
  /** The iSCSI qualified name. */
  @XmlAttribute public @Nullable String name;

  /** Made empty; the fields are filled in afterwards. */
  public IqnXml() {}
}
