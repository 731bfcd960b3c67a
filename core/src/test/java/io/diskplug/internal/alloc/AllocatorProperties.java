// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.Capacity;
import io.diskplug.alloc.Capacity.Room;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.MachineType;
import io.diskplug.internal.model.PciBus;
import io.diskplug.internal.model.TargetDev;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

class AllocatorProperties {

  private static final int MANY = 300;

  @Property
  void nothingIsEverUsedTwice(
      @ForAll("domains") GeneratedDomain domain,
      @ForAll("batches") List<Demand> demands,
      @ForAll("occupied") Occupied occupied) {
    DoubleUse doubleUse = new DoubleUse(domain.views(), occupied);
    for (Allocation allocation : Allocator.allocateAll(domain.views(), demands, occupied)) {
      if (allocation instanceof Placed placed) {
        doubleUse.check(placed.placement());
      }
    }
  }

  @Property
  void whatIsAvoidedIsUsedOnlyIfNothingElseIsFree(
      @ForAll("domains") GeneratedDomain domain,
      @ForAll("demands") Demand demand,
      @ForAll("occupied") Occupied occupied) {
    // What is in the way of one is avoided by the other.
    Occupied avoided =
        new Occupied(occupied.targetDevs(), Map.of(), occupied.aliases(), occupied.addresses());
    Allocation strict = Allocator.allocate(domain.views(), demand, occupied);
    Allocation lenient = Allocator.allocate(domain.views(), demand, avoided);
    if (strict instanceof Placed) {
      assertThat(lenient).isEqualTo(strict);
    } else {
      Occupied none = new Occupied(occupied.targetDevs(), Map.of(), occupied.aliases());
      assertThat(lenient).isEqualTo(Allocator.allocate(domain.views(), demand, none));
    }
  }

  @Property
  void nothingThatIsAvoidedIsUsedTwiceEither(
      @ForAll("domains") GeneratedDomain domain,
      @ForAll("batches") List<Demand> demands,
      @ForAll("occupied") Occupied occupied) {
    Occupied avoided =
        new Occupied(occupied.targetDevs(), Map.of(), occupied.aliases(), occupied.addresses());
    DoubleUse doubleUse = new DoubleUse(domain.views(), avoided);
    for (Allocation allocation : Allocator.allocateAll(domain.views(), demands, avoided)) {
      if (allocation instanceof Placed placed) {
        doubleUse.check(placed.placement());
      }
    }
  }

  @Property
  void theSameArgumentsGiveTheSameAnswers(
      @ForAll("domains") GeneratedDomain domain,
      @ForAll("batches") List<Demand> demands,
      @ForAll("occupied") Occupied occupied) {
    List<Allocation> once = Allocator.allocateAll(domain.views(), demands, occupied);
    List<Allocation> again = Allocator.allocateAll(domain.views(), demands, occupied);
    assertThat(again).isEqualTo(once);
    assertThat(Allocator.capacity(domain.views())).isEqualTo(Allocator.capacity(domain.views()));
  }

  @Property
  void theOrderOfDevicesDoesNotMatter(
      @ForAll("domains") GeneratedDomain domain,
      @ForAll("batches") List<Demand> demands,
      @ForAll("occupied") Occupied occupied,
      @ForAll Random random) {
    DomainViews shuffled = domain.shuffled(random);
    assertThat(Allocator.allocateAll(shuffled, demands, occupied))
        .isEqualTo(Allocator.allocateAll(domain.views(), demands, occupied));
    assertThat(Allocator.capacity(shuffled)).isEqualTo(Allocator.capacity(domain.views()));
  }

  @Property
  void removingADeviceNeverRemovesRoom(
      @ForAll("domains") GeneratedDomain domain,
      @ForAll("demands") Demand demand,
      @ForAll @IntRange(max = 1000) int which) {
    Assume.that(!domain.devices().isEmpty());
    DomainViews before = domain.views();
    DomainViews after = domain.without(which % domain.devices().size()).views();
    Capacity more = Allocator.capacity(after);
    Capacity less = Allocator.capacity(before);
    assertThat(more.virtio().free()).isGreaterThanOrEqualTo(less.virtio().free());
    assertThat(more.scsi().free()).isGreaterThanOrEqualTo(less.scsi().free());
    if (Allocator.allocate(before, demand, Occupied.NOTHING) instanceof Placed) {
      assertThat(Allocator.allocate(after, demand, Occupied.NOTHING)).isInstanceOf(Placed.class);
    }
  }

