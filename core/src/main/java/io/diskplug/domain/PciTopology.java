// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The PCI buses of one view of a domain, and the slots that are taken on each. Immutable.
 *
 * <p>A bus exists if the view lists its controller, or if it is the root bus that the machine
 * always has. libvirt fills holes in the indexes with controllers of its own when a domain is
 * defined, and lists those; a hole that is still there is a bus that nothing is known of.
 */
public final class PciTopology {

  private final @Nullable PciBus[] buses;
  private final int[] taken;
  private final boolean express;

  private PciTopology(@Nullable PciBus[] buses, int[] taken) {
    this.buses = buses;
    this.taken = taken;
    this.express = buses[0] != null && buses[0].express();
  }

  static PciTopology of(MachineType machine, List<Controller> controllers, List<Holder> holders) {
    @Nullable PciBus[] buses = buses(controllers);
    PciModel root = machine.rootBus();
    if (buses[0] == null && root != null) {
      buses[0] = PciBus.of(0, root, root.xmlName, true);
    }
    return new PciTopology(buses, slotsTaken(machine, buses.length, holders));
  }

  /** One more than the highest index of a bus; at most 256. */
  public int busCount() {
    return buses.length;
  }

  /**
   * The bus with this index; null if there is none.
   *
   * @param index the index, 0 or more
   */
  public @Nullable PciBus bus(int index) {
    return index < buses.length ? buses[index] : null;
  }

  /**
   * The slots in which any function is taken, by devices that the view shows and by those that the
   * chipset always has, as a set of bits: slot 0 is the lowest.
   *
   * @param bus the index of the bus, 0 or more
   */
  public int slotsTaken(int bus) {
    return bus < taken.length ? taken[bus] : 0;
  }

  /**
   * Whether virtio disks are PCI Express devices here ({@code qemuDomainHasPCIeRoot}): libvirt then
   * chooses PCI Express buses for them, else conventional ones.
   */
  public boolean isExpress() {
    return express;
  }

  private static @Nullable PciBus[] buses(List<Controller> controllers) {
    int count = 1;
    for (Controller controller : controllers) {
      if (controller.isPci()) {
        count = Math.max(count, controller.index() + 1);
      }
    }
    @Nullable PciBus[] buses = new PciBus[count];
    for (Controller controller : controllers) {
      if (controller.isPci()) {
        buses[controller.index()] = PciBus.of(controller);
      }
    }
    return buses;
  }

  private static int[] slotsTaken(MachineType machine, int busCount, List<Holder> holders) {
    int[] taken = new int[busCount];
    taken[0] = machine.chipsetSlots();
    for (Holder holder : holders) {
      if (holder.address() instanceof PciAddress pci
          && pci.domain() == 0
          && pci.bus() < busCount
          && !pci.isZero()) {
        taken[pci.bus()] |= 1 << pci.slot();
      }
    }
    return taken;
  }
}
