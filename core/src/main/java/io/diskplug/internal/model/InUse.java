// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The target devs, aliases, SCSI and channel addresses that one view of a domain has in use,
 * arranged for quick look-ups. Immutable. PCI slots are in {@link PciTopology}.
 */
public final class InUse {

  private final Set<String> targetDevs = new HashSet<>();
  private final Set<String> aliases = new HashSet<>();
  private final Set<DriveAddress> scsiAddresses = new HashSet<>();
  private final Map<Integer, IndexSet> scsiUnits;
  private final Map<DiskBus, IndexSet> targetIndexes;
  private final IndexSet ccwDevnos;

  private InUse(List<Disk> disks, List<Holder> holders) {
    disks.forEach(disk -> targetDevs.add(disk.targetDev()));
    IndexSet.Builder devnos = new IndexSet.Builder();
    for (Holder holder : holders) {
      if (holder.alias() != null) {
        aliases.add(holder.alias());
      }
      if (holder.address() instanceof DriveAddress drive && holder.isOnScsiBus()) {
        scsiAddresses.add(drive);
      } else if (holder.address() instanceof CcwAddress ccw && ccw.isForVirtio()) {
        devnos.add(ccw.devno());
      }
    }
    this.targetIndexes =
        Map.of(
            DiskBus.VIRTIO, indexes(TargetDev.prefix(DiskBus.VIRTIO)),
            DiskBus.SCSI, indexes(TargetDev.prefix(DiskBus.SCSI)));
    this.scsiUnits = units();
    this.ccwDevnos = devnos.build();
  }

  static InUse of(List<Disk> disks, List<Holder> holders) {
    return new InUse(disks, holders);
  }

  /**
   * Whether a disk has this target dev.
   *
   * @param targetDev the target dev
   */
  public boolean hasTargetDev(String targetDev) {
    return targetDevs.contains(targetDev);
  }

  /**
   * The indexes ({@link TargetDev#index}) of the target devs that begin as those of a bus do.
   *
   * @param bus virtio or scsi; nothing is kept for the others
   */
  public IndexSet targetIndexes(DiskBus bus) {
    return targetIndexes.getOrDefault(bus, IndexSet.EMPTY);
  }

  /**
   * Whether a device has this alias.
   *
   * @param alias the alias
   */
  public boolean hasAlias(String alias) {
    return aliases.contains(alias);
  }

  /** The addresses of the disks and host devices on SCSI buses. */
  public Set<DriveAddress> scsiAddresses() {
    return Collections.unmodifiableSet(scsiAddresses);
  }

  /**
   * The units that are taken on bus 0, target 0 of a SCSI controller.
   *
   * @param controller the index of the controller
   */
  public IndexSet scsiUnits(int controller) {
    return scsiUnits.getOrDefault(controller, IndexSet.EMPTY);
  }

  /** The device numbers that are taken in subchannel set 0 of the subsystem of virtio devices. */
  public IndexSet ccwDevnos() {
    return ccwDevnos;
  }

  private IndexSet indexes(String prefix) {
    IndexSet.Builder indexes = new IndexSet.Builder();
    for (String targetDev : targetDevs) {
      int index = TargetDev.index(prefix, targetDev);
      if (index >= 0) {
        indexes.add(index);
      }
    }
    return indexes.build();
  }

  private Map<Integer, IndexSet> units() {
    Map<Integer, IndexSet.Builder> units = new HashMap<>();
    for (DriveAddress address : scsiAddresses) {
      if (address.bus() == 0 && address.target() == 0) {
        units
            .computeIfAbsent(address.controller(), c -> new IndexSet.Builder())
            .add(address.unit());
      }
    }
    Map<Integer, IndexSet> sets = new HashMap<>();
    units.forEach((controller, numbers) -> sets.put(controller, numbers.build()));
    return sets;
  }
}
