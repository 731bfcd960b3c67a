// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import io.diskplug.diskxml.IoTuneXml;
import org.jspecify.annotations.Nullable;

/**
 * Limits of a disk, libvirt's {@code <iotune>}. Zero is no limit. A total excludes the limits for
 * reads and writes of the same kind.
 *
 * @param totalBytesSec bytes for each second, reads and writes together
 * @param readBytesSec bytes read for each second
 * @param writeBytesSec bytes written for each second
 * @param totalIopsSec operations for each second, reads and writes together
 * @param readIopsSec reads for each second
 * @param writeIopsSec writes for each second
 */
public record IoTune(
    long totalBytesSec,
    long readBytesSec,
    long writeBytesSec,
    long totalIopsSec,
    long readIopsSec,
    long writeIopsSec) {

  /** No limit at all. */
  public static final IoTune UNLIMITED = new IoTune(0, 0, 0, 0, 0, 0);

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException if one is negative, or a total stands beside its parts
   */
  public IoTune {
    check("bytes_sec", totalBytesSec, readBytesSec, writeBytesSec);
    check("iops_sec", totalIopsSec, readIopsSec, writeIopsSec);
  }

  /**
   * Limits of reads and writes together.
   *
   * @param bytesSec bytes for each second; zero is no limit
   * @param iopsSec operations for each second; zero is no limit
   */
  public static IoTune total(long bytesSec, long iopsSec) {
    return new IoTune(bytesSec, 0, 0, iopsSec, 0, 0);
  }

  /** The element, or null if there is no limit. */
  @Nullable IoTuneXml toXml() {
    if (equals(UNLIMITED)) {
      return null;
    }
    IoTuneXml xml = new IoTuneXml();
    xml.totalBytesSec = unlessZero(totalBytesSec);
    xml.readBytesSec = unlessZero(readBytesSec);
    xml.writeBytesSec = unlessZero(writeBytesSec);
    xml.totalIopsSec = unlessZero(totalIopsSec);
    xml.readIopsSec = unlessZero(readIopsSec);
    xml.writeIopsSec = unlessZero(writeIopsSec);
    return xml;
  }

  private static void check(String kind, long total, long read, long write) {
    if (total < 0 || read < 0 || write < 0) {
      throw new IllegalArgumentException("a limit of " + kind + " is negative");
    }
    if (total > 0 && (read > 0 || write > 0)) {
      throw new IllegalArgumentException(
          "total_" + kind + " excludes read_" + kind + " and write_" + kind);
    }
  }

  private static @Nullable Long unlessZero(long value) {
    return value == 0 ? null : value;
  }
}
