// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.PciAddress;
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
  private final int[] free;
  private final boolean express;
  private final int chipset;

  private PciTopology(@Nullable PciBus[] buses, int[] taken, int chipset) {
    this.chipset = chipset;
    this.buses = buses;
    this.taken = taken;
    this.express = buses[0] != null && buses[0].express();
    this.free = new int[buses.length];
    for (int index = 0; index < buses.length; index++) {
      PciBus bus = buses[index];
      free[index] = bus != null && isForDisks(bus) ? bus.slots() & ~taken[index] : 0;
    }
  }

  static PciTopology of(MachineType machine, List<Controller> controllers, List<Holder> holders) {
    @Nullable PciBus[] buses = buses(controllers);
    PciModel root = machine.rootBus();
    if (buses[0] == null && root != null) {
      buses[0] = PciBus.ofRoot(root);
    }
    return new PciTopology(
        buses, slotsTaken(machine, buses.length, holders), machine.chipsetSlots());
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
   * The slots in which nothing is, of a bus that {@link #isForDisks}; of any other bus, none.
   *
   * @param bus the index of the bus, 0 or more
   */
  public int slotsFree(int bus) {
    return bus < free.length ? free[bus] : 0;
  }

  /**
   * Whether disks are placed on this bus: it takes hot-plugged devices, and PCI Express ones if the
   * root bus is PCI Express ({@code qemuDomainHasPCIeRoot}), conventional ones if not.
   *
   * @param bus a bus of this topology
   */
  public boolean isForDisks(PciBus bus) {
    return bus.takesHotPlug() && bus.express() == express;
  }

  /**
   * Whether the chipset has this slot, whatever the view shows.
   *
   * @param address an address in the slot
   */
  public boolean isOfChipset(PciAddress address) {
    return address.bus() == 0 && (chipset & (1 << address.slot())) != 0;
  }

  /** Whether the root bus is PCI Express. */
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
