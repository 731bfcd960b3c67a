// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.DriveAddress;
import org.jspecify.annotations.Nullable;

/**
 * The models of SCSI controllers that QEMU has, and the addresses on the bus of each.
 *
 * <p>libvirt checks units ({@code virDomainSCSIDriveAddressIsUsed}) and leaves targets to QEMU
 * ({@code bad scsi device id}, {@code bad scsi device lun}); what both accept was tried out with
 * libvirt 9.0 and QEMU 7.2. A disk is placed on target 0 where a target may have many units, and on
 * unit 0 of a target of its own where it may not.
 */
enum ScsiModel {
  VIRTIO_SCSI(Places.UNITS, 255, 16383),
  /** libvirt passes the unit as the SCSI id, and keeps 7 for the controller. */
  LSILOGIC(Places.UNITS, 0, 6),
  IBMVSCSI(Places.UNITS, 0, 31),
  /** Linux looks at the first 16 targets only. */
  VMPVSCSI(Places.TARGETS, 15, 0),
  LSISAS1068(Places.TARGETS, 7, 0),
  LSISAS1078(Places.TARGETS, 63, 0),
  /** The controller itself is 7. */
  AM53C974(Places.TARGETS, 6, 0);

  private enum Places {
    UNITS,
    TARGETS
  }

  private final Places places;
  private final int maxTarget;
  private final int maxUnit;

  ScsiModel(Places places, int maxTarget, int maxUnit) {
    this.places = places;
    this.maxTarget = maxTarget;
    this.maxUnit = maxUnit;
  }

  /** The model that libvirt calls so; null if disks are not placed on it. */
  static @Nullable ScsiModel of(@Nullable String xmlName) {
    return switch (xmlName == null ? "" : xmlName) {
      case "virtio-scsi", "virtio-transitional", "virtio-non-transitional" -> VIRTIO_SCSI;
      case "lsilogic" -> LSILOGIC;
      case "ibmvscsi" -> IBMVSCSI;
      case "vmpvscsi" -> VMPVSCSI;
      case "lsisas1068" -> LSISAS1068;
      case "lsisas1078" -> LSISAS1078;
      case "am53c974", "dc390" -> AM53C974;
      default -> null;
    };
  }

  /** How many disks are placed on a controller. */
  int capacity() {
    return lastPlace() + 1;
  }

  /** The number of the last place; the first is 0. */
  int lastPlace() {
    return hasUnits() ? maxUnit : maxTarget;
  }

  /** Whether places are units of target 0; else they are targets. */
  boolean hasUnits() {
    return places == Places.UNITS;
  }

  /** The address of a place on a controller. */
  DriveAddress address(int controller, int place) {
    return hasUnits()
        ? new DriveAddress(controller, 0, 0, place)
        : new DriveAddress(controller, 0, place, 0);
  }

  /** Whether the address on a controller of this model is one of the {@link #capacity} places. */
  boolean isPlace(DriveAddress address) {
    return accepts(address) && (hasUnits() ? address.target() : address.unit()) == 0;
  }

  /** Whether a disk can be at this address, be it one of the places or not. */
  boolean accepts(DriveAddress address) {
    return address.bus() == 0 && address.target() <= maxTarget && address.unit() <= maxUnit;
  }
}
