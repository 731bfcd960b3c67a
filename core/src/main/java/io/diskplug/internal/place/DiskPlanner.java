// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.place;

import io.diskplug.alloc.NewController;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.alloc.Occupied;
import io.diskplug.internal.alloc.PluggedController;
import io.diskplug.internal.match.DiskComparison;
import io.diskplug.internal.match.LimitGroups;
import io.diskplug.internal.match.Namesakes;
import io.diskplug.internal.match.VolumeSearch;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.GuestSerial;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Waiver;
import io.diskplug.spi.DiskSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says what attaching disks to a domain would do, going by its views alone: by the rules that an
 * attach goes by.
 *
 * <p>A pure function of its arguments; safe for use by any thread.
 */
public final class DiskPlanner {

  private DiskPlanner() {}

  /**
   * Plans several disks, as if each were attached before the next is planned. One that cannot be
   * attached takes nothing from those that follow.
   *
   * @param views the domain
   * @param disks the disks
   * @param occupied what is taken besides what the views show
   * @return one plan for each disk, in the same order
   * @throws IllegalArgumentException if a disk's source is not that of its volume
   */
  public static List<DiskPlan> plan(
      DomainViews views, List<? extends DiskSource> disks, Occupied occupied) {
    return plan(views, disks, occupied, Set.of());
  }

  /**
   * Plans several disks for a caller that waives something.
   *
   * @param views the domain
   * @param disks the disks
   * @param occupied what is taken besides what the views show
   * @param waived what the caller waives
   * @return one plan for each disk, in the same order
   * @throws IllegalArgumentException if a disk's source is not that of its volume
   */
  public static List<DiskPlan> plan(
      DomainViews views, List<? extends DiskSource> disks, Occupied occupied, Set<Waiver> waived) {
    return plan(views, disks, occupied, waived, identity -> Optional.empty());
  }

  /**
   * Plans several disks for a process that does not serve each kind of storage.
   *
   * @param views the domain
   * @param disks the disks
   * @param occupied what is taken besides what the views show
   * @param waived what the caller waives
   * @param objection why a volume is not served; empty if it is
   * @return one plan for each disk, in the same order
   * @throws IllegalArgumentException if a disk's source is not that of its volume
   */
  public static List<DiskPlan> plan(
      DomainViews views,
      List<? extends DiskSource> disks,
      Occupied occupied,
      Set<Waiver> waived,
      Function<SourceIdentity, Optional<String>> objection) {
    List<DiskPlan> plans = new ArrayList<>(disks.size());
    DomainViews domain = views;
    for (DiskSource disk : disks) {
      if (!plans.isEmpty() && plans.get(plans.size() - 1) instanceof DiskPlan.Attach attach) {
        domain = after(domain, attach);
      }
      Optional<String> unserved = objection.apply(disk.volume().identity());
      plans.add(
          unserved.isPresent()
              ? refusal(
                  disk.volume(), Rejected.Reason.STORAGE_KIND_UNKNOWN, unserved.get(), List.of())
              : plan(domain, disk, occupied, waived));
    }
    return List.copyOf(plans);
  }

  private static DiskPlan plan(
      DomainViews views, DiskSource source, Occupied occupied, Set<Waiver> waived) {
    VolumeRef volume = source.volume();
    Disk wanted = DiskElements.wanted(source);
    VolumeSearch.Result found =
        VolumeSearch.locate(views, volume, Namesakes.notAt(wanted.source().hosts()));
    Optional<VolumeSearch.Mismatch> mismatch = found.mismatch();
    if (mismatch.isPresent()) {
      return refusal(volume, mismatch.get().reason(), mismatch.get().explanation(), List.of());
    }
    Map<View, Disk> present = found.present();
    List<Difference> differences = DiskComparison.ofSubstance(wanted, present, volume);
    if (!differences.isEmpty()) {
      return refusal(
          volume, Rejected.Reason.CONFLICT, DiskComparison.conflict(differences), differences);
    }
    Set<View> missing = views.kinds();
    missing.removeAll(present.keySet());
    if (missing.isEmpty()) {
      return present(volume, wanted, present);
    }
    Optional<String> otherLimits = LimitGroups.obstacle(views, missing, wanted);
    if (otherLimits.isPresent()) {
      return refusal(volume, Rejected.Reason.CONFLICT, otherLimits.get(), List.of());
    }
    VolumePlacement place = VolumePlacement.find(views, present, source, occupied, waived);
    if (place instanceof VolumePlacement.Found it) {
      Placement placement = it.placement();
      String xml = DiskElements.write(source, placement, views, present, missing);
      return new DiskPlan.Attach(
          volume,
          missing,
          placement,
          GuestSerial.linuxPath(DomainXmlReader.readDisk(xml)),
          it.controllers(),
          Stream.concat(it.controllers().stream().map(DiskElements::write), Stream.of(xml))
              .toList());
    }
    VolumePlacement.None none = (VolumePlacement.None) place;
    return new DiskPlan.Refusal(
        volume, none.reason(), none.explanation(), List.of(), none.noRoom());
  }

  private static DiskPlan present(VolumeRef volume, Disk wanted, Map<View, Disk> present) {
    Disk shown = present.values().iterator().next();
    return new DiskPlan.Present(
        volume,
        shown.targetDev(),
        Optional.ofNullable(shown.address()),
        AttachVerification.fromUsual(volume, wanted, present));
  }

  private static DiskPlan refusal(
      VolumeRef volume, Rejected.Reason reason, String why, List<Difference> differences) {
    return new DiskPlan.Refusal(volume, reason, why, differences, Optional.empty());
  }

  private static DomainViews after(DomainViews views, DiskPlan.Attach attach) {
    DomainViews domain = views;
    for (NewController planned : attach.controllers()) {
      domain = PluggedController.in(domain, planned);
    }
    Disk disk = DomainXmlReader.readDisk(attach.xml());
    return new DomainViews(
        after(domain.live(), disk, attach), after(domain.persistent(), disk, attach));
  }

  private static @Nullable DomainView after(
      @Nullable DomainView view, Disk disk, DiskPlan.Attach attach) {
    return view == null || !attach.views().contains(view.view())
        ? view
        : view.withConfigured(PluggedController.controllers(attach.placement().added())).with(disk);
  }
}
