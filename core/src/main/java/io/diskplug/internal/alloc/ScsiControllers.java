// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.NewController;
import io.diskplug.alloc.NoRoom;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.PciBus;
import io.diskplug.internal.model.PciTopology;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds a place for a SCSI disk, and the controllers that have to be plugged before it where no
 * usable one is there.
 *
 * <p>A controller gets the lowest index that a view lacks, and is plugged into each view that lacks
 * it: at one place in both if there is one, at a place of its own in each if not. There is no gap
 * below it then: before a disk on a controller, libvirt plugs those with lower indexes that are
 * missing by itself, virtio-scsi in the live view and the machine's default model in the persistent
 * one ({@code qemuDomainFindOrCreateSCSIDiskController}, {@code virDomainDefMaybeAddController}).
 *
 * <p>Pure functions. Safe for use by any thread.
 */
public final class ScsiControllers {

  /** The model that is plugged: it has hot-plug, many places, and a driver in every usual guest. */
  static final String MODEL = "virtio-scsi";

  /**
   * The aliases of this library's controllers begin with this. Not with that of its disks: an
   * orphan of such a name in QEMU is no disk's ghost.
   */
  static final String ALIAS = "ua-diskplug-scsi-";

  /** The most controllers that are plugged for one disk: one for each gap in a view. */
  private static final int MOST = 16;

  /** How many aliases are tried for one index. */
  private static final int MOST_ALIASES = 100;

  private ScsiControllers() {}

  /**
   * A place for a disk.
   *
   * @param allocation the allocator's answer, with the controllers plugged if there are any
   * @param controllers what has to be plugged first, in this order; empty if nothing has, or if
   *     there is no place
   */
  public record Answer(Allocation allocation, List<NewController> controllers) {

    /** Copies the list. */
    public Answer {
      controllers = List.copyOf(controllers);
    }
  }

  /**
   * Places one disk, on whichever bus, as {@link Allocator#allocate} does, and a SCSI disk on a
   * controller that is to be plugged where none is usable.
   *
   * @param views the domain
   * @param demand what is asked for
   * @param occupied what is taken besides what the views show
   */
  public static Answer allocate(DomainViews views, Demand demand, Occupied occupied) {
    Allocation first = Allocator.allocate(views, demand, occupied);
    if (demand.bus() != DiskBus.SCSI || !wantsController(first, demand)) {
      return new Answer(first, List.of());
    }
    List<NewController> controllers = new ArrayList<>();
    DomainViews domain = views;
    while (controllers.size() < MOST) {
      int index = firstMissing(domain);
      if (demand.address() instanceof DriveAddress asked && index > asked.controller()) {
        // Every view has that controller, and the disk cannot be there all the same.
        return new Answer(first, List.of());
      }
      Place place = place(domain, index, demand, occupied);
      NewController controller = place.controller;
      if (controller == null) {
        return new Answer(withoutSlot(first, place.refusal), List.of());
      }
      controllers.add(controller);
      domain = PluggedController.in(domain, controller);
      Allocation allocation = Allocator.allocate(domain, demand, occupied);
      if (allocation instanceof Placed) {
        return new Answer(allocation, controllers);
      }
    }
    return new Answer(first, List.of());
  }

  private static boolean wantsController(Allocation answer, Demand demand) {
    return answer instanceof Full
        || (demand.address() instanceof DriveAddress
            && answer instanceof Refused refused
            && refused.reason() == Refused.Reason.ADDRESS_INVALID);
  }

  /** The lowest index that a view lacks. */
  private static int firstMissing(DomainViews views) {
    return views.present().stream().mapToInt(ScsiPlaces::firstMissing).min().orElseThrow();
  }

  /** A controller with a place, or why there is none. */
  private record Place(@Nullable NewController controller, @Nullable Allocation refusal) {}

  private static Place place(DomainViews views, int index, Demand demand, Occupied occupied) {
    Set<View> lacking = EnumSet.noneOf(View.class);
    Optional<Controller> twin = Optional.empty();
    for (DomainView view : views.present()) {
      Optional<Controller> known = find(view, index);
      if (known.isEmpty()) {
        lacking.add(view.view());
      }
      twin = twin.or(() -> known);
    }
    String alias = alias(views, index, occupied);
    boolean live = lacking.contains(View.LIVE);
    Optional<Controller> like = twin.filter(other -> isToBeMatched(other, demand, live));
    String model = like.map(Controller::model).orElse(MODEL);
    // One view only lacks it: the same place is best, so that it stays where it is at the next
    // start.
    DeviceAddress there = like.map(Controller::address).orElse(null);
    if (there != null && isFree(only(views, lacking).present().get(0), there, occupied)) {
      return new Place(
          new NewController("scsi", index, model, alias, there, List.of(), lacking), null);
    }
    Allocation answer = slot(views, alias, occupied);
    Set<View> into = lacking;
    if (!(answer instanceof Placed) && views.present().size() > 1) {
      if (lacking.size() > 1 && hasSlotInEach(views, alias, occupied)) {
        // The live view first: the persistent one lacks the controller then, and is next.
        into = EnumSet.of(View.LIVE);
      }
      if (into.size() == 1) {
        answer = slot(only(views, into), alias, occupied);
      }
    }
    if (!(answer instanceof Placed placed)) {
      return new Place(null, answer);
    }
    Placement slot = placed.placement();
    return new Place(
        new NewController("scsi", index, model, alias, slot.address(), slot.added(), into), null);
  }

