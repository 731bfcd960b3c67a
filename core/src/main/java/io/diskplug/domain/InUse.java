// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.ArrayList;
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

  private final Set<String> targetDevs;
  private final Map<DiskBus, IndexSet> targetIndexes;
  private final Set<String> aliases;
  private final Set<DriveAddress> scsiAddresses;
  private final Map<Integer, IndexSet> scsiUnits;
  private final IndexSet ccwDevnos;

  private InUse(
      Set<String> targetDevs,
      Map<DiskBus, IndexSet> targetIndexes,
      Set<String> aliases,
      Set<DriveAddress> scsiAddresses,
      Map<Integer, IndexSet> scsiUnits,
      IndexSet ccwDevnos) {
    this.targetDevs = targetDevs;
    this.targetIndexes = targetIndexes;
    this.aliases = aliases;
    this.scsiAddresses = scsiAddresses;
    this.scsiUnits = scsiUnits;
    this.ccwDevnos = ccwDevnos;
  }

  static InUse of(List<Holder> holders) {
    Set<String> targetDevs = new HashSet<>();
    Set<String> aliases = new HashSet<>();
    Set<DriveAddress> scsi = new HashSet<>();
    List<Integer> devnos = new ArrayList<>();
    for (Holder holder : holders) {
      if (holder.targetDev() != null) {
        targetDevs.add(holder.targetDev());
      }
      if (holder.alias() != null) {
        aliases.add(holder.alias());
      }
      if (holder.address() instanceof DriveAddress drive && holder.onScsiBus()) {
        scsi.add(drive);
      } else if (holder.address() instanceof CcwAddress ccw && ccw.isForVirtio()) {
        devnos.add(ccw.devno());
      }
    }
    return new InUse(
        targetDevs,
        Map.of(
            DiskBus.VIRTIO, indexes(DiskBus.VIRTIO, targetDevs),
            DiskBus.SCSI, indexes(DiskBus.SCSI, targetDevs)),
        aliases,
        scsi,
        units(scsi),
        IndexSet.of(devnos));
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
   * @param bus the bus
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

  /**
   * Whether a disk or a host device on a SCSI bus has this address.
   *
   * @param address the address
   */
  public boolean hasScsiAddress(DriveAddress address) {
    return scsiAddresses.contains(address);
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

  private static IndexSet indexes(DiskBus bus, Set<String> targetDevs) {
    String prefix = TargetDev.prefix(bus);
    List<Integer> indexes = new ArrayList<>();
    for (String targetDev : targetDevs) {
      int index = TargetDev.index(prefix, targetDev);
      if (index >= 0) {
        indexes.add(index);
      }
    }
    return IndexSet.of(indexes);
  }

  private static Map<Integer, IndexSet> units(Set<DriveAddress> addresses) {
    Map<Integer, List<Integer>> units = new HashMap<>();
    for (DriveAddress address : addresses) {
      if (address.bus() == 0 && address.target() == 0) {
        units.computeIfAbsent(address.controller(), c -> new ArrayList<>()).add(address.unit());
      }
    }
    Map<Integer, IndexSet> sets = new HashMap<>();
    units.forEach((controller, numbers) -> sets.put(controller, IndexSet.of(numbers)));
    return sets;
  }
}
