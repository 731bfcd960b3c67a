// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.lab.Lab;

/** Random domains: small, emulated, and without anything to boot. */
final class RandomDomain {

  /** Domains in whose definition no controller is written, as most people write them. */
  private static final int PLAIN_PERCENT = 25;

  private static final int ACPI_PERCENT = 70;

  private final Dice dice;
  private final Lab lab;
  private final DiskFiles files;
  private final boolean started;

  /**
   * A domain.
   *
   * @param dice the random choices
   * @param lab where the LUNs are
   * @param files where its disks are
   * @param started whether it is to be started, so that its devices have to be there
   */
  RandomDomain(Dice dice, Lab lab, DiskFiles files, boolean started) {
    this.dice = dice;
    this.lab = lab;
    this.files = files;
    this.started = started;
  }

  /** Its definition. libvirt gives it the UUID, and refuses some of them. */
  String xml(String name) {
    boolean q35 = dice.chance(50);
    boolean plain = dice.chance(PLAIN_PERCENT);
    PciControllers pci = new PciControllers(dice, q35, plain);
    RandomDevices devices = new RandomDevices(dice, q35, plain, pci, files);
    HostDevices hostDevices = new HostDevices(dice, lab, started);
    String acpi = dice.chance(ACPI_PERCENT) ? "<features><acpi/></features>" : "";
    String xml =
        """
        <domain type='qemu'>
        <name>%s</name>
        <memory unit='MiB'>32</memory>
        <vcpu>1</vcpu>
        <os><type arch='x86_64' machine='%s'>hvm</type></os>
        %s
        <devices>
        %s%s%s<audio id='1' type='none'/>
        </devices>
        </domain>
        """
            .formatted(name, q35 ? "q35" : "pc", acpi, pci.xml(), devices.xml(), hostDevices.xml());
    return lab.known(xml);
  }
}
