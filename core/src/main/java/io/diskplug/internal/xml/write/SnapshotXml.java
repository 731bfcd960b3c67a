// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** The {@code <snapshot>} element: the snapshot of an image that is used. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class SnapshotXml {
  /** Its name. */
  @XmlAttribute public @Nullable String name;

  /** Made empty; the fields are filled in afterwards. */
  public SnapshotXml() {}
}
