// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.domain.DiskBus;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.alloc.Allocation;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.alloc.Allocator;
import io.diskplug.internal.alloc.Demand;
import io.diskplug.internal.alloc.Refused;
import io.diskplug.oracle.Tally.Count;
import java.util.List;
import java.util.Optional;
import org.libvirt.LibvirtException;

/** Compares what the allocator says about one domain with what libvirt does. */
final class Checker {

  /** Placements on a domain that is not to be filled. */
  private static final int FEW = 4;

  /** A domain with more room than this is not filled: virtio-scsi has room for thousands. */
  private static final int MANY = 64;

  private final Trial trial;
  private final Dice dice;
  private final OracleDomain domain;
  private final Tally tally;
  private final NoRoomCheck noRoom;
  private final Placements placements;

  Checker(Trial trial) {
    this.trial = trial;
    this.dice = trial.dice();
    this.domain = trial.domain();
    this.tally = trial.tally();
    this.noRoom = new NoRoomCheck(trial);
    this.placements = new Placements(trial, noRoom);
  }

  void check(boolean fill) throws LibvirtException {
    for (int i = dice.between(1, 5); i > 0; i--) {
      askForAnAddress();
    }
    placements.place(dice.chance(50) ? DiskBus.SCSI : DiskBus.VIRTIO, FEW);
    if (fill) {
      fill(DiskBus.VIRTIO);
      fill(DiskBus.SCSI);
    }
    if (domain.isRunning()) {
      noRoom.inLiveView();
      Sight before = domain.look();
      if (noRoom.isInLiveView(before, DiskBus.SCSI)) {
        new ScsiNoRoomCheck(trial).check(before);
      }
    }
  }

  /** Places as many disks as there is room for, which must be the capacity. */
  private void fill(DiskBus bus) throws LibvirtException {
    Sight before = domain.look();
    int room = room(before, bus);
    int placed = placements.place(bus, room > MANY ? FEW : room + 1);
    if (room > MANY) {
      return;
    }
    tally.count(Count.FILLED);
    if (placed != room) {
      trial.disagree(before, "capacity " + room + ", but " + placed + " placements", "");
    }
  }

  private static int room(Sight sight, DiskBus bus) {
    var capacity = Allocator.capacity(sight.views());
    return (bus == DiskBus.SCSI ? capacity.scsi() : capacity.virtio()).free();
  }

  /** A request for any address must be granted or refused as libvirt does it. */
  private void askForAnAddress() throws LibvirtException {
    Sight before = domain.look();
    List<Integer> buses =
        XmlDevices.of(before.live() == null ? before.persistent() : before.live()).pciBuses();
    int bus = dice.chance(5) ? dice.between(0, 40) : dice.pick(buses);
    int slot = dice.chance(40) ? 0 : dice.between(0, 31);
    PciAddress address = PciAddress.of(bus, slot);
    if (address.isZero()) {
      return;
    }
    Demand demand = new Demand(DiskBus.VIRTIO, domain.newAlias(), null, address);
    Allocation allocation = Trial.allocate(before.views(), demand);
    if (allocation instanceof Placed placed) {
      if (placements.accepted(before, placed.placement())) {
        tally.count(Count.ASKED_AND_PLACED);
      }
    } else if (domain.isRunning()) {
      refusedAddress(before, demand, (Refused) allocation);
    }
  }

  private void refusedAddress(Sight before, Demand demand, Refused refused)
      throws LibvirtException {
    PciAddress address = (PciAddress) demand.address();
    String xml =
        domain.diskXml("virtio", Trial.freeTarget(before.views()), demand.alias(), address);
    Optional<String> error = domain.attach(xml, domain.everyView());
    if (error.isPresent()) {
      tally.refusal(Count.ASKED_AND_REFUSED, error.get());
    } else if (differs(before, address.bus())) {
      tally.deviation(Deviation.BUS_DIFFERS);
    } else {
      trial.disagree(
          before,
          "refused " + address + ", but libvirt takes it: " + trial.diskNow(demand.alias()),
          refused.toString());
    }
  }

  /** Whether the views show a PCI bus of two kinds. */
  private static boolean differs(Sight sight, int bus) {
    return sight.devices().values().stream()
            .map(devices -> devices.pciController(bus))
            .distinct()
            .count()
        > 1;
  }
}
