// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** The {@code <alias>} element. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class AliasXml {
  /** The alias; a user alias starts with {@code ua-}. */
  @XmlAttribute public @Nullable String name;

  /** Made empty; the fields are filled in afterwards. */
  public AliasXml() {}
}
