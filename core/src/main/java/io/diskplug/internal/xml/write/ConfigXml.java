// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** The {@code <config>} element: the configuration of the storage client. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class ConfigXml {
  /** The path of a file on the host. */
  @XmlAttribute public @Nullable String file;

  /** Made empty; the fields are filled in afterwards. */
  public ConfigXml() {}
}
