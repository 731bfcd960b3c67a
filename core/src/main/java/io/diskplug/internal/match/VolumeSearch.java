// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.model.Device;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.outcome.Rejected;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Finds a volume in a view by what identifies it: alias, source and serial; never by target dev,
 * which another volume may have by now.
 */
public final class VolumeSearch {

  /** Where a volume is in one view. */
  public sealed interface Location permits Absent, Hit {}

  /** No disk of this view has anything to do with the volume. */
  record Absent() implements Location {}

  /** A disk that has to do with the volume. */
  public sealed interface Hit extends Location permits Found, SourceChanged, Ambiguous {
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
   * @param unresolved the disks, and devices shown as disks, of which no view tells whether they
   *     are the volume under another name
   */
  public record Result(Map<View, Location> locations, Set<Disk> unresolved) {

    /** The same where every source is told. */
    public Result(Map<View, Location> locations) {
      this(locations, Set.of());
    }

    /**
     * Whether the views tell of every disk whether it is the volume. If not, its absence from them
     * is no proof that the domain does not have it under another name.
     */
    public boolean everySourceIsTold() {
      return unresolved.isEmpty();
    }

    /** The volume's disk in each view that has it. */
    public Map<View, Disk> present() {
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
    public Optional<Mismatch> mismatch() {
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
  public record Mismatch(Rejected.Reason reason, String explanation) {}

  /**
   * Where a volume is in each view that there is.
   *
   * @param namesakes what the request makes of an image of the same name that may be in another
   *     cluster
   */
  public static Result locate(DomainViews views, VolumeRef volume, Namesakes namesakes) {
    Map<View, Location> locations = new EnumMap<>(View.class);
    Ownership ownership = new Ownership(volume, views.persistent() != null, namesakes);
    views.present().forEach(view -> locations.put(view.view(), locate(view, ownership)));
    if (locations.get(View.LIVE) instanceof Ambiguous
        && locations.get(View.PERSISTENT) instanceof Found adopted
        && views.live() != null
        && hits(views.live(), ownership).size() == 1) {
      vouchedFor(views.live(), adopted.disk(), volume)
          .ifPresent(disk -> locations.put(View.LIVE, new Found(disk)));
    }
    return new Result(locations, Unresolved.in(views, ownership));
  }

  /**
   * A disk of another tool that was taken over has the volume's alias in the persistent view, and
   * in the live view not before the next start.
   */
  private static Optional<Disk> vouchedFor(DomainView live, Disk adopted, VolumeRef volume) {
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
          && disk.isPluggable()
          && !disk.hasOwnAlias()) {
        return Optional.of(disk);
      }
    }
    return Optional.empty();
  }

  public static Location locate(DomainView view, VolumeRef volume, Namesakes namesakes) {
    return locate(view, new Ownership(volume, view.view() == View.PERSISTENT, namesakes));
  }

  private static List<Hit> hits(DomainView view, Ownership ownership) {
    List<Hit> hits = new ArrayList<>();
    for (Disk disk : view.disks()) {
      if (ownership.of(disk) instanceof Hit hit) {
        hits.add(hit);
      }
    }
    for (Device device : view.devices()) {
      if (device.source() != null && ownership.of(device) instanceof Hit hit) {
        hits.add(hit);
      }
    }
    return hits;
  }

  private static Location locate(DomainView view, Ownership ownership) {
    List<Hit> hits = hits(view, ownership);
    // The volume's disk is known by its alias, and nothing is plugged for it a second time.
    if (hits.stream().anyMatch(hit -> hit instanceof Found && ownership.isByAlias(hit.disk()))) {
      hits.removeIf(hit -> ownership.isNamesake(hit.disk()));
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
        "the "
            + view.view()
            + " view has volume "
            + ownership.volumeId()
            + " more than once: "
            + targets);
  }
}
