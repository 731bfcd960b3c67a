// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.Advice;
import io.diskplug.alloc.Capacity;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.IndexSet;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Places on SCSI controllers, in ascending order of their indexes. A controller counts if every
 * view has one with this index and a model of the same kind, and also one for each lower index:
 * libvirt plugs those that are missing before a disk ({@code
 * qemuDomainFindOrCreateSCSIDiskController}), of another model in each view, where it finds PCI
 * slots for them.
 */
final class ScsiPlaces implements Places {

  private final Ledger ledger;
  private final Map<Integer, Bus> buses = new TreeMap<>();
  private final int firstMissing;

  ScsiPlaces(Ledger ledger) {
    this.ledger = ledger;
    this.firstMissing =
        ledger.views().stream().mapToInt(ScsiPlaces::firstMissing).min().orElseThrow();
    boolean isLive = ledger.views().stream().anyMatch(view -> view.view() == View.LIVE);
    List<Map<Integer, Set<ScsiModel>>> models =
        ledger.views().stream().map(ScsiPlaces::models).toList();
    for (Controller controller : ledger.view().scsiControllers()) {
      int index = controller.index();
      ScsiModel model = ScsiModel.of(controller.model());
      if (model != null
          && (model.takesHotPlug() || !isLive)
          && index < firstMissing
          && models.stream().allMatch(view -> view.getOrDefault(index, Set.of()).contains(model))) {
        buses.put(index, new Bus(index, model));
      }
    }
  }

  private static Map<Integer, Set<ScsiModel>> models(DomainView view) {
    Map<Integer, Set<ScsiModel>> models = new HashMap<>();
    for (Controller controller : view.scsiControllers()) {
      ScsiModel model = ScsiModel.of(controller.model());
      if (model != null) {
        models
            .computeIfAbsent(controller.index(), index -> EnumSet.noneOf(ScsiModel.class))
            .add(model);
      }
    }
    return models;
  }

  @Override
  public @Nullable DeviceAddress firstFree() {
    for (Bus bus : buses.values()) {
      int place = bus.firstFree.find(bus.model.lastPlace());
      if (place <= bus.model.lastPlace()) {
        return bus.model.address(bus.index, place);
      }
    }
    return null;
  }

  @Override
  public List<DeviceAddress> all() {
    List<DeviceAddress> all = new ArrayList<>();
    for (Bus bus : buses.values()) {
      for (int place = 0; place < bus.model.capacity(); place++) {
        all.add(bus.model.address(bus.index, place));
      }
    }
    return all;
  }

  @Override
  public @Nullable String problem(DeviceAddress address) {
    if (!(address instanceof DriveAddress drive)) {
      return "a SCSI disk has a drive address";
    }
    Bus bus = buses.get(drive.controller());
    if (drive.controller() > firstMissing) {
      return "libvirt would plug SCSI controller " + firstMissing + " first, which is missing";
    } else if (bus == null) {
      return "no SCSI controller " + drive.controller() + " that takes disks in every view";
    }
    return bus.model.accepts(drive) ? null : "no such place on " + bus;
  }

  @Override
  public boolean isTaken(DeviceAddress address) {
    if (ledger.isReserved(address)) {
      return true;
    }
    for (DomainView view : ledger.views()) {
      if (address instanceof DriveAddress drive && view.inUse().scsiAddresses().contains(drive)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int capacity() {
    return buses.values().stream().mapToInt(bus -> bus.model.capacity()).sum();
  }

  @Override
  public List<Capacity.Bus> buses() {
    Map<Integer, Integer> takenPlaces = new HashMap<>();
    takenAddresses()
        .forEach(
            address -> {
              Bus bus = buses.get(address.controller());
              if (bus != null && bus.model.isPlace(address)) {
                takenPlaces.merge(bus.index, 1, Integer::sum);
              }
            });
    List<Capacity.Bus> rooms = new ArrayList<>();
    for (Bus bus : buses.values()) {
      int taken = takenPlaces.getOrDefault(bus.index, 0);
      int capacity = bus.model.capacity();
      rooms.add(new Capacity.Bus(bus.toString(), capacity, capacity - taken));
    }
    return rooms;
  }

  @Override
  public String shortage() {
    return buses.isEmpty()
        ? "no SCSI controller in every view"
        : "no free place on a SCSI controller";
  }

  @Override
  public List<Advice> advice(boolean mayBeFixed) {
    return List.of(new Advice(Advice.Kind.ADD_SCSI_CONTROLLER, remedy()));
  }

  private static String remedy() {
    return "add a controller of type scsi and model virtio-scsi to every view";
  }

  @Override
  public boolean isFixed(DeviceAddress address) {
    return address instanceof DriveAddress drive
        && Optional.ofNullable(buses.get(drive.controller()))
            .filter(bus -> !bus.model.takesHotPlug())
            .isPresent();
  }

  @Override
  public boolean mayGrow() {
    // libvirt would add a controller of a model of its own choice, which may not be hot-pluggable.
    return false;
  }

  private Stream<DriveAddress> takenAddresses() {
    Stream<DriveAddress> inViews =
        ledger.views().stream().flatMap(view -> view.inUse().scsiAddresses().stream());
    Stream<DriveAddress> reserved =
        ledger.reservedAddresses().stream()
            .filter(DriveAddress.class::isInstance)
            .map(DriveAddress.class::cast);
    return Stream.concat(inViews, reserved).distinct();
  }

  /** The lowest index without a SCSI controller. */
  static int firstMissing(DomainView view) {
    int missing = 0;
    for (Controller controller : view.scsiControllers()) {
      if (controller.index() == missing) {
        missing++;
      }
    }
    return missing;
  }

  private final class Bus {

    private final int index;
    private final ScsiModel model;
    private final FirstFree firstFree;

    Bus(int index, ScsiModel model) {
      this.index = index;
      this.model = model;
      List<IndexSet> units =
          model.areUnits()
              ? ledger.views().stream().map(view -> view.inUse().scsiUnits(index)).toList()
              : List.of();
      this.firstFree = new FirstFree(units, place -> isTaken(model.address(index, place)));
    }

    @Override
    public String toString() {
      return "SCSI controller " + index;
    }
  }
}
