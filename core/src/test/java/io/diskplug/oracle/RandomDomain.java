// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

/** Random domains: small, emulated, and without anything to boot. */
final class RandomDomain {

  private RandomDomain() {}

  /** The definition of a domain. libvirt gives it the UUID, and refuses some of them. */
  static String xml(Dice dice, String name, DiskFiles files) {
    boolean q35 = dice.chance(50);
    PciControllers pci = new PciControllers(dice, q35);
    RandomDevices devices = new RandomDevices(dice, q35, pci, files);
    String acpi = dice.chance(85) ? "<features><acpi/></features>" : "";
    return """
        <domain type='qemu'>
        <name>%s</name>
        <memory unit='MiB'>32</memory>
        <vcpu>1</vcpu>
        <os><type arch='x86_64' machine='%s'>hvm</type></os>
        %s
        <devices>
        %s%s<audio id='1' type='none'/>
        </devices>
        </domain>
        """
        .formatted(name, q35 ? "q35" : "pc", acpi, pci.xml(), devices.xml());
  }
}
