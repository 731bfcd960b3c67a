// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.Placement;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.collect.LazyList;
import io.diskplug.internal.model.MachineType;
import io.diskplug.internal.model.TargetDev;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Places disks one after the other. Used by one thread and for one call. */
final class Placer {

  private final Ledger ledger;
  private final boolean shutOff;
  private final @Nullable Placer avoiding;
  private final Map<DiskBus, Places> places = new EnumMap<>(DiskBus.class);
  private final Map<DiskBus, FirstFree> targets = new EnumMap<>(DiskBus.class);

  /**
   * A placer that has placed nothing.
   *
   * @param avoiding asked first: one to which also that is taken which should be avoided
   */
  Placer(Ledger ledger, boolean shutOff, @Nullable Placer avoiding) {
    this.ledger = ledger;
    this.shutOff = shutOff;
    this.avoiding = avoiding;
  }

  /** Places a disk, and reserves what it gets. */
  Allocation place(Demand demand) {
    if (avoiding == null) {
      return placeAnywhere(demand);
    }
    Allocation elsewhere = avoiding.place(demand);
    if (elsewhere instanceof Placed placed) {
      ledger.reserve(placed.placement());
      return elsewhere;
    }
    Allocation allocation = placeAnywhere(demand);
    if (allocation instanceof Placed placed) {
      avoiding.ledger.reserve(placed.placement());
    }
    return allocation;
  }

  private Allocation placeAnywhere(Demand demand) {
    Refused refused = Refusals.ofNames(ledger, demand);
    if (refused != null) {
      return refused;
    }
    Places places = places(demand.bus());
    DeviceAddress address = demand.address();
    Growth growth = null;
    if (address == null) {
      address = places.firstFree();
      if (address == null) {
        growth = places.growth();
        address = growth == null ? fixed(demand, places) : growth.address();
      }
      if (address == null && !(shutOff && places.mayGrow())) {
        return new Full(Explanations.noRoom(ledger, demand, places));
      }
    } else {
      growth = places.growthAt(address);
      refused =
          growth == null ? Refusals.ofAddress(ledger, places, address, demand.mayBeFixed()) : null;
      if (refused != null) {
        return refused;
      }
    }
    Placement placement = placement(demand, places, address, growth);
    ledger.reserve(placement);
    return new Placed(placement);
  }

  private static @Nullable DeviceAddress fixed(Demand demand, Places places) {
    return demand.mayBeFixed() ? places.firstOrdinary() : null;
  }

  /** The places on the virtio or the scsi bus. */
  Places places(DiskBus bus) {
    return places.computeIfAbsent(
        bus,
        b -> {
          if (b == DiskBus.SCSI) {
            return new ScsiPlaces(ledger);
          }
          return ledger.view().machineType() == MachineType.S390_CCW
              ? new CcwPlaces(ledger)
              : new PciPlaces(ledger);
        });
  }

  private Placement placement(
      Demand demand, Places places, @Nullable DeviceAddress address, @Nullable Growth growth) {
    String targetDev =
        demand.targetDev() == null ? firstFreeTarget(demand.bus()) : demand.targetDev();
    return new Placement(
        targetDev,
        demand.bus(),
        demand.alias(),
        address,
        address != null && growth == null && places.isFixed(address),
        growth == null ? List.of() : PluggedController.planned(growth.controllers()),
        new LazyList<>(() -> Explanations.skipped(ledger, demand, places, targetDev, address)));
  }

  private String firstFreeTarget(DiskBus bus) {
    String prefix = TargetDev.prefix(bus);
    FirstFree indexes =
        targets.computeIfAbsent(
            bus,
            b ->
                new FirstFree(
                    ledger.views().stream().map(view -> view.inUse().targetIndexes(b)).toList(),
                    index -> ledger.isReserved(TargetDev.name(prefix, index))));
    return TargetDev.name(prefix, indexes.find(Integer.MAX_VALUE - 1));
  }
}
