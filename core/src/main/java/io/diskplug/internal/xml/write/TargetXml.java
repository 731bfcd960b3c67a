// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** The {@code <target>} element. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class TargetXml {
  /** The target dev, for example {@code vdb}. */
  @XmlAttribute public @Nullable String dev;

  /** The bus, for example {@code virtio}. */
  @XmlAttribute public @Nullable String bus;

  /** Made empty; the fields are filled in afterwards. */
  public TargetXml() {}
}
