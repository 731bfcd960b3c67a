// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.Comparator;

/**
 * A PCI address inside the guest.
 *
 * @param domain the PCI domain (segment), 0 to 65535; libvirt uses 0
 * @param bus the bus, 0 to 255; equal to the index of the PCI controller that provides it
 * @param slot the slot, 0 to 31
 * @param function the function, 0 to 7
 */
public record PciAddress(int domain, int bus, int slot, int function)
    implements DeviceAddress, Comparable<PciAddress> {

  private static final Comparator<PciAddress> ORDER =
      Comparator.comparingInt(PciAddress::domain)
          .thenComparingInt(PciAddress::bus)
          .thenComparingInt(PciAddress::slot)
          .thenComparingInt(PciAddress::function);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public PciAddress {
    check("domain", domain, 0xffff);
    check("bus", bus, 0xff);
    check("slot", slot, 0x1f);
    check("function", function, 7);
  }

  /**
   * Function 0 of a slot of PCI domain 0.
   *
   * @param bus the bus, 0 to 255
   * @param slot the slot, 0 to 31
   */
  public static PciAddress of(int bus, int slot) {
    return new PciAddress(0, bus, slot, 0);
  }

  @Override
  public String type() {
    return "pci";
  }

  /** Whether this is {@code 0000:00:00.0}, which libvirt takes for "no address given". */
  public boolean isZero() {
    return domain == 0 && bus == 0 && slot == 0 && function == 0;
  }

  /**
   * Whether both lie in the same slot, whatever their functions.
   *
   * @param other the address to compare with
   */
  public boolean sameSlot(PciAddress other) {
    return domain == other.domain && bus == other.bus && slot == other.slot;
  }

  @Override
  public int compareTo(PciAddress other) {
    return ORDER.compare(this, other);
  }

  /** The notation of {@code lspci -D} and of libvirt's messages: {@code 0000:00:0a.0}. */
  @Override
  public String toString() {
    return String.format("%04x:%02x:%02x.%x", domain, bus, slot, function);
  }

  private static void check(String what, int value, int max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(
          "PCI " + what + " " + value + " is not between 0 and " + max);
    }
  }
}
