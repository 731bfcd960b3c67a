// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlAttribute;
import org.jspecify.annotations.Nullable;

/** The {@code <driver>} element: how QEMU drives the disk. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class DriverXml {
  /** {@code qemu}. */
  @XmlAttribute public @Nullable String name;

  /** The image format, for example {@code raw}. */
  @XmlAttribute public @Nullable String type;

  /** The cache mode, for example {@code none}. */
  @XmlAttribute public @Nullable String cache;

  /** The I/O mode, for example {@code native}. */
  @XmlAttribute public @Nullable String io;

  /** What becomes of discards, for example {@code unmap}. */
  @XmlAttribute public @Nullable String discard;

  /** What becomes of writes of zeroes, for example {@code on}. */
  @XmlAttribute(name = "detect_zeroes")
  public @Nullable String detectZeroes;

  /** The domain's I/O thread, from 1. */
  @XmlAttribute public @Nullable Integer iothread;

  /** How many request queues. */
  @XmlAttribute public @Nullable Integer queues;

  /** Made empty; the fields are filled in afterwards. */
  public DriverXml() {}
}
