// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.domain.PciAddress;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.Holder;
import io.diskplug.internal.model.MachineType;
import io.diskplug.internal.model.PciBus;
import io.diskplug.internal.model.PciTopology;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The next PCI bus of a configuration. A device whose address names a bus that is not there makes
 * libvirt add it, together with those that are missing below, in the call that attaches the device
 * ({@code virDomainPCIAddressSetGrow}): a pcie-root-port where the root bus is PCI Express, a
 * pci-bridge where it is conventional. Each needs a place for itself.
 *
 * <p>No PCI bus can be plugged into a guest. The configuration of a running domain gets one only if
 * the guest has it already, as libvirt adds it, and with a free slot: it was removed from the
 * configuration alone.
 */
final class PciGrowth {

  private static final String ROOT_PORT = "pcie-root-port";
  private static final String BRIDGE = "pci-bridge";
  private static final int MAX_BUSES = 256;
  private static final int ALL_FUNCTIONS = 0xff;

  private final Ledger ledger;
  private final DomainView view;
  private final boolean express;

  /** The buses of the guest; null if the domain is shut off. */
  private final @Nullable PciTopology guest;

  /**
   * The places that root ports have in each slot of bus 0: eight to a slot, and no other device.
   */
  private final int[] functions = new int[32];

  /** The slots of conventional buses that were given to bridges. */
  private final int[] slots = new int[MAX_BUSES];

  private PciGrowth(Ledger ledger, @Nullable DomainView live) {
    this.ledger = ledger;
    this.view = ledger.view();
    this.express = view.pci().isExpress();
    this.guest = live == null ? null : live.pci();
  }

  /**
   * A place on the next bus, or on a later one if what is reserved leaves none there; null if the
   * machine does not grow, if there is no place for the controller, or if the guest has no such
   * bus.
   *
   * @param ledger what is taken in the persistent view
   * @param live the live view; null if the domain is shut off
   * @param wanted the place that it has to be; null if any will do
   */
  static @Nullable Growth next(
      Ledger ledger, @Nullable DomainView live, @Nullable PciAddress wanted) {
    // POWER grows by host bridges: which, and where, is left to libvirt.
    return ledger.view().pci().bus(0) == null || ledger.view().machineType() == MachineType.PSERIES
        ? null
        : new PciGrowth(ledger, live).next(wanted);
  }

  private @Nullable Growth next(@Nullable PciAddress wanted) {
    if (express) {
      takeFunctions();
    }
    String model = express ? ROOT_PORT : BRIDGE;
    List<Controller> added = new ArrayList<>();
    for (int index = 1; index < MAX_BUSES; index++) {
      if (view.pci().bus(index) == null) {
        PciBus bus = PciBus.of(index, model);
        Controller controller = controller(index, model);
        if (controller == null || !isInGuest(bus)) {
          return null;
        }
        added.add(controller);
        int free = free(bus);
        if (free != 0) {
          PciAddress first = PciAddress.of(index, Integer.numberOfTrailingZeros(free));
          if (wanted == null || wanted.equals(first)) {
            return new Growth(first, added);
          } else if (wanted.bus() == index && (free & (1 << wanted.slot())) != 0) {
            return new Growth(wanted, added);
          } else if (guest == null) {
            // No more is added to a configuration than the next disk needs.
            return null;
          }
        }
      }
    }
    return null;
  }

  /** The controller of this bus that the batch adds already, or a new one; null without a place. */
  private @Nullable Controller controller(int index, String model) {
    Controller added = ledger.added(index);
    if (added != null) {
      return added;
    }
    PciAddress seat = express ? seatOfRootPort() : seatOfBridge();
    return seat == null ? null : new Controller("pci", index, model, null, seat, true);
  }

  private boolean isInGuest(PciBus bus) {
    PciBus there = guest == null ? bus : guest.bus(bus.index());
    return there != null && there.isLike(bus);
  }

  /** The slots of a bus that is added, without those that are taken. */
  private int free(PciBus bus) {
    int free = bus.slots() & ~taken(bus.index());
    return guest == null ? free : free & guest.slotsFree(bus.index());
  }

  /** What is reserved, or named by a device, on a bus that is not there. */
  private int taken(int index) {
    int taken = ledger.reservedPciSlots(index);
    for (Holder holder : view.holders()) {
      if (holder.address() instanceof PciAddress pci && pci.domain() == 0 && pci.bus() == index) {
        taken |= 1 << pci.slot();
      }
    }
    return taken;
  }

  private void takeFunctions() {
    PciBus root = view.pci().bus(0);
    int usable = root == null ? 0 : root.slots();
    int shared = 0;
    List<Holder> holders = new ArrayList<>(view.holders());
    holders.addAll(ledger.added());
    for (Holder holder : holders) {
      if (holder.address() instanceof PciAddress pci && pci.domain() == 0 && pci.bus() == 0) {
        if (holder instanceof Controller port && ROOT_PORT.equals(port.model())) {
          functions[pci.slot()] |= 1 << pci.function();
          shared |= 1 << pci.slot();
        } else {
          functions[pci.slot()] = ALL_FUNCTIONS;
        }
      }
    }
    for (int slot = 0; slot < functions.length; slot++) {
      int bit = 1 << slot;
      boolean isTaken = (ledger.pciSlots(0) & bit) != 0 && (shared & bit) == 0;
      if ((usable & bit) == 0 || isTaken || (ledger.reservedPciSlots(0) & bit) != 0) {
        functions[slot] = ALL_FUNCTIONS;
      }
    }
  }

  /** The lowest function that is free, in a slot that is empty or has root ports alone. */
  private @Nullable PciAddress seatOfRootPort() {
    for (int slot = 0; slot < functions.length; slot++) {
      if (functions[slot] != ALL_FUNCTIONS) {
        int function = Integer.numberOfTrailingZeros(~functions[slot]);
        functions[slot] |= 1 << function;
        return new PciAddress(0, 0, slot, function);
      }
    }
    return null;
  }

  /**
   * The lowest slot that is free on a conventional bus. Those with hot-plug are for disks, and
   * full.
   */
  private @Nullable PciAddress seatOfBridge() {
    for (int index = 0; index < view.pci().busCount(); index++) {
      PciBus bus = view.pci().bus(index);
      if (bus != null && bus.takesDevices() && !bus.express() && !view.pci().isForDisks(bus)) {
        int free = bus.slots() & ~ledger.pciSlots(index) & ~slots[index];
        if (free != 0) {
          int slot = Integer.numberOfTrailingZeros(free);
          slots[index] |= 1 << slot;
          return PciAddress.of(index, slot);
        }
      }
    }
    return null;
  }
}