  @Property
  void whatIsAskedForIsHonouredOrRefusedWithItsHolder(
      @ForAll("domains") GeneratedDomain domain,
      @ForAll("demands") Demand demand,
      @ForAll("occupied") Occupied occupied) {
    Allocation allocation = Allocator.allocate(domain.views(), demand, occupied);
    if (allocation instanceof Placed placed) {
      assertThat(placed.placement().alias()).isEqualTo(demand.alias());
      assertThat(placed.placement().bus()).isEqualTo(demand.bus());
      if (demand.targetDev() != null) {
        assertThat(placed.placement().targetDev()).isEqualTo(demand.targetDev());
      }
      if (demand.address() != null) {
        assertThat(placed.placement().address()).isEqualTo(demand.address());
      }
    } else if (allocation instanceof Refused refused) {
      boolean taken = refused.reason().name().endsWith("_TAKEN");
      assertThat(refused.holder() != null).isEqualTo(taken);
      if (taken) {
        assertThat(refused.holder()).isNotEmpty();
      }
    } else {
      assertThat(demand.address()).as("NoRoom is for automatic choices").isNull();
    }
  }

  @Property
  void whatIsChosenCouldHaveBeenAskedFor(
      @ForAll("domains") GeneratedDomain domain,
      @ForAll("demands") Demand demand,
      @ForAll("occupied") Occupied occupied) {
    DomainViews views = domain.views();
    Allocation allocation = Allocator.allocate(views, demand, occupied);
    Assume.that(allocation instanceof Placed);
    Placement placement = ((Placed) allocation).placement();
    Demand asked =
        new Demand(demand.bus(), demand.alias(), placement.targetDev(), placement.address());
    Assume.that(placement.address() != null);
    Placement honoured = ((Placed) Allocator.allocate(views, asked, occupied)).placement();
    assertThat(honoured.targetDev()).isEqualTo(placement.targetDev());
    assertThat(honoured.address()).isEqualTo(placement.address());
    assertThat(honoured.skipped()).isEmpty();
  }

  /** Tries one target dev and one PCI address after the other, and takes the first that goes. */
  @Property(tries = 300)
  void theFirstThatCouldBeAskedForIsChosen(
      @ForAll("domains") GeneratedDomain domain, @ForAll("occupied") Occupied occupied) {
    DomainViews views = domain.views();
    Assume.that(views.present().get(0).machineType() != MachineType.S390_CCW);
    Demand demand = Demand.of(DiskBus.VIRTIO, "ua-new");
    Allocation chosen = Allocator.allocate(views, demand, occupied);
    PciAddress address = firstPciAddress(views, occupied);
    if (address == null) {
      assertThat(chosen instanceof Placed placed && isOnBusThatIsThere(placed.placement()))
          .isFalse();
      return;
    }
    assertThat(chosen)
        .isInstanceOfSatisfying(
            Placed.class,
            placed -> {
              Placement placement = placed.placement();
              assertThat(placement.address()).isEqualTo(address);
              assertThat(placement.targetDev()).isEqualTo(firstTargetDev(views, occupied));
              assertThat(placement.skipped()).allMatch(skipped -> skipped.matches("[^ ]+: .+"));
            });
  }

