// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.alloc.Capacity.Room;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainViews;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds places for disks: a target dev, an alias and an address that are free in every view of a
 * domain, the address on a bus that every view has.
 *
 * <p>Pure functions: the same arguments give equal answers. Safe for use by any thread.
 */
public final class Allocator {

  private Allocator() {}

  /**
   * Places one disk.
   *
   * @param views the domain
   * @param demand what is asked for
   * @param occupied what is taken besides what the views show
   */
  public static Allocation allocate(DomainViews views, Demand demand, Occupied occupied) {
    return placer(views, occupied).place(demand);
  }

  /**
   * Places several disks, each beside those before it. A demand that cannot be met takes nothing
   * from those that follow.
   *
   * @param views the domain
   * @param demands what is asked for
   * @param occupied what is taken besides what the views show
   * @return one answer for each demand, in the same order
   */
  public static List<Allocation> allocateAll(
      DomainViews views, List<Demand> demands, Occupied occupied) {
    Placer placer = placer(views, occupied);
    List<Allocation> allocations = new ArrayList<>(demands.size());
    for (Demand demand : demands) {
      allocations.add(placer.place(demand));
    }
    return List.copyOf(allocations);
  }

  /**
   * How many more disks a domain can take.
   *
   * @param views the domain
   */
  public static Capacity capacity(DomainViews views) {
    return new Capacity(room(views, DiskBus.VIRTIO), room(views, DiskBus.SCSI));
  }

  private static Room room(DomainViews views, DiskBus bus) {
    Places places = places(views, bus);
    return new Room(
        free(places),
        views.live() == null ? null : freeIn(views.live(), null, bus),
        views.persistent() == null ? null : freeIn(null, views.persistent(), bus),
        views.live() == null && places.mayGrow(),
        places.buses());
  }

  private static int freeIn(
      @Nullable DomainView live, @Nullable DomainView persistent, DiskBus bus) {
    return free(places(new DomainViews(live, persistent), bus));
  }

  private static int free(Places places) {
    return places.buses().stream().mapToInt(Capacity.Bus::free).sum();
  }

  private static Places places(DomainViews views, DiskBus bus) {
    return placer(views, Occupied.NOTHING).places(bus);
  }

  private static Placer placer(DomainViews views, Occupied occupied) {
    return new Placer(new Ledger(views, occupied), views.live() == null);
  }
}
