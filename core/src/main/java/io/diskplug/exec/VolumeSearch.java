// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.outcome.Rejected;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds a volume in a view by what identifies it: alias, source and serial; never by target dev,
 * which another volume may have by now.
 */
final class VolumeSearch {

  /** Where a volume is in one view. */
  sealed interface Location permits Absent, Hit {}

  /** No disk of this view has anything to do with the volume. */
  record Absent() implements Location {}

  /** A disk that has to do with the volume. */
  sealed interface Hit extends Location permits Found, SourceChanged, Ambiguous {
    /** That disk. */
    Disk disk();
  }

  /**
   * The volume's disk.
   *
   * @param disk the disk
   */
  record Found(Disk disk) implements Hit {}

  /**
   * The volume's disk, whose source is not the volume's any more.
   *
   * @param disk the disk
   * @param explanation what is the matter
   */
  record SourceChanged(Disk disk, String explanation) implements Hit {}

  /**
   * Something that is neither the volume's disk nor surely another's.
   *
   * @param disk the disk
   * @param explanation what is the matter
   */
  record Ambiguous(Disk disk, String explanation) implements Hit {}

  private VolumeSearch() {}

  /**
   * Where a volume is in each view that there is.
   *
   * @param locations one location for each view
   */
  record Result(Map<View, Location> locations) {

    /** The volume's disk in each view that has it. */
    Map<View, Disk> present() {
      Map<View, Disk> present = new EnumMap<>(View.class);
      locations.forEach(
          (view, location) -> {
            if (location instanceof Found found) {
              present.put(view, found.disk());
            }
          });
      return present;
    }

    /** What cannot be dealt with, if there is such. */
    Optional<Mismatch> mismatch() {
      for (Location location : locations.values()) {
        if (location instanceof SourceChanged changed) {
          return Optional.of(new Mismatch(Rejected.Reason.SOURCE_CHANGED, changed.explanation()));
        }
        if (location instanceof Ambiguous ambiguous) {
          return Optional.of(new Mismatch(Rejected.Reason.CONFLICT, ambiguous.explanation()));
        }
      }
      return Optional.empty();
    }
  }

  /**
   * What a view has is not the volume as it should be.
   *
   * @param reason why, for a program
   * @param explanation why, for a person
   */
  record Mismatch(Rejected.Reason reason, String explanation) {}

  static Result locate(DomainViews views, VolumeRef volume) {
    Map<View, Location> locations = new EnumMap<>(View.class);
    views.present().forEach(view -> locations.put(view.view(), locate(view, volume)));
    if (locations.get(View.LIVE) instanceof Ambiguous
        && locations.get(View.PERSISTENT) instanceof Found adopted
        && views.live() != null) {
      locations.put(View.LIVE, vouchedFor(views.live(), adopted.disk(), volume));
    }
    return new Result(locations);
  }

  /**
   * A disk of another tool that was taken over has the volume's alias in the persistent view, and
   * in the live view not before the next start.
   */
  private static Location vouchedFor(DomainView live, Disk adopted, VolumeRef volume) {
    List<Disk> sameSource =
        live.disks().stream().filter(disk -> disk.source().isSameAs(adopted.source())).toList();
    if (volume.identity().alias().equals(adopted.alias()) && sameSource.size() == 1) {
      Disk disk = sameSource.get(0);
      boolean elsewhere =
          disk.address() != null
              && adopted.address() != null
              && !disk.address().equals(adopted.address());
      if (!elsewhere
          && disk.targetDev().equals(adopted.targetDev())
          && Objects.equals(disk.serial(), adopted.serial())
          && !disk.hasOwnAlias()) {
        return new Found(disk);
      }
    }
    return locate(live, volume);
  }

  static Location locate(DomainView view, VolumeRef volume) {
    // Made once: it is a hash.
    String ownAlias = volume.identity().alias();
    List<Hit> hits = new ArrayList<>();
    for (Disk disk : view.disks()) {
      if (examine(disk, volume, ownAlias) instanceof Hit hit) {
        hits.add(hit);
      }
    }
    if (hits.isEmpty()) {
      return new Absent();
    }
    if (hits.size() == 1) {
      return hits.get(0);
    }
    String targets = String.join(", ", hits.stream().map(hit -> hit.disk().targetDev()).toList());
    return new Ambiguous(
        hits.get(0).disk(),
        "the " + view.view() + " view has volume " + volume.id() + " more than once: " + targets);
  }

  private static Location examine(Disk disk, VolumeRef volume, String ownAlias) {
    SourceIdentity identity = volume.identity();
    boolean ourAlias = ownAlias.equals(disk.alias());
    boolean ourSource = identity.names(disk.source());
    if (ourAlias) {
      return ourSource
          ? new Found(disk)
          : new SourceChanged(
              disk,
              disk.targetDev()
                  + " has the alias of volume "
                  + volume.id()
                  + " and the source "
                  + describe(disk));
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
    if (disk.hasOwnAlias()) {
      // Attached by this library for another identity: the same name in another cluster.
      return sameSerial(disk, volume) ? otherSource(disk, volume) : new Absent();
    }
    if (ourSource) {
      String serial = disk.serial();
      if (sameSerial(disk, volume) || (serial == null && identity.scope().isEmpty())) {
        return new Found(disk);
      }
      // Another cluster can have an image of the same name.
      return new Ambiguous(
          disk,
          disk.targetDev()
              + " has the source of volume "
              + volume.id()
              + (serial == null
                  ? " and no serial; if it is the volume's, adopt takes it over"
                  : " and the serial " + serial));
    }
    return sameSerial(disk, volume) ? otherSource(disk, volume) : new Absent();
  }

  private static boolean sameSerial(Disk disk, VolumeRef volume) {
    return volume.id().equals(disk.serial());
  }

  private static Location otherSource(Disk disk, VolumeRef volume) {
    return new Ambiguous(
        disk,
        disk.targetDev()
            + " has the serial "
            + volume.id()
            + " and the source "
            + describe(disk)
            + ", and not the alias of what was asked for: "
            + volume.identity());
  }

  private static String describe(Disk disk) {
    return disk.source().kind() + " " + disk.source().canonicalName();
  }
}
