// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;

/**
 * Where QEMU itself has a disk. libvirt writes an address down as it was asked for, whatever it
 * makes of it: of some SCSI controllers it does not pass the target on.
 */
final class QemuPlace {

  private static final Pattern ANSWER = Pattern.compile("\"return\":\\s*\"?([^\",}]*)");

  /** The models whose disks libvirt names by their unit alone: it is the SCSI id. */
  private static final List<String> UNIT_IS_ID = List.of("lsilogic", "am53c974");

  private QemuPlace() {}

  /** What QEMU says of the place of a disk, in the words of {@link #expected}. */
  static String of(Domain domain, String alias, DeviceAddress address) throws LibvirtException {
    if (address instanceof PciAddress) {
      String bus = get(domain, alias, "parent_bus");
      return bus.substring(bus.lastIndexOf('/') + 1) + " devfn " + get(domain, alias, "addr");
    }
    return "id " + get(domain, alias, "scsi-id") + " lun " + get(domain, alias, "lun");
  }

  /**
   * What an address comes to in QEMU.
   *
   * @param address the address
   * @param scsiModels the models of the SCSI controllers by their indexes
   */
  static String expected(DeviceAddress address, Map<Integer, String> scsiModels) {
    if (address instanceof PciAddress pci) {
      return "pci.%d devfn %d".formatted(pci.bus(), pci.slot() << 3 | pci.function());
    }
    DriveAddress drive = (DriveAddress) address;
    return UNIT_IS_ID.contains(scsiModels.get(drive.controller()))
        ? "id " + drive.unit() + " lun 0"
        : "id " + drive.target() + " lun " + drive.unit();
  }

  private static String get(Domain domain, String alias, String property) throws LibvirtException {
    String command =
        "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"/machine/peripheral/%s\",\"property\":\"%s\"}}"
            .formatted(alias, property);
    String answer = domain.qemuMonitorCommand(command, 0);
    Matcher matcher = ANSWER.matcher(answer);
    if (!matcher.find()) {
      throw new AssertionError(command + ": " + answer);
    }
    return matcher.group(1);
  }
}
