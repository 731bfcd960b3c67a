// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.NewController;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.Holder;
import java.util.EnumSet;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ScsiControllersProperties {

  private static final String ALIAS = "ua-dp-the-disk";

  @Property
  void noControllerUsesAnythingTwiceOrLeavesAGap(
      @ForAll("domains") GeneratedDomain domain, @ForAll("occupied") Occupied occupied) {
    Demand demand = Demand.of(DiskBus.SCSI, ALIAS);
    DomainViews views = domain.views();

    ScsiControllers.Answer answer = ScsiControllers.allocate(views, demand, occupied);

    for (NewController controller : answer.controllers()) {
      Set<View> lack = EnumSet.noneOf(View.class);
      for (DomainView view : views.present()) {
        for (int index = 0; index < controller.index(); index++) {
          assertThat(has(view, index)).as("%s has controller %s", view, index).isTrue();
        }
        if (!has(view, controller.index())) {
          lack.add(view.view());
          if (controller.views().contains(view.view())) {
            isFree(controller, view, occupied);
          }
        }
      }
      // Where no slot is free in both views, the persistent one gets it next, at another place.
      assertThat(controller.views())
          .isNotEmpty()
          .isIn(lack, lack.size() == 2 ? EnumSet.of(View.LIVE) : lack);
      views = PluggedController.in(views, controller);
    }
    if (answer.allocation() instanceof Placed placed) {
      new DoubleUse(views, occupied).check(placed.placement());
    } else {
      assertThat(answer.controllers()).isEmpty();
    }
  }

  @Property
  void whereADiskHasAPlaceNoControllerIsPlugged(
      @ForAll("domains") GeneratedDomain domain,
      @ForAll("demands") Demand demand,
      @ForAll("occupied") Occupied occupied) {
    Allocation allocation = Allocator.allocate(domain.views(), demand, occupied);
    ScsiControllers.Answer answer = ScsiControllers.allocate(domain.views(), demand, occupied);
    if (allocation instanceof Placed || demand.bus() != DiskBus.SCSI) {
      assertThat(answer.allocation()).isEqualTo(allocation);
      assertThat(answer.controllers()).isEmpty();
    }
  }

  /** What is recommended for one bus is not what is refused on the other. */
  @Property
  void virtioRecommendsTheScsiBusOnlyIfADiskHasAPlaceThere(
      @ForAll("domains") GeneratedDomain domain, @ForAll("occupied") Occupied occupied) {
    Allocation virtio =
        Allocator.allocate(domain.views(), Demand.of(DiskBus.VIRTIO, ALIAS), occupied);
    if (virtio instanceof Full full && full.noRoom().remedy().contains("scsi bus")) {
      assertThat(
              ScsiControllers.allocate(domain.views(), Demand.of(DiskBus.SCSI, ALIAS), occupied)
                  .allocation())
          .isInstanceOf(Placed.class);
    }
  }

  private static boolean has(DomainView view, int index) {
    return view.controllers().stream()
        .filter(Controller::isScsi)
        .anyMatch(controller -> controller.index() == index);
  }

  private static void isFree(NewController controller, DomainView view, Occupied occupied) {
    assertThat(occupied.aliases()).doesNotContainKey(controller.alias());
    DeviceAddress address = controller.address();
    if (address == null) {
      assertThat(controller.views())
          .as("only a configuration grows")
          .containsExactly(View.PERSISTENT);
      return;
    }
    for (DeviceAddress taken : occupied.addresses().keySet()) {
      assertThat(isSame(address, taken)).as("%s is occupied", taken).isFalse();
    }
    for (Holder holder : view.holders()) {
      assertThat(controller.alias()).isNotEqualTo(holder.alias());
      DeviceAddress taken = holder.address();
      assertThat(taken != null && isSame(address, taken)).as("%s has it", holder).isFalse();
    }
  }

  private static boolean isSame(DeviceAddress one, DeviceAddress other) {
    return (one instanceof PciAddress slot && other instanceof PciAddress taken)
        ? slot.sameSlot(taken)
        : one.equals(other);
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
  Arbitrary<Occupied> occupied() {
    return GeneratedDomains.occupied();
  }
}
