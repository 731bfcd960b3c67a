// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.domain.DriveAddress;
import java.util.Optional;

/**
 * Where the allocator offers no place on purpose, though libvirt takes a disk there. Everything
 * else in which the two differ is a disagreement, and fails the test.
 */
enum Deviation {
  /**
   * QEMU's limit is one too high: its controller answers every command to target 8 with "invalid
   * target" ({@code mptsas_scsi_device_find}).
   */
  LSISAS1068_TARGET("lsisas1068, target 8: the controller does not pass anything on to it"),

  /**
   * The controller lists targets to the guest, without units ({@code megasas_dcmd_ld_get_list}),
   * and 64 of them at most. SeaBIOS sees unit 0 of each, as often as there are units.
   */
  LSISAS1078_UNIT("lsisas1078, units above 0 and target 64: the guest is not told of them"),

  /**
   * Linux takes QEMU's controller to have 16 targets: it sees further ones until it boots again.
   */
  VMPVSCSI_TARGET("vmpvscsi, targets above 15: Linux does not look there when it boots"),

  /**
   * libvirt passes the unit as the SCSI id and drops the target, so that QEMU makes the disk a
   * further unit of whatever has that id: it is not where the address says.
   */
  AM53C974_TARGET("am53c974, targets above 0: libvirt drops the target"),

  /**
   * libvirt plugs the missing controllers first, of other models in the persistent view than in the
   * live one, and only where there is a PCI slot for each.
   */
  SCSI_CONTROLLER_MISSING("a SCSI controller above a missing one: libvirt plugs that first"),

  /**
   * The disk would be on another controller, for which the guest may lack the driver, next time.
   */
  SCSI_CONTROLLER_DIFFERS("a SCSI controller that is of another model in the other view"),

  /**
   * A disk there could not be detached while the guest runs: the root bus without ACPI or with
   * hotplug='off', and a pci-expander-bus.
   */
  BUS_WITHOUT_HOT_PLUG("shut off: libvirt puts the disk on a bus without hot-plug"),

  /** The address would mean another place after the next start. */
  BUS_DIFFERS("an address asked for on a bus that is of another kind in the other view");

  private final String text;

  Deviation(String text) {
    this.text = text;
  }

  /** The deviation that a place on a SCSI controller of this model falls under. */
  static Optional<Deviation> of(String model, DriveAddress place) {
    return Optional.ofNullable(
        switch (model) {
          case "lsisas1068" -> place.target() == 8 ? LSISAS1068_TARGET : null;
          case "lsisas1078" -> place.unit() > 0 || place.target() == 64 ? LSISAS1078_UNIT : null;
          case "vmpvscsi" -> place.target() > 15 ? VMPVSCSI_TARGET : null;
          case "am53c974" -> place.target() > 0 ? AM53C974_TARGET : null;
          default -> null;
        });
  }

  @Override
  public String toString() {
    return text;
  }
}
