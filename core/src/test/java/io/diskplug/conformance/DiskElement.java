// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import io.diskplug.domain.PciAddress;

/** A {@code <disk>} element as any tool may write it: right, or wrong in one place. */
record DiskElement(
    String file, String bus, String targetDev, String serial, String alias, String more) {

  /** A virtio disk without a serial, an alias or an address. */
  static DiskElement virtio(String file, String targetDev) {
    return new DiskElement(file, "virtio", targetDev, "", "", "");
  }

  /** The same on another bus. */
  DiskElement on(String otherBus) {
    return new DiskElement(file, otherBus, targetDev, serial, alias, more);
  }

  DiskElement target(String other) {
    return new DiskElement(file, bus, other, serial, alias, more);
  }

  DiskElement serial(String text) {
    return new DiskElement(file, bus, targetDev, text, alias, more);
  }

  DiskElement alias(String name) {
    return new DiskElement(file, bus, targetDev, serial, name, more);
  }

  DiskElement at(int pciBus, int slot) {
    return at(PciAddress.of(pciBus, slot));
  }

  DiskElement at(PciAddress address) {
    return with(
        "<address type='pci' domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>"
            .formatted(address.domain(), address.bus(), address.slot(), address.function()));
  }

  DiskElement scsiUnit(int unit) {
    return with(
        "<address type='drive' controller='0' bus='0' target='0' unit='%d'/>".formatted(unit));
  }

  DiskElement shareable() {
    return with("<shareable/>");
  }

  private DiskElement with(String child) {
    return new DiskElement(file, bus, targetDev, serial, alias, more + child);
  }

  /** The element. */
  String xml() {
    return "<disk type='file' device='disk'><driver name='qemu' type='raw' cache='none'/>"
        + "<source file='%s'/><target dev='%s' bus='%s'/>".formatted(file, targetDev, bus)
        + (serial.isEmpty() ? "" : "<serial>" + serial + "</serial>")
        + (alias.isEmpty() ? "" : "<alias name='" + alias + "'/>")
        + more
        + "</disk>";
  }
}
