// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Random devices of a domain: everything that may be in a disk's way, and disks. */
final class RandomDevices {

  /** The emulated SCSI controllers that libvirt knows and QEMU has on x86. */
  private static final List<String> SCSI_MODELS =
      List.of(
          "virtio-scsi",
          "virtio-scsi",
          "virtio-scsi",
          "virtio-scsi",
          "virtio-transitional",
          "virtio-non-transitional",
          "lsilogic",
          "lsilogic",
          "lsisas1068",
          "lsisas1078",
          "vmpvscsi",
          "am53c974");

  private static final int POOLED_PERCENT = 15;

  private final Dice dice;
  private final boolean q35;
  private final PciControllers pci;
  private final DiskFiles files;
  private final StringBuilder xml = new StringBuilder();
  private final Set<String> targets = new TreeSet<>();
  private final List<Integer> scsiControllers = new ArrayList<>();

  RandomDevices(Dice dice, boolean q35, boolean plain, PciControllers pci, DiskFiles files) {
    this.dice = dice;
    this.q35 = q35;
    this.pci = pci;
    this.files = files;
    usb();
    if (!plain) {
      scsi();
    }
    others();
    crowd();
    disks();
  }

  String xml() {
    return xml.toString();
  }

  private void usb() {
    switch (dice.between(0, 5)) {
      case 0 -> {
        device("controller type='usb' index='0' model='qemu-xhci'", "", q35);
        usbDisk();
      }
      case 1 -> {
        xml.append("<controller type='usb' index='0' model='ich9-ehci1'/>\n");
        for (int function = 0; function < 3; function++) {
          xml.append("<controller type='usb' index='0' model='ich9-uhci" + (function + 1) + "'>")
              .append("<master startport='" + 2 * function + "'/></controller>\n");
        }
        usbDisk();
      }
      case 2 -> {
        // libvirt adds the controller that suits the machine.
        xml.append("<input type='tablet' bus='usb'/>\n");
        usbDisk();
      }
      default -> xml.append("<controller type='usb' index='0' model='none'/>\n");
    }
  }

  private void usbDisk() {
    if (dice.chance(30)) {
      disk("disk", "usb", freeTarget("sd"), "");
    }
  }

  private void scsi() {
    int index = 0;
    for (int controllers = dice.pickOf(0, 1, 1, 1, 2, 3); controllers > 0; controllers--) {
      String model = dice.pick(SCSI_MODELS);
      device(
          "controller type='scsi' index='" + index + "' model='" + model + "'",
          "",
          model.startsWith("virtio"));
      if (model.startsWith("virtio") || model.equals("lsilogic")) {
        scsiControllers.add(index);
      }
      index += dice.chance(10) ? 2 : 1;
    }
  }

  private void others() {
    for (int cards = dice.pickOf(0, 0, 1, 1, 2, 4); cards > 0; cards--) {
      String model = dice.pickOf("virtio", "virtio", "e1000", "e1000e", "rtl8139");
      boolean express = model.equals("virtio") || model.equals("e1000e");
      device("interface type='user'", "<model type='" + model + "'/>", express);
    }
    if (dice.chance(40)) {
      device("memballoon model='virtio'", "", true);
    } else {
      xml.append("<memballoon model='none'/>\n");
    }
    if (dice.chance(30)) {
      // Where libvirt wants it.
      String model = dice.pickOf("vga", "cirrus", "virtio", "qxl");
      xml.append("<video><model type='" + model + "'/></video>\n");
    } else {
      xml.append("<video><model type='none'/></video>\n");
    }
    if (dice.chance(20)) {
      device("sound model='" + dice.pickOf("ich6", "ac97", "es1370") + "'", "", false);
    }
    if (dice.chance(15)) {
      device("watchdog model='i6300esb' action='none'", "", false);
    }
    if (dice.chance(20)) {
      device("input type='keyboard' bus='virtio'", "", true);
    }
    if (dice.chance(20)) {
      device("controller type='virtio-serial' index='0'", "", true);
    }
    if (dice.chance(10)) {
      device("serial type='null'", "<target type='pci-serial' port='0'/>", false);
    }
    if (!q35 && dice.chance(15)) {
      device("controller type='sata' index='0'", "", false);
      disk("disk", "sata", freeTarget("sd"), "");
    }
  }

  /** Now and then so many devices that there is little room left. */
  private void crowd() {
    int devices = dice.pickOf(0, 0, 1, 2, 3);
    if (dice.chance(30)) {
      devices = q35 ? dice.between(4, 10) : dice.between(15, 27);
    }
    for (; devices > 0; devices--) {
      device("rng model='virtio'", "<backend model='random'>/dev/urandom</backend>", true);
    }
  }

  private void disks() {
    for (int disks = dice.pickOf(0, 0, 1, 2, 3, 6); disks > 0; disks--) {
      boolean named = dice.chance(15);
      String target = freeTarget(named ? dice.pickOf("sd", "hd", "xvd") : "vd");
      disk("disk", "virtio", target, address(true));
    }
    for (Integer controller : scsiControllers) {
      Set<Integer> units = new TreeSet<>();
      for (int disks = dice.pickOf(0, 1, 2, 5); disks > 0; disks--) {
        units.add(dice.between(0, 6));
      }
      for (int unit : units) {
        disk("disk", "scsi", freeTarget(dice.chance(90) ? "sd" : "vd"), drive(controller, unit));
      }
    }
    if (dice.chance(30)) {
      disk("cdrom", q35 ? "sata" : "ide", freeTarget(q35 ? "sd" : "hd"), "");
    }
    if (dice.chance(10)) {
      xml.append("<disk type='file' device='floppy'><target dev='fda' bus='fdc'/></disk>\n");
    }
  }

  private void disk(String device, String bus, String target, String address) {
    Optional<String> pooled =
        device.equals("disk") && dice.chance(POOLED_PERCENT)
            ? files.nextOfPool()
            : Optional.empty();
    String source =
        device.equals("cdrom")
            ? "<readonly/>"
            : pooled.orElseGet(() -> "<source file='" + files.next() + "'/>");
    boolean ahciOrIde = bus.equals("sata") || bus.equals("ide");
    String type = pooled.isPresent() ? "volume" : "file";
    xml.append("<disk type='" + type + "' device='" + device + "'><driver name='qemu' type='raw'/>")
        .append(source)
        .append("<target dev='" + target + "' bus='" + bus + "'/>")
        // libvirt makes an alias of the name's letters: those of vda and sda would be the same.
        .append("<alias name='ua-" + target + "'/>")
        // libvirt would make the unit from the name, and that can be more than there are.
        .append(ahciOrIde ? drive(0, 0) : address)
        .append("</disk>\n");
  }

  private String drive(int controller, int unit) {
    return "<address type='drive' controller='%d' bus='0' target='0' unit='%d'/>"
        .formatted(controller, unit);
  }

  private String freeTarget(String prefix) {
    String target;
    do {
      String first = dice.chance(5) ? "a" : "";
      target = prefix + first + (char) ('a' + dice.between(0, dice.chance(80) ? 5 : 25));
    } while (!targets.add(target));
    return target;
  }

  private void device(String head, String content, boolean express) {
    String name = head.substring(0, head.indexOf(' '));
    xml.append("<" + head + ">" + content + address(express) + "</" + name + ">\n");
  }

  private String address(boolean express) {
    return dice.chance(20)
        ? pci.slotForDevice(express).map(PciControllers.Slot::xml).orElse("")
        : "";
  }
}
