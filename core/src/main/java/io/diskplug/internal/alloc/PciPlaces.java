// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.Advice;
import io.diskplug.alloc.Capacity;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.MachineType;
import io.diskplug.internal.model.PciBus;
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
 * detached once it runs. Only if a domain that is shut off has no bus with hot-plug at all, and
 * none can be added, its other buses count. A configuration that has hot-plug and is full gets
 * another bus ({@link PciGrowth}).
 *
 * <p>Of these, disks are placed on PCI Express buses if the root bus is one, and on conventional
 * ones if it is not. A request for an address may ask for the other kind: libvirt checks the kind
 * of its own choices only ({@code virDomainPCIAddressFlagsCompatible}).
 */
final class PciPlaces implements Places {

  private static final int MAX_BUSES = 256;

  private final Ledger ledger;
  private final boolean express;
  private final int busCount;

  /** Whether disks go where they cannot be unplugged while the domain runs. */
  private final boolean ordinary;

  private int fromBus;

  PciPlaces(Ledger ledger) {
    this.ledger = ledger;
    this.express = ledger.view().pci().isExpress();
    int count = MAX_BUSES;
    for (DomainView view : ledger.views()) {
      count = Math.min(count, view.pci().busCount());
    }
    this.busCount = count;
    this.ordinary = ledger.isShutOff() && usableBuses().isEmpty() && !growsWhenEmpty();
  }

  /** Whether there would be a place for a bus with hot-plug, if nothing were reserved. */
  private boolean growsWhenEmpty() {
    DomainViews views = new DomainViews(null, ledger.view());
    return express && PciGrowth.next(new Ledger(views, Occupied.NOTHING), null, null) != null;
  }

  @Override
  public @Nullable DeviceAddress firstFree() {
    // What is full stays full.
    for (; fromBus < busCount; fromBus++) {
      int free = freeSlots(fromBus);
      if (free != 0 && isUsable(fromBus)) {
        return PciAddress.of(fromBus, Integer.numberOfTrailingZeros(free));
      }
    }
    return null;
  }

  @Override
  public List<DeviceAddress> all() {
    List<DeviceAddress> all = new ArrayList<>();
    for (PciBus bus : usableBuses()) {
      for (int slot = bus.firstSlot(); slot <= bus.lastSlot(); slot++) {
        all.add(PciAddress.of(bus.index(), slot));
      }
    }
    return all;
  }

  @Override
  public @Nullable String problem(DeviceAddress address) {
    return problem(address, ordinary);
  }

  @Override
  public @Nullable String problemOfFixed(DeviceAddress address) {
    return problem(address, true);
  }

  private @Nullable String problem(DeviceAddress address, boolean mayBeFixed) {
    if (!(address instanceof PciAddress pci)) {
      return "a virtio disk of this machine is a PCI device";
    } else if (pci.domain() != 0) {
      return "there is PCI domain 0 only";
    } else if (pci.isZero()) {
      return "libvirt takes it for no address";
    } else if (pci.function() != 0) {
      return "only function 0 of a slot can be plugged";
    }
    for (DomainView view : ledger.views()) {
      String problem = problem(pci, view, mayBeFixed);
      if (problem != null) {
        return problem;
      }
    }
    return isSameInEveryView(ledger, pci.bus()) ? null : "the views differ in PCI bus " + pci.bus();
  }

  @Override
  public boolean isTaken(DeviceAddress address) {
    return address instanceof PciAddress pci
        && (ledger.pciSlots(pci.bus()) & (1 << pci.slot())) != 0;
  }

  @Override
  public int capacity() {
    return usableBuses().stream().mapToInt(PciBus::slotCount).sum();
  }

  @Override
  public List<Capacity.Bus> buses() {
    List<Capacity.Bus> buses = new ArrayList<>();
    for (PciBus bus : usableBuses()) {
      int free = Integer.bitCount(freeSlots(bus.index()));
      buses.add(new Capacity.Bus(bus.toString(), bus.slotCount(), free));
    }
    return buses;
  }

  @Override
  public String shortage() {
    return (ordinary ? "no free PCI slot" : "no free hot-pluggable PCI slot")
        + (ledger.views().size() > 1 ? " in both views" : "");
  }

