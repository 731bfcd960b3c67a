// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** The {@code <blockio>} element: the block sizes that the guest is told, in bytes. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class BlockIoXml {
  /** The smallest unit that the guest can read and write. */
  @XmlAttribute(name = "logical_block_size")
  public @Nullable Integer logicalBlockSize;

  /** The unit that the storage works in. */
  @XmlAttribute(name = "physical_block_size")
  public @Nullable Integer physicalBlockSize;

  /** Made empty; the fields are filled in afterwards. */
  public BlockIoXml() {}
}