  @Property
  void capacityIsTheNumberOfPlacementsUntilThereIsNoRoom(
      @ForAll("domains") GeneratedDomain domain, @ForAll("occupied") Occupied occupied) {
    DomainViews views = domain.views();
    Capacity capacity = Allocator.capacity(views, occupied);
    for (DiskBus bus : List.of(DiskBus.VIRTIO, DiskBus.SCSI)) {
      Room room = bus == DiskBus.SCSI ? capacity.scsi() : capacity.virtio();
      assertThat(placements(views, occupied, bus)).isEqualTo(Math.min(room.free(), MANY));
      if (room.live() != null) {
        assertThat(placements(new DomainViews(views.live(), null), occupied, bus))
            .isEqualTo(Math.min(room.live(), MANY));
        assertThat(room.free()).isLessThanOrEqualTo(room.live());
      }
      if (room.persistent() != null) {
        assertThat(placements(new DomainViews(null, views.persistent()), occupied, bus))
            .isEqualTo(Math.min(room.persistent(), MANY));
        assertThat(room.free()).isLessThanOrEqualTo(room.persistent());
      }
      assertThat(room.buses().stream().mapToInt(Capacity.Bus::free).sum()).isEqualTo(room.free());
    }
  }

  @Property
  void noRoomNamesTheHolderOfEveryPlace(@ForAll("domains") GeneratedDomain domain) {
    for (DiskBus bus : List.of(DiskBus.VIRTIO, DiskBus.SCSI)) {
      Allocation allocation =
          Allocator.allocate(domain.views(), Demand.of(bus, "ua-new"), Occupied.NOTHING);
      if (allocation instanceof Full full) {
        assertThat(full.noRoom().holders())
            .hasSize(full.noRoom().capacity())
            .allMatch(holder -> holder.matches("\\S+: \\S.*"));
        assertThat(full.noRoom().what()).isNotEmpty();
        assertThat(full.noRoom().remedy()).isNotEmpty();
      }
    }
  }

  @Property
  void aBatchIsLikeOneAfterTheOtherWithWhatWasPlacedOccupied(
      @ForAll("domains") GeneratedDomain domain, @ForAll("batches") List<Demand> demands) {
    List<Allocation> batch = Allocator.allocateAll(domain.views(), demands, Occupied.NOTHING);
    OccupiedBuilder occupied = new OccupiedBuilder();
    for (int i = 0; i < demands.size(); i++) {
      Allocation single = Allocator.allocate(domain.views(), demands.get(i), occupied.build());
      assertThat(single).isEqualTo(batch.get(i));
      if (single instanceof Placed placed) {
        occupied.add(placed.placement());
      }
    }
  }

  @Provide
  Arbitrary<GeneratedDomain> domains() {
    return GeneratedDomains.domains();
  }

  @Provide
  Arbitrary<Demand> demands() {
    return GeneratedDomains.demands();
  }

  @Provide
  Arbitrary<List<Demand>> batches() {
    return GeneratedDomains.demands().list().ofMaxSize(8);
  }

  @Provide
  Arbitrary<Occupied> occupied() {
    return GeneratedDomains.occupied();
  }

  /** How many disks get an address, up to a limit. */
  private static int placements(DomainViews views, Occupied occupied, DiskBus bus) {
    List<Demand> demands = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      demands.add(Demand.of(bus, "ua-new-" + i));
    }
    return (int)
        Allocator.allocateAll(views, demands, occupied).stream()
            .filter(a -> a instanceof Placed placed && isOnBusThatIsThere(placed.placement()))
            .count();
  }

  private static boolean isOnBusThatIsThere(Placement placement) {
    return placement.address() != null && placement.added().isEmpty();
  }

  private static @Nullable PciAddress firstPciAddress(DomainViews views, Occupied occupied) {
    for (int index = 0; index < 256; index++) {
      PciBus bus = views.present().get(0).pci().bus(index);
      boolean express = views.present().get(0).pci().isExpress();
      for (int slot = 0; bus != null && bus.express() == express && slot < 32; slot++) {
        PciAddress address = PciAddress.of(index, slot);
        Demand demand = new Demand(DiskBus.VIRTIO, "ua-new", null, address);
        if (Allocator.allocate(views, demand, occupied) instanceof Placed placed
            && isOnBusThatIsThere(placed.placement())) {
          return address;
        }
      }
    }
    return null;
  }

  private static String firstTargetDev(DomainViews views, Occupied occupied) {
    for (int index = 0; ; index++) {
      String targetDev = TargetDev.name("vd", index);
      Demand demand = new Demand(DiskBus.VIRTIO, "ua-new", targetDev, null);
      if (Allocator.allocate(views, demand, occupied) instanceof Placed) {
        return targetDev;
      }
    }
  }
}
