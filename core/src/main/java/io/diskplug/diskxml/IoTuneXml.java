// SPDX-License-Identifier: Apache-2.0
package io.diskplug.diskxml;

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

  /** Made empty; the fields are filled in afterwards. */
  public IoTuneXml() {}
}
