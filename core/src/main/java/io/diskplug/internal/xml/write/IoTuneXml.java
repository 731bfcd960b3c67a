// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.write;

import jakarta.xml.bind.annotation.XmlAccessType;
import jakarta.xml.bind.annotation.XmlAccessorType;
import jakarta.xml.bind.annotation.XmlElement;
import org.jspecify.annotations.Nullable;

/** The {@code <iotune>} element: limits, in bytes or operations for each second. */
@XmlAccessorType(XmlAccessType.FIELD)
public final class IoTuneXml {
  /** Bytes for each second, reads and writes together. */
  @XmlElement(name = "total_bytes_sec")
  public @Nullable Long totalBytesSec;

  /** Bytes read for each second. */
  @XmlElement(name = "read_bytes_sec")
  public @Nullable Long readBytesSec;

  /** Bytes written for each second. */
  @XmlElement(name = "write_bytes_sec")
  public @Nullable Long writeBytesSec;

  /** Operations for each second, reads and writes together. */
  @XmlElement(name = "total_iops_sec")
  public @Nullable Long totalIopsSec;

  /** Reads for each second. */
  @XmlElement(name = "read_iops_sec")
  public @Nullable Long readIopsSec;

  /** Writes for each second. */
  @XmlElement(name = "write_iops_sec")
  public @Nullable Long writeIopsSec;

  /** Bytes for each second, reads and writes together. In a burst. */
  @XmlElement(name = "total_bytes_sec_max")
  public @Nullable Long totalBytesSecMax;

  /** Bytes read for each second. In a burst. */
  @XmlElement(name = "read_bytes_sec_max")
  public @Nullable Long readBytesSecMax;

  /** Bytes written for each second. In a burst. */
  @XmlElement(name = "write_bytes_sec_max")
  public @Nullable Long writeBytesSecMax;

  /** Operations for each second, reads and writes together. In a burst. */
  @XmlElement(name = "total_iops_sec_max")
  public @Nullable Long totalIopsSecMax;

  /** Reads for each second. In a burst. */
  @XmlElement(name = "read_iops_sec_max")
  public @Nullable Long readIopsSecMax;

  /** Writes for each second. In a burst. */
  @XmlElement(name = "write_iops_sec_max")
  public @Nullable Long writeIopsSecMax;

  /** How many seconds a burst of {@link #totalBytesSecMax} may last. */
  @XmlElement(name = "total_bytes_sec_max_length")
  public @Nullable Long totalBytesSecMaxLength;

  /** How many seconds a burst of {@link #readBytesSecMax} may last. */
  @XmlElement(name = "read_bytes_sec_max_length")
  public @Nullable Long readBytesSecMaxLength;

  /** How many seconds a burst of {@link #writeBytesSecMax} may last. */
  @XmlElement(name = "write_bytes_sec_max_length")
  public @Nullable Long writeBytesSecMaxLength;

  /** How many seconds a burst of {@link #totalIopsSecMax} may last. */
  @XmlElement(name = "total_iops_sec_max_length")
  public @Nullable Long totalIopsSecMaxLength;

  /** How many seconds a burst of {@link #readIopsSecMax} may last. */
  @XmlElement(name = "read_iops_sec_max_length")
  public @Nullable Long readIopsSecMaxLength;

  /** How many seconds a burst of {@link #writeIopsSecMax} may last. */
  @XmlElement(name = "write_iops_sec_max_length")
  public @Nullable Long writeIopsSecMaxLength;

  /** The size in bytes from which on an operation counts as several. */
  @XmlElement(name = "size_iops_sec")
  public @Nullable Long sizeIopsSec;

  /** The disks that share the limits. */
  @XmlElement(name = "group_name")
  public @Nullable String groupName;

  /** Made empty; the fields are filled in afterwards. */
  public IoTuneXml() {}
}
