// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a guest sees of the serial of a disk: each bus has room for a number of bytes. Pure and
 * without state; docs/libvirt.md has what was measured ("Names that the guest sees").
 */
public final class GuestSerial {

  /** {@code VIRTIO_BLK_ID_BYTES}: what virtio-blk shows. */
  private static final int VIRTIO_BYTES = 20;

  /** {@code MAX_SERIAL_LEN} of QEMU's scsi-disk.c: what page 0x80 shows. */
  private static final int SCSI_BYTES = 36;

  /** The serial field of IDENTIFY DEVICE. */
  private static final int ATA_BYTES = 20;

  /** {@code MAX_SERIAL_LEN_FOR_DEVID}: usb-storage makes page 0x83 of the serial. */
  private static final int USB_BYTES_OF_NEWER_QEMU = 20;

  /** What scsi_id makes of vendor and product, behind the type of the identifier. */
  private static final String SCSI_LINK = "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_";

  private static final String VIRTIO_LINK = "/dev/disk/by-id/virtio-";

  private GuestSerial() {}

  /**
   * How many bytes of a serial a guest sees.
   *
   * @param bus the bus of the disk
   * @return the number; {@link Integer#MAX_VALUE} for a bus of which it is not known
   */
  public static int room(DiskBus bus) {
    return switch (bus) {
      case VIRTIO -> VIRTIO_BYTES;
      case SCSI, USB -> SCSI_BYTES;
      case IDE, SATA -> ATA_BYTES;
      case FDC, XEN, SD, UML, OTHER -> Integer.MAX_VALUE;
    };
  }

  /**
   * Whether a guest sees the whole of a serial.
   *
   * @param bus the bus of the disk
   * @param serial the serial, as libvirt's XML has it
   */
  public static boolean isWhole(DiskBus bus, String serial) {
    return bytes(given(serial)).length <= room(bus);
  }

  /**
   * What a guest sees of a serial: its first bytes.
   *
   * @param bus the bus of the disk
   * @param serial the serial, as libvirt's XML has it
   */
  public static String shown(DiskBus bus, String serial) {
    byte[] bytes = bytes(given(serial));
    return new String(bytes, 0, Math.min(bytes.length, room(bus)), StandardCharsets.UTF_8);
  }

  /**
   * Whether QEMU 9.1 and later refuse to plug the disk, and to start a domain with it, because of
   * its serial. Earlier versions cut the serial.
   *
   * @param disk a disk of any view
   */
  public static boolean isRefusedByNewerQemu(Disk disk) {
    String serial = disk.serial();
    if (serial == null || disk.device().equals("lun")) {
      return false; // a LUN has the serial of the device on the host
    }
    int length = bytes(given(serial)).length;
    return (disk.bus() == DiskBus.SCSI && length > SCSI_BYTES)
        || (disk.bus() == DiskBus.USB && length > USB_BYTES_OF_NEWER_QEMU);
  }

  /**
   * Where a Linux guest with udev finds a disk by its serial.
   *
   * @param disk the disk, as a view shows it or as it is asked for
   * @return the link; empty for a disk without a serial, on another bus than virtio and SCSI, or
   *     with a vendor, a product or a WWN of its own
   */
  public static Optional<String> linuxPath(Disk disk) {
    String serial = disk.serial();
    if (serial == null || serial.isEmpty() || !disk.device().equals("disk")) {
      return Optional.empty();
    }
    return switch (disk.bus()) {
      case VIRTIO -> Optional.of(virtioLink(serial));
      case SCSI -> disk.inquiry().isEmpty() ? Optional.of(scsiLink(serial)) : Optional.empty();
      case IDE, SATA, USB, FDC, XEN, SD, UML, OTHER -> Optional.empty();
    };
  }

  /**
   * Whether a guest cannot tell a disk by its serial from another disk on the same bus: what the
   * bus shows of the two is the same, or udev makes the same link of it.
   *
   * @param bus the bus of the disk
   * @param serial its serial
   * @param other the other disk
   */
  public static boolean areTwins(DiskBus bus, String serial, Disk other) {
    if (other.bus() != bus || !other.device().equals("disk")) {
      return false;
    }
    Set<String> names = names(bus, serial, true);
    String identity = other.serial();
    if (identity != null && !identity.isEmpty()) {
      names.retainAll(names(bus, identity, other.inquiry().isEmpty()));
    } else {
      names.retainAll(namesWithoutSerial(other));
    }
    return !names.isEmpty();
  }

  private static Set<String> names(DiskBus bus, String serial, boolean hasUsualInquiry) {
    Set<String> names = new HashSet<>();
    names.add(shown(bus, serial));
    if (bus == DiskBus.VIRTIO) {
      names.add(virtioLink(serial));
    } else if (bus == DiskBus.SCSI && hasUsualInquiry) {
      names.add(scsiLink(serial));
    }
    return names;
  }

  /** libvirt has QEMU fill page 0x83 with the name of the drive ({@code qemuAliasDiskDrive}). */
  private static Set<String> namesWithoutSerial(Disk disk) {
    return disk.bus() == DiskBus.SCSI && disk.alias() != null && disk.inquiry().isEmpty()
        ? Set.of(scsiLink("drive-" + disk.alias()))
        : Set.of();
  }

  private static String virtioLink(String serial) {
    return VIRTIO_LINK + escaped(shown(DiskBus.VIRTIO, serial));
  }

  /** libvirt hands QEMU the serial as {@code device_id}: page 0x83 has it uncut. */
  private static String scsiLink(String serial) {
    return SCSI_LINK + escaped(serial);
  }

  /** What QEMU is given: libvirt puts a backslash before a blank, and QEMU keeps it. */
  private static String given(String serial) {
    return serial.replace(" ", "\\ ");
  }

  /**
   * The part of a link that udev makes of a text: blanks at the ends are dropped, a run of blanks
   * is one underscore, and so is each other character that udev does not take ({@code
   * udev_replace_whitespace}, {@code udev_replace_chars}).
   */
  private static String escaped(String text) {
    return text.strip()
        .replaceAll("\\s+", "_")
        .replaceAll("[\\x00-\\x7F&&[^A-Za-z0-9#+\\-.:=@_]]", "_");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
