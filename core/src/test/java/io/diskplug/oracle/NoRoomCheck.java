// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.domain.DiskBus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Demand;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.oracle.Tally.Count;
import java.util.Optional;
import org.libvirt.LibvirtException;

/** Where the allocator finds no room for a virtio disk, libvirt must not find any either. */
final class NoRoomCheck {

  private final Trial trial;
  private final OracleDomain domain;
  private final Tally tally;

  NoRoomCheck(Trial trial) {
    this.trial = trial;
    this.domain = trial.domain();
    this.tally = trial.tally();
  }

  /** Whether the allocator finds no room, going by the live view alone. */
  boolean isInLiveView(Sight sight, DiskBus bus) {
    return Trial.allocate(sight.liveOnly(), Demand.of(bus, domain.newAlias())) instanceof Full;
  }

  /** Leaves the address to libvirt, which must not find one. */
  void inLiveView() throws LibvirtException {
    Sight before = domain.look();
    if (!isInLiveView(before, DiskBus.VIRTIO)) {
      return;
    }
    String alias = domain.newAlias();
    Optional<String> error = attachAnywhere(before.views(), alias, OracleDomain.LIVE);
    if (error.isPresent()) {
      tally.refusal(Count.NO_ROOM_AGREED, error.get());
    } else {
      trial.disagree(before, "NoRoom, but libvirt finds " + trial.diskNow(alias), "");
    }
  }

  /** libvirt may take a bus without hot-plug, but has no place where the allocator looks. */
  void whileShutOff(Sight before) throws LibvirtException {
    String alias = domain.newAlias();
    Optional<String> error = attachAnywhere(before.views(), alias, OracleDomain.CONFIG);
    if (error.isPresent()) {
      tally.refusal(Count.NO_ROOM_SHUT_OFF_AGREED, error.get());
      return;
    }
    PciAddress address = addressOf(domain.look(), alias);
    if (!domain.look().devices().get(View.PERSISTENT).takesHotPlug(address.bus())) {
      tally.deviation(Deviation.BUS_WITHOUT_HOT_PLUG);
    } else {
      trial.disagree(before, "NoRoom while shut off, but libvirt finds " + address, "");
    }
  }

  private Optional<String> attachAnywhere(DomainViews views, String alias, int flags) {
    return domain.attach(domain.diskXml("virtio", Trial.freeTarget(views), alias, null), flags);
  }

  /** The address of a disk in the persistent view. */
  static PciAddress addressOf(Sight sight, String alias) {
    return sight.views().persistent().disks().stream()
        .filter(disk -> alias.equals(disk.alias()))
        .map(disk -> (PciAddress) disk.address())
        .findFirst()
        .orElseThrow();
  }
}
