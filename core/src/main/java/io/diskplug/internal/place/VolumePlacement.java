// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.place;

import io.diskplug.alloc.NewController;
import io.diskplug.alloc.NoRoom;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.alloc.Allocation;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.alloc.Demand;
import io.diskplug.internal.alloc.Occupied;
import io.diskplug.internal.alloc.Refused;
import io.diskplug.internal.alloc.ScsiControllers;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Waiver;
import io.diskplug.spi.DiskSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A place for a volume in a domain that has it in no view, or in one; or why there is none. */
public sealed interface VolumePlacement {

  /**
   * There is a place.
   *
   * @param placement the place
   * @param controllers the SCSI controllers that have to be plugged before, in this order
   */
  record Found(Placement placement, List<NewController> controllers) implements VolumePlacement {

    /** Where that goes which is to be plugged first. */
    public @Nullable DeviceAddress firstAddress() {
      return controllers.isEmpty() ? placement.address() : controllers.get(0).address();
    }

    /**
     * The views that get what is plugged first.
     *
     * @param disk the views that the disk is to be added to
     */
    public Set<View> firstViews(Set<View> disk) {
      return controllers.isEmpty() ? disk : controllers.get(0).views();
    }
  }

  /**
   * There is none.
   *
   * @param reason why, for a program
   * @param explanation why, for a person
   * @param noRoom what is missing and what would help, if no place is free
   */
  record None(Rejected.Reason reason, String explanation, Optional<NoRoom> noRoom)
      implements VolumePlacement {}

  /**
   * Finds a place.
   *
   * @param views the domain
   * @param present the volume's disk in each view that has it
   * @param source the disk
   * @param occupied what is taken besides what the views show
   * @param waived what the caller waives
   */
  static VolumePlacement find(
      DomainViews views,
      Map<View, Disk> present,
      DiskSource source,
      Occupied occupied,
      Set<Waiver> waived) {
    Optional<None> objection =
        present.isEmpty()
            ? SerialRules.objection(views, source)
            : SerialRules.twin(withoutVolume(views, present), source, present);
    if (objection.isPresent()) {
      return objection.get();
    }
    DomainViews domain = withoutVolume(views, present);
    ScsiControllers.Answer answer =
        ScsiControllers.allocate(
            domain, demand(source.options().bus(), source.volume(), present, waived), occupied);
    Allocation allocation = answer.allocation();
    if (allocation instanceof Placed placed) {
      return new Found(placed.placement(), answer.controllers());
    } else if (present.isEmpty()) {
      return new None(reason(allocation), allocation.toString(), noRoom(allocation));
    }
    Demand anew = demand(source.options().bus(), source.volume(), Map.of(), waived);
    boolean hasOther =
        !isFixedInGuest(views.live(), present.get(View.LIVE))
            && ScsiControllers.allocate(domain, anew, occupied).allocation() instanceof Placed;
    return new None(
        Rejected.Reason.CONFLICT,
        "the volume is in one view only, and its place is taken in the other: "
            + allocation
            + (hasOther ? "; what would help: detach the volume and attach it again" : ""),
        noRoom(allocation));
  }

  /** Whether the guest has the disk where it cannot be unplugged while the domain runs. */
  private static boolean isFixedInGuest(@Nullable DomainView live, @Nullable Disk disk) {
    return live != null && disk != null && live.isFixed(disk);
  }

  private static Optional<NoRoom> noRoom(Allocation allocation) {
    return allocation instanceof Full full ? Optional.of(full.noRoom()) : Optional.empty();
  }

  private static Rejected.Reason reason(Allocation allocation) {
    if (allocation instanceof Refused refused) {
      return refused.reason() == Refused.Reason.ALIAS_TAKEN
          ? Rejected.Reason.CONFLICT
          : Rejected.Reason.BAD_REQUEST;
    }
    return Rejected.Reason.NO_ROOM;
  }

  /** The views as they would be without the volume: it does not stand in its own way. */
  static DomainViews withoutVolume(DomainViews views, Map<View, Disk> present) {
    return new DomainViews(
        without(views.live(), present.get(View.LIVE)),
        without(views.persistent(), present.get(View.PERSISTENT)));
  }

  private static @Nullable DomainView without(@Nullable DomainView view, @Nullable Disk volume) {
    return view == null || volume == null ? view : view.without(volume);
  }

  /**
   * A volume that one view has goes to the same place in the other: target dev and address must not
   * differ between the two. Where it is to be added to the persistent view alone, nothing is
   * plugged while the domain runs, and the bus need not have hot-plug.
   */
  private static Demand demand(
      DiskBus bus, VolumeRef volume, Map<View, Disk> present, Set<Waiver> waived) {
    String alias = volume.identity().alias();
    return present.values().stream()
        .findFirst()
        .map(
            disk ->
                new Demand(
                    bus, alias, disk.targetDev(), disk.address(), present.containsKey(View.LIVE)))
        .orElseGet(() -> new Demand(bus, alias, null, null, waived.contains(Waiver.HOT_UNPLUG)));
  }
}
