// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Limits of a disk, libvirt's {@code <iotune>}. A total excludes the limits for reads and writes of
 * the same kind.
 *
 * @param totalBytes bytes, reads and writes together
 * @param readBytes bytes read
 * @param writeBytes bytes written
 * @param totalIops operations, reads and writes together
 * @param readIops reads
 * @param writeIops writes
 * @param sizeIopsSec the size in bytes from which on an operation counts as several, libvirt's
 *     {@code size_iops_sec}; zero counts every operation as one
 * @param groupName the disks of a domain that share these limits, together and not each. libvirt
 *     refuses a disk whose limits are not those of the others of its group.
 */
public record IoTune(
    IoLimit totalBytes,
    IoLimit readBytes,
    IoLimit writeBytes,
    IoLimit totalIops,
    IoLimit readIops,
    IoLimit writeIops,
    long sizeIopsSec,
    Optional<String> groupName) {

  /** The name of {@link #groupName} beside those of {@link #numbers}. */
  public static final String GROUP_NAME = "group_name";

  /** No limit at all. */
  public static final IoTune UNLIMITED = new IoTune(0, 0, 0, 0, 0, 0);

  /** libvirt allows more; blanks at the ends of a name are lost where XML is laid out anew. */
  private static final Pattern GROUP = Pattern.compile("[\\x21-\\x7e]{1,255}");

  /**
   * Checks the limits by the rules of libvirt ({@code virDomainDiskDefValidate}, {@code
   * qemuValidateDomainDeviceDefDiskBlkdeviotune}) and QEMU ({@code throttle_is_valid}).
   *
   * @throws IllegalArgumentException if a total stands beside its parts; the size of an operation
   *     is negative, more than 10<sup>15</sup>, or given without a limit of operations; or the
   *     group's name is not 1 to 255 printable characters of ASCII, or there is a group and no
   *     limit
   */
  public IoTune {
    check("bytes_sec", totalBytes, readBytes, writeBytes);
    check("iops_sec", totalIops, readIops, writeIops);
    IoLimit.check("a size_iops_sec", sizeIopsSec);
    boolean iops = Stream.of(totalIops, readIops, writeIops).anyMatch(IoLimit::isLimited);
    if (sizeIopsSec > 0 && !iops) {
      throw new IllegalArgumentException("size_iops_sec needs a limit of iops_sec");
    }
    boolean bytes = Stream.of(totalBytes, readBytes, writeBytes).anyMatch(IoLimit::isLimited);
    groupName.ifPresent(name -> checkGroup(name, bytes || iops));
  }

  /**
   * Limits whose bursts are left to QEMU. Zero is no limit.
   *
   * @param totalBytesSec bytes for each second, reads and writes together
   * @param readBytesSec bytes read for each second
   * @param writeBytesSec bytes written for each second
   * @param totalIopsSec operations for each second, reads and writes together
   * @param readIopsSec reads for each second
   * @param writeIopsSec writes for each second
   * @throws IllegalArgumentException if one is negative or more than 10<sup>15</sup>, or a total
   *     stands beside its parts
   */
  public IoTune(
      long totalBytesSec,
      long readBytesSec,
      long writeBytesSec,
      long totalIopsSec,
      long readIopsSec,
      long writeIopsSec) {
    this(
        IoLimit.of(totalBytesSec),
        IoLimit.of(readBytesSec),
        IoLimit.of(writeBytesSec),
        IoLimit.of(totalIopsSec),
        IoLimit.of(readIopsSec),
        IoLimit.of(writeIopsSec),
        0,
        Optional.empty());
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

  /**
   * The same with another limit of bytes, reads and writes together.
   *
   * @param limit the limit
   */
  public IoTune withTotalBytes(IoLimit limit) {
    return new IoTune(
        limit, readBytes, writeBytes, totalIops, readIops, writeIops, sizeIopsSec, groupName);
  }

  /**
   * The same with another limit of bytes read.
   *
   * @param limit the limit
   */
  public IoTune withReadBytes(IoLimit limit) {
    return new IoTune(
        totalBytes, limit, writeBytes, totalIops, readIops, writeIops, sizeIopsSec, groupName);
  }

  /**
   * The same with another limit of bytes written.
   *
   * @param limit the limit
   */
  public IoTune withWriteBytes(IoLimit limit) {
    return new IoTune(
        totalBytes, readBytes, limit, totalIops, readIops, writeIops, sizeIopsSec, groupName);
  }

  /**
   * The same with another limit of operations, reads and writes together.
   *
   * @param limit the limit
   */
  public IoTune withTotalIops(IoLimit limit) {
    return new IoTune(
        totalBytes, readBytes, writeBytes, limit, readIops, writeIops, sizeIopsSec, groupName);
  }

  /**
   * The same with another limit of reads.
   *
   * @param limit the limit
   */
  public IoTune withReadIops(IoLimit limit) {
    return new IoTune(
        totalBytes, readBytes, writeBytes, totalIops, limit, writeIops, sizeIopsSec, groupName);
  }

  /**
   * The same with another limit of writes.
   *
   * @param limit the limit
   */
  public IoTune withWriteIops(IoLimit limit) {
    return new IoTune(
        totalBytes, readBytes, writeBytes, totalIops, readIops, limit, sizeIopsSec, groupName);
  }

  /**
   * The same where large operations count as several.
   *
   * @param bytes the size in bytes from which on an operation counts as several; zero for none
   */
  public IoTune withSizeIopsSec(long bytes) {
    return new IoTune(
        totalBytes, readBytes, writeBytes, totalIops, readIops, writeIops, bytes, groupName);
  }

  /**
   * The same, shared with the other disks of a group.
   *
   * @param name the group's name
   */
  public IoTune withGroupName(String name) {
    return new IoTune(
        totalBytes,
        readBytes,
        writeBytes,
        totalIops,
        readIops,
        writeIops,
        sizeIopsSec,
        Optional.of(name));
  }

  /**
   * Every number by its name, which libvirt's XML and {@code virDomainSetBlockIoTune} have in
   * common; zero where there is no limit.
   */
  public Map<String, Long> numbers() {
    Map<String, Long> numbers = new LinkedHashMap<>();
    put(numbers, "total_bytes_sec", totalBytes);
    put(numbers, "read_bytes_sec", readBytes);
    put(numbers, "write_bytes_sec", writeBytes);
    put(numbers, "total_iops_sec", totalIops);
    put(numbers, "read_iops_sec", readIops);
    put(numbers, "write_iops_sec", writeIops);
    numbers.put("size_iops_sec", sizeIopsSec);
    return numbers;
  }

  private static void put(Map<String, Long> numbers, String name, IoLimit limit) {
    numbers.put(name, limit.perSecond());
    numbers.put(name + "_max", limit.burst());
    numbers.put(name + "_max_length", limit.burstLength().toSeconds());
  }

  private static void check(String kind, IoLimit total, IoLimit read, IoLimit write) {
    if (total.isLimited() && (read.isLimited() || write.isLimited())) {
      throw new IllegalArgumentException(
          "total_" + kind + " excludes read_" + kind + " and write_" + kind);
    }
  }

  private static void checkGroup(String name, boolean limited) {
    if (!GROUP.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "group_name \"" + name + "\" is not 1 to 255 printable characters without blanks");
    }
    if (!limited) {
      throw new IllegalArgumentException("group_name \"" + name + "\" needs a limit");
    }
  }
}
