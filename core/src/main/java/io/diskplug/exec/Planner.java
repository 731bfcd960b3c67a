// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.alloc.Allocation;
import io.diskplug.alloc.Occupied;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.View;
import io.diskplug.exec.VolumeSearch.Ambiguous;
import io.diskplug.exec.VolumeSearch.Found;
import io.diskplug.exec.VolumeSearch.Location;
import io.diskplug.exec.VolumeSearch.SourceChanged;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Rejected;
import io.diskplug.spi.DiskSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Says what attaching disks to a domain would do, going by its views alone.
 *
 * <p>A pure function of its arguments, by the rules that an attach goes by. Used by one thread and
 * for one plan.
 */
public final class Planner {

  private static final String PLANNED = "planned for volume ";

  private final DomainViews views;

  /** What is taken besides what the views show: by what only QEMU knows, by the disks planned. */
  private final Map<String, String> targetDevs = new HashMap<>();

  private final Map<DeviceAddress, String> addresses = new HashMap<>();
  private final Map<String, String> aliases = new HashMap<>();
  private final Map<String, String> shownSerials = new HashMap<>();

  private Planner(DomainViews views, Occupied occupied) {
    this.views = views;
    targetDevs.putAll(occupied.targetDevs());
    addresses.putAll(occupied.addresses());
    aliases.putAll(occupied.aliases());
  }

  /**
   * Plans several disks, each beside those before it. One that cannot be attached takes nothing
   * from those that follow.
   *
   * @param views the domain
   * @param disks the disks
   * @param occupied what is taken besides what the views show
   * @return one plan for each disk, in the same order
   * @throws IllegalArgumentException if a disk's element is not that of its volume and bus
   */
  public static List<DiskPlan> plan(
      DomainViews views, List<? extends DiskSource> disks, Occupied occupied) {
    Planner planner = new Planner(views, occupied);
    List<DiskPlan> plans = new ArrayList<>(disks.size());
    for (DiskSource disk : disks) {
      plans.add(planner.plan(disk));
    }
    return List.copyOf(plans);
  }

  private DiskPlan plan(DiskSource source) {
    Disk wanted = DiskElements.wanted(source);
    Map<View, Disk> present = new EnumMap<>(View.class);
    List<Difference> differences = new ArrayList<>();
    for (Map.Entry<View, Location> entry : VolumeSearch.locate(views, source.volume()).entrySet()) {
      Location location = entry.getValue();
      if (location instanceof SourceChanged changed) {
        return refusal(source, Rejected.Reason.SOURCE_CHANGED, changed.explanation());
      }
      if (location instanceof Ambiguous ambiguous) {
        return refusal(source, Rejected.Reason.CONFLICT, ambiguous.explanation());
      }
      if (location instanceof Found found) {
        present.put(entry.getKey(), found.disk());
        differences.addAll(DiskComparison.ofSubstance(entry.getKey(), wanted, found.disk()));
      }
    }
    if (!differences.isEmpty()) {
      return new DiskPlan.Refusal(
          source.volume(),
          Rejected.Reason.CONFLICT,
          AttachRequest.otherwiseAttached(differences),
          differences,
          Optional.empty());
    }
    Set<View> missing = views.kinds();
    missing.removeAll(present.keySet());
    if (missing.isEmpty()) {
      return present(source, wanted, present);
    }
    return place(source, present, missing);
  }

  private static DiskPlan present(DiskSource source, Disk wanted, Map<View, Disk> present) {
    Disk shown = present.values().iterator().next();
    return new DiskPlan.Present(
        source.volume(),
        shown.targetDev(),
        Optional.ofNullable(shown.address()),
        AttachVerification.fromUsual(source.volume(), wanted, present));
  }

  private DiskPlan place(DiskSource source, Map<View, Disk> present, Set<View> missing) {
    Optional<String> twin = present.isEmpty() ? twin(source) : Optional.empty();
    if (twin.isPresent()) {
      return refusal(source, Rejected.Reason.CONFLICT, twin.get());
    }
    Allocation allocation =
        VolumePlacement.find(views, present, source, new Occupied(targetDevs, addresses, aliases));
    if (allocation instanceof Placement placement) {
      reserve(source, placement);
      return new DiskPlan.Attach(
          source.volume(),
          missing,
          placement,
          GuestPaths.of(source.volume(), source.bus()),
          DiskElements.write(source, placement));
    }
    return new DiskPlan.Refusal(
        source.volume(),
        VolumePlacement.reason(allocation, present),
        VolumePlacement.explanation(allocation, present),
        List.of(),
        Optional.of(allocation));
  }

  private Optional<String> twin(DiskSource source) {
    String shown = GuestPaths.shownSerial(source.volume().id());
    String planned = source.bus() == DiskBus.VIRTIO ? shownSerials.get(shown) : null;
    return planned == null
        ? VolumePlacement.twin(views, source)
        : Optional.of(VolumePlacement.twin("a disk planned before", planned, shown));
  }

  private void reserve(DiskSource source, Placement placement) {
    String id = source.volume().id();
    String holder = PLANNED + id;
    targetDevs.put(placement.targetDev(), holder);
    aliases.put(placement.alias(), holder);
    if (placement.address() != null) {
      addresses.put(placement.address(), holder);
    }
    if (source.bus() == DiskBus.VIRTIO) {
      shownSerials.put(GuestPaths.shownSerial(id), id);
    }
  }

  private static DiskPlan refusal(DiskSource source, Rejected.Reason reason, String explanation) {
    return new DiskPlan.Refusal(source.volume(), reason, explanation, List.of(), Optional.empty());
  }
}
