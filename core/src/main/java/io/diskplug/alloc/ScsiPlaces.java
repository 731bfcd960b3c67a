// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.Controller;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.IndexSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Units on the SCSI controllers that every view has. */
final class ScsiPlaces implements Places {

  private final Ledger ledger;
  private final Map<Integer, ScsiModel> controllers = new TreeMap<>();
  private final Map<Integer, FirstFree> units = new HashMap<>();

  ScsiPlaces(Ledger ledger) {
    this.ledger = ledger;
    for (Controller controller : ledger.views().get(0).controllers()) {
      ScsiModel model = ScsiModel.of(controller.model());
      if (controller.isScsi() && model != null && inAll(controller)) {
        controllers.put(controller.index(), model);
      }
    }
  }

  @Override
  public @Nullable DeviceAddress firstFree() {
    for (Map.Entry<Integer, ScsiModel> controller : controllers.entrySet()) {
      int unit = units.computeIfAbsent(controller.getKey(), this::units).find();
      if (unit <= controller.getValue().maxUnit) {
        return new DriveAddress(controller.getKey(), 0, 0, unit);
      }
    }
    return null;
  }

  @Override
  public Iterable<DriveAddress> all() {
    List<DriveAddress> all = new ArrayList<>();
    controllers.forEach(
        (index, model) -> {
          for (int unit = 0; unit <= model.maxUnit; unit++) {
            all.add(new DriveAddress(index, 0, 0, unit));
          }
        });
    return all;
  }

  @Override
  public @Nullable String problem(DeviceAddress address) {
    if (!(address instanceof DriveAddress drive)) {
      return "a SCSI disk has a drive address";
    }
    ScsiModel model = controllers.get(drive.controller());
    if (model == null) {
      return "no SCSI controller " + drive.controller() + " that disks can be plugged into";
    }
    if (drive.bus() != 0 || drive.target() > model.maxTarget || drive.unit() > model.maxUnit) {
      return "SCSI controller " + drive.controller() + " has no such address";
    }
    return null;
  }

  @Override
  public boolean isTaken(DeviceAddress address) {
    return ledger.hasReservedAddress(address)
        || (address instanceof DriveAddress drive
            && ledger.views().stream().anyMatch(view -> view.inUse().hasScsiAddress(drive)));
  }

  @Override
  public List<Capacity.Bus> buses() {
    List<Capacity.Bus> buses = new ArrayList<>();
    controllers.forEach(
        (index, model) -> {
          int free = 0;
          for (int unit = 0; unit <= model.maxUnit; unit++) {
            free += isTaken(new DriveAddress(index, 0, 0, unit)) ? 0 : 1;
          }
          buses.add(new Capacity.Bus("SCSI controller " + index, model.maxUnit + 1, free));
        });
    return buses;
  }

  @Override
  public String shortage() {
    return controllers.isEmpty() ? "no SCSI controller" : "no free unit on a SCSI controller";
  }

  @Override
  public String remedy() {
    return "add a controller of type scsi and model virtio-scsi to both views";
  }

  @Override
  public boolean mayGrow() {
    return false;
  }

  private boolean inAll(Controller controller) {
    return ledger.views().stream()
        .allMatch(
            view ->
                view.controllers().stream()
                    .anyMatch(
                        other ->
                            other.isScsi()
                                && other.index() == controller.index()
                                && ScsiModel.of(other.model())
                                    == ScsiModel.of(controller.model())));
  }

  private FirstFree units(int controller) {
    List<IndexSet> taken = new ArrayList<>();
    for (DomainView view : ledger.views()) {
      taken.add(view.inUse().scsiUnits(controller));
    }
    return new FirstFree(
        taken, unit -> ledger.hasReservedAddress(new DriveAddress(controller, 0, 0, unit)));
  }
}
