// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.alloc.Placement;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.alloc.Allocation;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.alloc.Demand;
import io.diskplug.internal.model.Controller;
import io.diskplug.oracle.Tally.Count;
import io.diskplug.oracle.XmlDevices.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.libvirt.LibvirtException;

/** Sends what the allocator grants to libvirt, which must accept it as it is. */
final class Placements {

  private final Trial trial;
  private final OracleDomain domain;
  private final Tally tally;
  private final NoRoomCheck noRoom;

  Placements(Trial trial, NoRoomCheck noRoom) {
    this.trial = trial;
    this.domain = trial.domain();
    this.tally = trial.tally();
    this.noRoom = noRoom;
  }

  /** Places disks until there is no room; the answer is how many got an address. */
  int place(DiskBus bus, int most) throws LibvirtException {
    for (int count = 0; count < most; count++) {
      Sight before = domain.look();
      Allocation allocation = Trial.allocate(before.views(), Demand.of(bus, domain.newAlias()));
      if (allocation instanceof Full) {
        tally.count(Count.NO_ROOM);
        if (!domain.isRunning() && bus == DiskBus.VIRTIO) {
          noRoom.whileShutOff(before);
        }
        return count;
      } else if (!(allocation instanceof Placed placed)) {
        trial.disagree(before, "refused without being asked for anything", allocation.toString());
        return count;
      } else if (placed.placement().address() == null || !placed.placement().added().isEmpty()) {
        onAddedBus(before, placed.placement());
        return count;
      } else if (!accepted(before, placed.placement())) {
        return count;
      }
    }
    return most;
  }

  /** Sends a placement with an address. */
  boolean accepted(Sight before, Placement placement) throws LibvirtException {
    tally.count(domain.isRunning() ? Count.PLACED_LIVE : Count.PLACED_CONFIG);
    Optional<String> error = domain.attach(xml(placement), domain.everyView());
    if (error.isPresent()) {
      trial.disagree(before, "libvirt refuses " + shortly(placement), error.get());
      return false;
    }
    return isAsPlaced(before, placement);
  }

  /** Which bus is added is left to libvirt, or the address names it. */
  private void onAddedBus(Sight before, Placement placement) throws LibvirtException {
    Optional<String> error = domain.attach(xml(placement), domain.everyView());
    if (error.isPresent()) {
      trial.disagree(before, "a bus was to be added, and libvirt refuses it", error.get());
    } else if (isAsPlaced(before, placement)) {
      tally.count(domain.isRunning() ? Count.PLACED_LIVE : Count.PLACED_CONFIG);
      tally.count(Count.LEFT_TO_LIBVIRT);
    }
  }

  private String xml(Placement placement) {
    return domain.diskXml(
        placement.bus().xmlName(), placement.targetDev(), placement.alias(), placement.address());
  }

  private boolean isAsPlaced(Sight before, Placement placement) throws LibvirtException {
    List<String> complaints = new ArrayList<>();
    Sight after = domain.look();
    after
        .devices()
        .forEach((view, devices) -> complaints.addAll(complaints(view, devices, placement)));
    if (placement.bus() == DiskBus.VIRTIO) {
      complaints.addAll(complaintsOfHotPlug(after, placement));
    }
    if (placement.address() != null && domain.isRunning()) {
      String expected = QemuPlace.expected(placement.address(), scsiModels(after));
      String place = domain.placeInQemu(placement.alias(), placement.address());
      if (!place.equals(expected)) {
        complaints.add("QEMU has it at " + place + " and not at " + expected);
      }
    }
    if (!complaints.isEmpty()) {
      trial.disagree(before, shortly(placement) + " read back differs", complaints.toString());
    }
    return complaints.isEmpty();
  }

  private static List<String> complaints(View view, XmlDevices devices, Placement placement) {
    List<String> complaints = new ArrayList<>();
    Optional<Device> disk = devices.withAlias(placement.alias());
    if (disk.isEmpty()) {
      complaints.add(view + " has no such disk");
    } else if (!disk.get().targetDev().equals(placement.targetDev())
        || !isAt(disk.get(), placement.address())) {
      complaints.add(view + " has " + disk.get());
    }
    devices.doubleUses().forEach(use -> complaints.add(view + " twice: " + use));
    if (placement.address() instanceof PciAddress pci && devices.inSlot(pci).size() != 1) {
      complaints.add(view + " has in one slot " + devices.inSlot(pci));
    }
    return complaints;
  }

  /** A disk is on a bus without hot-plug only if the placement says so. */
  private static List<String> complaintsOfHotPlug(Sight after, Placement placement) {
    if (!after.devices().containsKey(View.PERSISTENT)) {
      return List.of();
    }
    PciAddress address = NoRoomCheck.addressOf(after, placement.alias());
    boolean hotPlug = after.devices().get(View.PERSISTENT).takesHotPlug(address.bus());
    return hotPlug != placement.fixed()
        ? List.of()
        : List.of((hotPlug ? "hot-plug" : "no hot-plug") + " at " + address);
  }

  private static Map<Integer, String> scsiModels(Sight sight) {
    Map<Integer, String> models = new TreeMap<>();
    for (Controller controller : sight.views().live().scsiControllers()) {
      models.put(controller.index(), controller.model());
    }
    return models;
  }

  private static boolean isAt(Device disk, DeviceAddress address) {
    if (address == null) {
      return !disk.address().isEmpty();
    }
    String text = address instanceof DriveAddress ? "scsi " + address : address.toString();
    return disk.address().equals(text);
  }

  private static String shortly(Placement placement) {
    return placement.targetDev() + " at " + placement.address();
  }
}
