// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.DomainView;
import io.diskplug.domain.PciBus;
import java.util.ArrayList;
import java.util.List;

/** Says what would help when there is no PCI slot for a disk. */
final class PciRemedy {

  private PciRemedy() {}

  /**
   * What would help, the least trouble first.
   *
   * @param express whether disks are placed on PCI Express buses
   */
  static String of(Ledger ledger, boolean express) {
    List<String> remedies = new ArrayList<>();
    List<String> otherKind = new ArrayList<>();
    List<String> inOneView = new ArrayList<>();
    for (int index = 0; index < busCount(ledger); index++) {
      PciBus bus = ledger.view().pci().bus(index);
      if (differs(ledger, index)) {
        inOneView.add(String.valueOf(index));
      } else if (bus != null
          && bus.takesHotPlug()
          && bus.express() != express
          && (bus.slots() & ~ledger.pciSlots(index)) != 0) {
        otherKind.add(bus.toString());
      }
    }
    if (!otherKind.isEmpty()) {
      remedies.add("ask for an address on " + String.join(", ", otherKind));
    }
    if (!inOneView.isEmpty()) {
      remedies.add(
          "shut the domain down and start it again, for its views differ in PCI bus "
              + String.join(", ", inOneView));
    }
    remedies.add(
        "add a PCI controller of model "
            + (express ? "pcie-root-port" : "pci-bridge")
            + " to the persistent view, and shut the domain down and start it again");
    if (ScsiPlaces.isRoom(ledger)) {
      remedies.add("use the scsi bus");
    }
    return String.join("; or ", remedies);
  }

  private static int busCount(Ledger ledger) {
    return ledger.views().stream().mapToInt(view -> view.pci().busCount()).max().orElse(0);
  }

  /** Whether one view has a hot-pluggable bus there and another view has not, or another one. */
  private static boolean differs(Ledger ledger, int index) {
    boolean hotPluggable = false;
    for (DomainView view : ledger.views()) {
      PciBus bus = view.pci().bus(index);
      hotPluggable |= bus != null && bus.takesHotPlug();
    }
    return hotPluggable && !PciPlaces.isSameInEveryView(ledger, index);
  }
}
