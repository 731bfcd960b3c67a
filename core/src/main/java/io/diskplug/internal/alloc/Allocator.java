// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.Capacity;
import io.diskplug.alloc.Capacity.Room;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
   * @param occupied what is taken besides what the views show
   */
  public static Capacity capacity(DomainViews views, Occupied occupied) {
    return new Capacity(room(views, occupied, DiskBus.VIRTIO), room(views, occupied, DiskBus.SCSI));
  }

  /**
   * How many more disks a domain can take, going by what its views show.
   *
   * @param views the domain
   */
  public static Capacity capacity(DomainViews views) {
    return capacity(views, Occupied.NOTHING);
  }

  private static Room room(DomainViews views, Occupied occupied, DiskBus bus) {
    Places places = placer(views, occupied).places(bus);
    DomainView live = views.live();
    DomainView persistent = views.persistent();
    return new Room(
        free(places),
        live == null ? null : free(only(live, occupied).places(bus)),
        persistent == null ? null : free(only(persistent, occupied).places(bus)),
        (live == null && places.mayGrow()) || places.growth() != null,
        places.buses());
  }

  private static int free(Places places) {
    return places.buses().stream().mapToInt(Capacity.Bus::free).sum();
  }

  /** A placer for a domain that has one view only. */
  private static Placer only(DomainView view, Occupied occupied) {
    boolean isLive = view.view() == View.LIVE;
    return placer(new DomainViews(isLive ? view : null, isLive ? null : view), occupied);
  }

  private static Placer placer(DomainViews views, Occupied occupied) {
    Placer avoiding = occupied.avoided().isEmpty() ? null : placer(views, avoidedTaken(occupied));
    return new Placer(new Ledger(views, occupied), views.live() == null, avoiding);
  }

  /** The same, with what is avoided taken. */
  private static Occupied avoidedTaken(Occupied occupied) {
    Map<DeviceAddress, String> taken = new HashMap<>(occupied.avoided());
    taken.putAll(occupied.addresses());
    return new Occupied(occupied.targetDevs(), taken, occupied.aliases());
  }
}
