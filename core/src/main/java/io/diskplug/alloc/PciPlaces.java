// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.PciBus;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * PCI slots for virtio disks. Buses are tried in ascending order, and so are the slots of each, as
 * {@code virDomainPCIAddressGetNextAddr} does; the whole slot must be free, for libvirt plugs
 * function 0 only ({@code virDomainPCIAddressEnsureAddr}).
 *
 * <p>A bus counts if every view has it, with the same model, and lets devices be plugged while the
 * guest runs. That holds for a domain that is shut off, too: a disk on any other bus could not be
 * detached once it runs.
 */
final class PciPlaces implements Places {

  private static final int MAX_BUSES = 256;

  private final Ledger ledger;
  private final boolean express;
  private int fromBus;

  PciPlaces(Ledger ledger) {
    this.ledger = ledger;
    this.express = ledger.views().get(0).pci().isExpress();
  }

  @Override
  public @Nullable DeviceAddress firstFree() {
    for (int count = busCount(); fromBus < count; fromBus++) {
      PciBus bus = bus(fromBus);
      if (bus != null) {
        int free = free(bus);
        if (free != 0) {
          return PciAddress.of(fromBus, Integer.numberOfTrailingZeros(free));
        }
      }
    }
    return null;
  }

  @Override
  public Iterable<PciAddress> all() {
    List<PciAddress> all = new ArrayList<>();
    for (int index = 0; index < busCount(); index++) {
      PciBus bus = bus(index);
      if (bus != null) {
        for (int slot = bus.firstSlot(); slot <= bus.lastSlot(); slot++) {
          all.add(PciAddress.of(index, slot));
        }
      }
    }
    return all;
  }

  @Override
  public @Nullable String problem(DeviceAddress address) {
    if (!(address instanceof PciAddress pci)) {
      return "a virtio disk of this machine sits on PCI";
    }
    if (pci.domain() != 0) {
      return "libvirt knows PCI domain 0 only";
    }
    if (pci.isZero()) {
      return "libvirt takes 0000:00:00.0 for no address";
    }
    if (pci.function() != 0) {
      return "libvirt plugs function 0 of a slot only";
    }
    for (DomainView view : ledger.views()) {
      String problem = problem(pci, view);
      if (problem != null) {
        return problem;
      }
    }
    return sameInAll(pci.bus()) ? null : "the views have different controllers with this index";
  }

  @Override
  public boolean isTaken(DeviceAddress address) {
    return address instanceof PciAddress pci && (ledger.pciSlots(pci.bus()) & 1 << pci.slot()) != 0;
  }

  @Override
  public List<Capacity.Bus> buses() {
    List<Capacity.Bus> buses = new ArrayList<>();
    for (int index = 0; index < busCount(); index++) {
      PciBus bus = bus(index);
      if (bus != null) {
        buses.add(new Capacity.Bus(bus.toString(), bus.slotCount(), Integer.bitCount(free(bus))));
      }
    }
    return buses;
  }

  @Override
  public String shortage() {
    return "no free hot-pluggable PCI slot";
  }

  @Override
  public String remedy() {
    String controller = express ? "pcie-root-port" : "pci-bridge";
    return "add a controller of model "
        + controller
        + " to the persistent view and start the"
        + " domain again, or use the scsi bus";
  }

  @Override
  public boolean mayGrow() {
    return ledger.views().get(0).pci().bus(0) != null && busCount() < MAX_BUSES;
  }

  private int busCount() {
    int count = MAX_BUSES;
    for (DomainView view : ledger.views()) {
      count = Math.min(count, view.pci().busCount());
    }
    return count;
  }

  /** The bus with this index, if disks are placed on it. */
  private @Nullable PciBus bus(int index) {
    PciBus bus = ledger.views().get(0).pci().bus(index);
    return bus != null && bus.takesHotPlug() && bus.express() == express && sameInAll(index)
        ? bus
        : null;
  }

  private boolean sameInAll(int index) {
    PciBus bus = ledger.views().get(0).pci().bus(index);
    for (int i = 1; i < ledger.views().size(); i++) {
      if (bus == null || !bus.equals(ledger.views().get(i).pci().bus(index))) {
        return false;
      }
    }
    return bus != null;
  }

  private int free(PciBus bus) {
    return bus.slots() & ~ledger.pciSlots(bus.index());
  }

  private static @Nullable String problem(PciAddress address, DomainView view) {
    PciBus bus = view.pci().bus(address.bus());
    String where = "the " + view.view().name().toLowerCase(java.util.Locale.ROOT) + " view";
    if (bus == null) {
      return where + " has no PCI bus " + address.bus();
    }
    if (!bus.takesDevices()) {
      return bus + " takes no disks";
    }
    if (!bus.hotPluggable()) {
      return bus + " is not hot-pluggable in " + where;
    }
    if (address.slot() < bus.firstSlot() || address.slot() > bus.lastSlot()) {
      return bus + " has no usable slot " + address.slot();
    }
    return null;
  }
}