  @Override
  public List<Advice> advice(boolean mayBeFixed) {
    return PciAdvice.of(ledger, this, mayBeFixed);
  }

  @Override
  public @Nullable Growth growth() {
    return growth(null);
  }

  @Override
  public @Nullable Growth growthAt(DeviceAddress address) {
    return address instanceof PciAddress pci && pci.domain() == 0 && pci.function() == 0
        ? growth(pci)
        : null;
  }

  private @Nullable Growth growth(@Nullable PciAddress wanted) {
    Ledger persistent = ledger.only(View.PERSISTENT);
    // A conventional machine without hot-plug would have to be given a bridge that has it.
    return persistent == null || ordinary
        ? null
        : PciGrowth.next(persistent, ledger.isShutOff() ? null : ledger.view(), wanted);
  }

  @Override
  public boolean mayGrow() {
    // As long as there is a slot without hot-plug, libvirt puts the disk there and adds no bus.
    return ledger.view().machineType() == MachineType.PSERIES
        && busCount < MAX_BUSES
        && firstOrdinary() == null;
  }

  @Override
  public @Nullable DeviceAddress firstOrdinary() {
    for (int index = 0; ledger.isShutOff() && index < busCount; index++) {
      PciBus bus = ledger.view().pci().bus(index);
      if (bus != null && isOrdinary(bus)) {
        int free = bus.slots() & ~ledger.pciSlots(index);
        if (free != 0) {
          return PciAddress.of(index, Integer.numberOfTrailingZeros(free));
        }
      }
    }
    return null;
  }

  /** Whether a disk can be here, and not be unplugged while the domain runs. */
  private boolean isOrdinary(PciBus bus) {
    return bus.takesDevices() && !bus.hotPluggable() && bus.express() == express;
  }

  @Override
  public boolean isFixed(DeviceAddress address) {
    return address instanceof PciAddress pci
        && ledger.views().stream()
            .map(view -> view.pci().bus(pci.bus()))
            .anyMatch(bus -> bus != null && !bus.hotPluggable());
  }

  private List<PciBus> usableBuses() {
    List<PciBus> buses = new ArrayList<>();
    for (int index = 0; index < busCount; index++) {
      PciBus bus = usableBus(index);
      if (bus != null) {
        buses.add(bus);
      }
    }
    return buses;
  }

  private @Nullable PciBus usableBus(int index) {
    PciBus bus = ledger.view().pci().bus(index);
    return bus != null && isUsable(index) ? bus : null;
  }

  private boolean isUsable(int index) {
    PciBus bus = ledger.view().pci().bus(index);
    return bus != null
        && (ordinary ? isOrdinary(bus) : ledger.view().pci().isForDisks(bus))
        && isSameInEveryView(ledger, index);
  }

  /** Whether every view has the bus, with the same model, and equally hot-pluggable. */
  static boolean isSameInEveryView(Ledger ledger, int index) {
    PciBus bus = ledger.view().pci().bus(index);
    for (int i = 1; i < ledger.views().size(); i++) {
      PciBus other = ledger.views().get(i).pci().bus(index);
      if (bus == null || other == null || !bus.isLike(other)) {
        return false;
      }
    }
    return bus != null;
  }

  private int freeSlots(int bus) {
    if (ordinary) {
      PciBus of = ledger.view().pci().bus(bus);
      return of == null ? 0 : of.slots() & ~ledger.pciSlots(bus);
    }
    int free = ~ledger.reservedPciSlots(bus);
    for (int i = 0; i < ledger.views().size(); i++) {
      free &= ledger.views().get(i).pci().slotsFree(bus);
    }
    return free;
  }

  private static @Nullable String problem(PciAddress address, DomainView view, boolean mayBeFixed) {
    PciBus bus = view.pci().bus(address.bus());
    String where = view.view() == View.LIVE ? "the live view" : "the persistent view";
    if (bus == null) {
      return where + " has no PCI bus " + address.bus();
    } else if (!bus.takesDevices()) {
      return bus + " takes no disks";
    } else if (!bus.hotPluggable() && !mayBeFixed) {
      return bus + " is not hot-pluggable in " + where;
    } else if ((bus.slots() & (1 << address.slot())) == 0) {
      return bus + " has no slot " + address.slot() + " for devices";
    }
    return null;
  }
}
