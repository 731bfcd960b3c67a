// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.Locale;

/** The bus that a disk's target names. */
public enum DiskBus {
  /** virtio-blk. */
  VIRTIO,
  /** SCSI, usually virtio-scsi. */
  SCSI,
  /** SATA; cannot be hot-plugged. */
  SATA,
  /** IDE; cannot be hot-plugged. */
  IDE,
  /** Floppy; cannot be hot-plugged. */
  FDC,
  /** USB mass storage. */
  USB,
  /** Xen paravirtual. */
  XEN,
  /** SD card. */
  SD,
  /** User-mode Linux. */
  UML,
  /** A bus that this library does not know, or none named. */
  OTHER;

  private final String xmlName = name().equals("OTHER") ? "" : name().toLowerCase(Locale.ROOT);

  /** The spelling of libvirt's {@code bus} attribute; empty for {@link #OTHER}. */
  public String xmlName() {
    return xmlName;
  }

  /**
   * The bus of the given {@code bus} attribute; {@link #OTHER} if it is unknown.
   *
   * @param xmlName the attribute's value
   */
  public static DiskBus of(String xmlName) {
    for (DiskBus bus : values()) {
      if (bus != OTHER && bus.xmlName().equals(xmlName)) {
        return bus;
      }
    }
    return OTHER;
  }
}