  /**
   * A slot for a controller: one that a virtio disk could have. The rules for disks are those for
   * controllers, except that a controller is never unplugged. If none is left, it is a slot on a
   * bus with hot-plug of the other kind, such as a pcie-to-pci-bridge: libvirt checks the kind of
   * its own choices only ({@code virDomainPCIAddressFlagsCompatible}), and puts lsilogic there.
   */
  private static Allocation slot(DomainViews views, String alias, Occupied occupied) {
    Allocation usual = slot(views, alias, null, occupied);
    return usual instanceof Full ? slotOnOtherBus(views, alias, occupied).orElse(usual) : usual;
  }

  private static Allocation slot(
      DomainViews views, String alias, @Nullable PciAddress address, Occupied occupied) {
    return Allocator.allocate(
        views, new Demand(DiskBus.VIRTIO, alias, null, address, true), occupied);
  }

  private static Optional<Allocation> slotOnOtherBus(
      DomainViews views, String alias, Occupied occupied) {
    PciTopology pci = views.present().get(0).pci();
    for (int index = 0; index < pci.busCount(); index++) {
      PciBus bus = pci.bus(index);
      if (bus != null && bus.takesHotPlug() && !pci.isForDisks(bus)) {
        for (int slot = bus.firstSlot(); slot <= bus.lastSlot(); slot++) {
          Allocation allocation = slot(views, alias, PciAddress.of(index, slot), occupied);
          if (allocation instanceof Placed) {
            return Optional.of(allocation);
          }
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Whether each view has a slot, though none is free in both. The address of a disk names its
   * controller by the index: it is the same in both views wherever the controller sits.
   */
  private static boolean hasSlotInEach(DomainViews views, String alias, Occupied occupied) {
    return views.present().stream()
        .map(view -> only(views, EnumSet.of(view.view())))
        .allMatch(one -> slot(one, alias, occupied) instanceof Placed);
  }

  /**
   * Whether the controller of the other view is plugged as it is there. One of another kind than
   * virtio-scsi may be of libvirt's choice, and guests lack drivers for it: it is plugged only if
   * the disk is on it in the other view already.
   */
  private static boolean isToBeMatched(Controller other, Demand demand, boolean live) {
    ScsiModel model = ScsiModel.of(other.model());
    boolean isThere =
        demand.address() instanceof DriveAddress asked && asked.controller() == other.index();
    return model == ScsiModel.VIRTIO_SCSI
        || (isThere && model != null && (model.takesHotPlug() || !live));
  }

  private static Optional<Controller> find(DomainView view, int index) {
    return view.scsiControllers().stream()
        .filter(controller -> controller.index() == index)
        .findFirst();
  }

  private static String alias(DomainViews views, int index, Occupied occupied) {
    String alias = ALIAS + index;
    for (int i = 2; i < MOST_ALIASES && isTaken(views, index, alias, occupied); i++) {
      alias = ALIAS + index + "-" + i;
    }
    return alias;
  }

  /** Whether a device has the alias that is not this controller in the view that has it. */
  private static boolean isTaken(DomainViews views, int index, String alias, Occupied occupied) {
    return occupied.aliases().containsKey(alias)
        || views.present().stream()
            .flatMap(view -> view.holders().stream())
            .filter(holder -> alias.equals(holder.alias()))
            .anyMatch(
                holder ->
                    !(holder instanceof Controller other
                        && other.isScsi()
                        && other.index() == index));
  }

  /** Whether a controller can be at the place that it has in the other view. */
  private static boolean isFree(DomainView view, DeviceAddress address, Occupied occupied) {
    if (!(address instanceof PciAddress pci)
        || pci.domain() != 0
        || pci.function() != 0
        || pci.isZero()
        || isAmong(occupied.addresses().keySet(), pci)
        || isAmong(occupied.avoided().keySet(), pci)) {
      return false;
    }
    PciBus bus = view.pci().bus(pci.bus());
    int slot = 1 << pci.slot();
    return bus != null
        && bus.takesDevices()
        && (bus.hotPluggable() || view.view() == View.PERSISTENT)
        && (bus.slots() & slot) != 0
        && (view.pci().slotsTaken(pci.bus()) & slot) == 0;
  }

  private static boolean isAmong(Set<DeviceAddress> addresses, PciAddress slot) {
    return addresses.stream()
        .anyMatch(address -> address instanceof PciAddress other && other.sameSlot(slot));
  }

  private static DomainViews only(DomainViews views, Set<View> kinds) {
    return new DomainViews(
        kinds.contains(View.LIVE) ? views.live() : null,
        kinds.contains(View.PERSISTENT) ? views.persistent() : null);
  }

  /** No place on a controller, and none for a controller. */
  private static Allocation withoutSlot(Allocation disk, @Nullable Allocation controller) {
    if (!(disk instanceof Full noPlace) || !(controller instanceof Full noSlot)) {
      return disk;
    }
    NoRoom place = noPlace.noRoom();
    NoRoom slot = noSlot.noRoom();
    return new Full(
        new NoRoom(
            place.what() + ", and for another controller " + slot.what(),
            place.capacity(),
            slot.holders(),
            slot.advice()));
  }
}
