// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.match.VolumeSearch.Absent;
import io.diskplug.internal.match.VolumeSearch.Ambiguous;
import io.diskplug.internal.match.VolumeSearch.Found;
import io.diskplug.internal.match.VolumeSearch.Location;
import io.diskplug.internal.match.VolumeSearch.SourceChanged;
import io.diskplug.internal.model.Device;
import java.util.List;
import java.util.Map;

/**
 * Whose a disk is: one rule for all requests and all kinds of storage.
 *
 * <p>A disk is the volume's own if it has the volume's source and the volume's alias, or the
 * volume's source and the volume's serial. Any other disk with this source is another tool's: it is
 * reported as a conflict and never touched. {@link VolumeSearch} adds the disk whose twin in the
 * persistent view was adopted.
 *
 * <p>Pure and without state.
 */
final class Ownership {

  private static final String DETACH_THERE = "detach it with the tool that attached it";
  private static final String NAME_IT = "name it to repair (Repair.detach)";

  private final VolumeRef volume;
  private final SourceIdentity identity;
  private final String ownAlias;
  private final boolean canBeAdopted;
  private final Namesakes namesakes;

  /**
   * The rule for one volume.
   *
   * @param volume the volume
   * @param canBeAdopted whether the domain has the persistent view that an adoption changes
   * @param namesakes what the request makes of an image of the same name that may be in another
   *     cluster
   */
  Ownership(VolumeRef volume, boolean canBeAdopted, Namesakes namesakes) {
    this.volume = volume;
    this.identity = volume.identity();
    // Made once: it is a hash.
    this.ownAlias = identity.alias();
    this.canBeAdopted = canBeAdopted;
    this.namesakes = namesakes;
  }

  /** The id of the volume. */
  String volumeId() {
    return volume.id();
  }

  /** What one disk is to the volume. */
  Location of(Disk disk) {
    boolean ourSource = identity.names(disk.source());
    if (isByAlias(disk)) {
      return ofOwnAlias(disk, ourSource);
    }
    if (disk.otherLayers().anyMatch(identity::names)) {
      return new SourceChanged(
          disk,
          disk.targetDev()
              + " uses the source of volume "
              + volume.id()
              + " below or beside its own source "
              + describe(disk));
    }
    if (ourSource) {
      if (disk.hasOwnAlias()) {
        return ofAnotherVolume(disk);
      }
      return disk.isPluggable() && hasSerial(disk) ? new Found(disk) : anothers(disk);
    }
    // Whatever its alias: a block copy that is pivoted gives a disk another source.
    if (disk.layers().anyMatch(identity::mayName)) {
      return mayBe(disk, disk.description(), describe(disk));
    }
    return hasSerial(disk) ? otherSource(disk) : new Absent();
  }

  /** What a device of another kind is to the volume, a LUN that is passed through for example. */
  Location of(Device device) {
    StorageSource source = device.source();
    if (source == null) {
      return new Absent();
    }
    Disk shown = shown(device, source);
    if (identity.names(source)) {
      return new Ambiguous(
          shown,
          device.description()
              + " ("
              + describe(shown)
              + ") has the source of volume "
              + volume.id()
              + ": it is no disk that this library attaches, and is not touched; "
              + DETACH_THERE);
    }
    return identity.mayName(source)
        ? mayBe(shown, device.description(), describe(shown))
        : new Absent();
  }

  /** Whether a view says enough of a source to tell whether it is the volume. */
  boolean isTold(StorageSource source) {
    return identity.canTell(source);
  }

  /** Whether a view says enough of a disk, besides its sources. */
  boolean isTold(Disk disk) {
    return namesakes.stop() || !isNamesake(disk);
  }

  /** Whether the disk is the volume's by its alias. */
  boolean isByAlias(Disk disk) {
    return ownAlias.equals(disk.alias());
  }

  /**
   * Whether the disk is the volume, or one of the same name in another scope: this library has
   * attached it as that, or as another one.
   */
  boolean isNamesake(Disk disk) {
    return disk.hasOwnAlias()
        && !isByAlias(disk)
        && !hasSerial(disk)
        && !identity.scope().isEmpty()
        && identity.names(disk.source());
  }

  /** A device that is no disk, as far as a disk can show it. */
  static Disk shown(Device device, StorageSource source) {
    return new Disk(
        device.kind(),
        device.alias() == null ? device.kind() : device.alias(),
        DiskBus.SCSI,
        null,
        source,
        List.of(),
        false,
        null,
        null,
        device.alias(),
        device.address(),
        false,
        false,
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of());
  }

  private Location mayBe(Disk disk, String what, String source) {
    return new Ambiguous(
        disk,
        what
            + " ("
            + source
            + ") may be volume "
            + volume.id()
            + " ("
            + identity.kind()
            + " "
            + identity.name()
            + "): its name contains that of the volume, and the XML does not say which storage it"
            + " is. It is not touched; "
            + DETACH_THERE);
  }

  private Location ofOwnAlias(Disk disk, boolean ourSource) {
    if (!ourSource) {
      return new SourceChanged(
          disk,
          disk.targetDev()
              + " has the alias of volume "
              + volume.id()
              + " and the source "
              + describe(disk));
    }
    // This library attaches no drives.
    return disk.isPluggable() ? new Found(disk) : anothers(disk);
  }

  /** Of a disk with this source, and an alias of this library for another identity. */
  private Location ofAnotherVolume(Disk disk) {
    if (hasSerial(disk)) {
      return otherSource(disk);
    }
    boolean namesake = isNamesake(disk);
    if (namesake && (!namesakes.stop() || namesakes.isElsewhere(disk))) {
      return new Absent();
    }
    return new Ambiguous(
        disk,
        disk.targetDev()
            + " has the source of volume "
            + volume.id()
            + " ("
            + describe(disk)
            + ") and the alias of another volume: a block copy may have brought it there"
            + (namesake
                ? ", or it has the same name in another cluster, which its monitors do not tell"
                : "")
            + "; it is not touched");
  }

  private boolean hasSerial(Disk disk) {
    return volume.makes(disk.serial());
  }

  /** The volume's source, and nothing that makes it the volume's disk. */
  private Location anothers(Disk disk) {
    String serial = disk.serial();
    return new Ambiguous(
        disk,
        disk.description()
            + " ("
            + describe(disk)
            + ") has the source of volume "
            + volume.id()
            + " and "
            + (serial == null ? "no serial" : "the serial " + serial)
            + ", and not the volume's alias: it belongs to another tool and is not touched; "
            + whatToDo(disk));
  }

  /** Never recommends what would be refused. */
  private String whatToDo(Disk disk) {
    if (!disk.isPluggable()) {
      return "a " + disk.device() + " cannot be adopted: eject the medium, or " + NAME_IT;
    }
    if (!canBeAdopted) {
      return "a disk of a transient domain cannot be adopted: detach it with that tool, or "
          + NAME_IT;
    }
    String serial = disk.serial();
    if (serial == null || volume.makes(serial)) {
      return "adopt takes it over, or " + NAME_IT;
    }
    return (VolumeRef.isId(serial) ? "adopt takes it over under the id " + serial + ", or " : "")
        + NAME_IT;
  }

  private Location otherSource(Disk disk) {
    return new Ambiguous(
        disk,
        disk.description()
            + " has the serial "
            + disk.serial()
            + " and the source "
            + describe(disk)
            + ", and not the alias of what was asked for: "
            + identity
            + "; it is not touched: "
            + NAME_IT);
  }

  static String describe(Disk disk) {
    return disk.source().kind() + " " + disk.source().canonicalName();
  }
}
