// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.alloc.Placement.Skipped;
import io.diskplug.alloc.Refused.Reason;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.IndexSet;
import io.diskplug.domain.MachineType;
import io.diskplug.domain.TargetDev;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Places disks one after the other. Used by one thread and for one call. */
final class Placer {

  private final Ledger ledger;
  private final boolean shutOff;
  private final Map<DiskBus, Places> places = new EnumMap<>(DiskBus.class);
  private final Map<DiskBus, FirstFree> targets = new EnumMap<>(DiskBus.class);

  Placer(Ledger ledger, boolean shutOff) {
    this.ledger = ledger;
    this.shutOff = shutOff;
  }

  /** Places a disk, and reserves what it gets. */
  Allocation place(Demand demand) {
    Allocation allocation = find(demand);
    if (allocation instanceof Placement placement) {
      ledger.reserve(placement);
    }
    return allocation;
  }

  private Allocation find(Demand demand) {
    Refused refused = refusal(demand);
    if (refused != null) {
      return refused;
    }
    Places places = places(demand.bus());
    DeviceAddress address = demand.address() == null ? places.firstFree() : demand.address();
    if (address == null && !(shutOff && places.mayGrow())) {
      return noRoom(places);
    }
    String targetDev =
        demand.targetDev() == null ? firstFreeTarget(demand.bus()) : demand.targetDev();
    return new Placement(
        targetDev,
        demand.bus(),
        demand.alias(),
        address,
        new LazyList<>(() -> skipped(demand, targetDev, address)));
  }

  private @Nullable Refused refusal(Demand demand) {
    switch (demand.bus()) {
      case VIRTIO, SCSI -> {}
      case SATA, IDE, FDC -> {
        return new Refused(
            Reason.BUS_NOT_HOT_PLUGGABLE,
            "a disk on the " + demand.bus().xmlName() + " bus cannot be plugged while a guest runs",
            null);
      }
      case USB, XEN, SD, UML, OTHER -> {
        return new Refused(
            Reason.BUS_NOT_SUPPORTED,
            "disks are placed on the virtio and scsi buses only, not on " + demand.bus().xmlName(),
            null);
      }
    }
    if (ledger.hasAlias(demand.alias())) {
      return new Refused(
          Reason.ALIAS_TAKEN,
          "alias " + demand.alias() + " is taken",
          ledger.holders().ofAlias(demand.alias()));
    }
    Refused refused = targetRefusal(demand.targetDev());
    return refused == null ? addressRefusal(demand) : refused;
  }

  private @Nullable Refused targetRefusal(@Nullable String targetDev) {
    if (targetDev == null) {
      return null;
    }
    if (!TargetDev.isValid(targetDev)) {
      return new Refused(
          Reason.TARGET_INVALID, "\"" + targetDev + "\" is no target dev for a disk", null);
    }
    if (ledger.hasTargetDev(targetDev)) {
      return new Refused(
          Reason.TARGET_TAKEN,
          "target dev " + targetDev + " is taken",
          ledger.holders().ofTargetDev(targetDev));
    }
    return null;
  }

  private @Nullable Refused addressRefusal(Demand demand) {
    DeviceAddress address = demand.address();
    if (address == null) {
      return null;
    }
    Places places = places(demand.bus());
    String problem = places.problem(address);
    if (problem != null) {
      return new Refused(
          Reason.ADDRESS_INVALID, "address " + address + " cannot be used: " + problem, null);
    }
    if (places.isTaken(address)) {
      return new Refused(
          Reason.ADDRESS_TAKEN,
          "address " + address + " is taken",
          ledger.holders().ofAddress(address));
    }
    return null;
  }

  Places places(DiskBus bus) {
    return places.computeIfAbsent(
        bus,
        b -> {
          if (b == DiskBus.SCSI) {
            return new ScsiPlaces(ledger);
          }
          return ledger.views().get(0).machineType() == MachineType.S390_CCW
              ? new CcwPlaces(ledger)
              : new PciPlaces(ledger);
        });
  }

  private String firstFreeTarget(DiskBus bus) {
    String prefix = TargetDev.prefix(bus);
    FirstFree indexes =
        targets.computeIfAbsent(
            bus,
            b -> {
              List<IndexSet> taken =
                  ledger.views().stream().map(view -> view.inUse().targetIndexes(b)).toList();
              return new FirstFree(
                  taken, index -> ledger.hasReservedTargetDev(TargetDev.name(prefix, index)));
            });
    return TargetDev.name(prefix, indexes.find());
  }

  private List<Skipped> skipped(Demand demand, String targetDev, @Nullable DeviceAddress address) {
    Holders holders = ledger.holders();
    List<Skipped> skipped = new ArrayList<>();
    if (demand.targetDev() == null) {
      String prefix = TargetDev.prefix(demand.bus());
      for (int i = 0; i < TargetDev.index(prefix, targetDev); i++) {
        String name = TargetDev.name(prefix, i);
        skipped.add(new Skipped(name, holders.ofTargetDev(name)));
      }
    }
    if (demand.address() == null) {
      for (DeviceAddress place : places(demand.bus()).all()) {
        if (place.equals(address)) {
          break;
        }
        skipped.add(new Skipped(place.toString(), holders.ofAddress(place)));
      }
    }
    return skipped;
  }

  private NoRoom noRoom(Places places) {
    int capacity = places.buses().stream().mapToInt(Capacity.Bus::places).sum();
    return new NoRoom(
        places.shortage(),
        capacity,
        new LazyList<>(
            () -> {
              Holders holders = ledger.holders();
              List<String> all = new ArrayList<>();
              places.all().forEach(place -> all.add(place + ": " + holders.ofAddress(place)));
              return all;
            }),
        places.remedy());
  }
}
