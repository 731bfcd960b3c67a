// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.Comparator;

/**
 * The address of a drive on a SCSI, SATA, IDE or floppy controller.
 *
 * @param controller the index of the controller
 * @param bus the bus on the controller
 * @param target the target on the bus
 * @param unit the unit (LUN) on the target
 */
public record DriveAddress(int controller, int bus, int target, int unit)
    implements DeviceAddress, Comparable<DriveAddress> {

  private static final Comparator<DriveAddress> ORDER =
      Comparator.comparingInt(DriveAddress::controller)
          .thenComparingInt(DriveAddress::bus)
          .thenComparingInt(DriveAddress::target)
          .thenComparingInt(DriveAddress::unit);

  /**
   * Checks that no number is negative.
   *
   * @throws IllegalArgumentException if one is
   */
  public DriveAddress {
    if (controller < 0 || bus < 0 || target < 0 || unit < 0) {
      throw new IllegalArgumentException(
          "negative drive address: " + controller + ":" + bus + ":" + target + ":" + unit);
    }
  }

  /**
   * By controller, bus, target, unit. With an order, sets of addresses stay quick whatever their
   * hash codes are.
   */
  @Override
  public int compareTo(DriveAddress other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String type() {
    return "drive";
  }

  /** Controller, bus, target and unit, separated by colons. */
  @Override
  public String toString() {
    return controller + ":" + bus + ":" + target + ":" + unit;
  }
}
