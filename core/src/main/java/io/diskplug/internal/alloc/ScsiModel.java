// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.domain.DriveAddress;
import org.jspecify.annotations.Nullable;

/**
 * The models of SCSI controllers that QEMU has, and the addresses on the bus of each.
 *
 * <p>libvirt checks units ({@code virDomainSCSIDriveAddressIsUsed}) and leaves targets to QEMU
 * ({@code bad scsi device id}, {@code bad scsi device lun}), and both let pass what no guest sees;
 * what is usable was tried out with libvirt 9.0 and QEMU 7.2.
 */
enum ScsiModel {
  /** Has more units on one target than disks are ever placed. */
  VIRTIO_SCSI(255, 16383, 1),
  /** libvirt passes the unit as the SCSI id, and keeps 7 for the controller. */
  LSILOGIC(0, 6),
  /** QEMU has no hot-plug on its bus: {@code Bus 'scsi0.0' does not support hotplugging}. */
  IBMVSCSI(0, 31),
  /** When it boots, Linux looks at the first 16 targets only. */
  VMPVSCSI(15, 0),
  /** QEMU takes a disk with target 8, too, and then passes nothing on to it. */
  LSISAS1068(7, 1),
  /** QEMU takes further units, too; the controller tells the guest of targets only. */
  LSISAS1078(63, 0),
  /** As with {@link #LSILOGIC}; here libvirt takes a target, too, and does not pass it on. */
  AM53C974(0, 6);

  private final int maxTarget;
  private final int maxUnit;
  private final int targets;

  ScsiModel(int maxTarget, int maxUnit) {
    this(maxTarget, maxUnit, maxTarget + 1);
  }

  /**
   * A model.
   *
   * @param maxTarget the highest target that a disk can have
   * @param maxUnit the highest unit on each of them
   * @param targets how many of the targets disks are placed on, from 0 up
   */
  ScsiModel(int maxTarget, int maxUnit, int targets) {
    this.maxTarget = maxTarget;
    this.maxUnit = maxUnit;
    this.targets = targets;
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

  /** Whether disks can come and go while the guest runs. */
  boolean takesHotPlug() {
    return this != IBMVSCSI;
  }

  /** How many disks are placed on a controller. */
  int capacity() {
    return targets * (maxUnit + 1);
  }

  /** The number of the last place; the first is 0. */
  int lastPlace() {
    return capacity() - 1;
  }

  /** Whether the places are the units of target 0. */
  boolean areUnits() {
    return targets == 1;
  }

  /** The address of a place on a controller: unit 0 of each target, then unit 1, and so on. */
  DriveAddress address(int controller, int place) {
    return new DriveAddress(controller, 0, place % targets, place / targets);
  }

  /** Whether the address on a controller of this model is one of the {@link #capacity} places. */
  boolean isPlace(DriveAddress address) {
    return accepts(address) && address.target() < targets;
  }

  /** Whether a disk can be at this address, be it one of the places or not. */
  boolean accepts(DriveAddress address) {
    return address.bus() == 0 && address.target() <= maxTarget && address.unit() <= maxUnit;
  }
}
