// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.Placement;
import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.Holder;
import io.diskplug.internal.model.MachineType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Checks placements with nothing but the lists of the views, one device after the other. */
final class DoubleUse {

  private static final Map<String, int[]> HOT_PLUGGABLE_SLOTS =
      Map.of(
          "pci-root", new int[] {1, 31},
          "pci-bridge", new int[] {1, 31},
          "pcie-to-pci-bridge", new int[] {1, 31},
          "pcie-root-port", new int[] {0, 0},
          "pcie-switch-downstream-port", new int[] {0, 0});

  private final List<DomainView> views;
  private final Set<String> targetDevs = new HashSet<>();
  private final Set<String> aliases = new HashSet<>();
  private final Set<Object> addresses = new HashSet<>();

  /**
   * What the configuration has, with the functions of a slot told apart, as libvirt does for its
   * root ports. The guest may have the controller at its place already.
   */
  private final Set<DeviceAddress> functions = new HashSet<>();

  private final List<Controller> added = new ArrayList<>();

  DoubleUse(DomainViews views, Occupied occupied) {
    this.views = views.present();
    targetDevs.addAll(occupied.targetDevs().keySet());
    aliases.addAll(occupied.aliases().keySet());
    occupied.addresses().keySet().forEach(address -> addresses.add(place(address)));
    for (DomainView view : this.views) {
      view.disks().forEach(disk -> targetDevs.add(disk.targetDev()));
      for (Holder holder : view.holders()) {
        if (holder.alias() != null) {
          aliases.add(holder.alias());
        }
        if (holder.address() != null && view.view() == View.PERSISTENT) {
          functions.add(holder.address());
        }
        if (holder.address() != null && isOnOneOfOurBuses(holder)) {
          addresses.add(place(holder.address()));
        }
      }
    }
  }

  /** Fails if the placement uses anything a second time, or a bus that some view has not. */
  void check(Placement placement) {
    assertThat(targetDevs.add(placement.targetDev())).as("target dev is free").isTrue();
    assertThat(aliases.add(placement.alias())).as("alias is free").isTrue();
    if (placement.address() == null) {
      assertThat(views).as("only a domain that is shut off grows").hasSize(1);
      return;
    }
    if (placement.fixed()) {
      assertThat(views).as("only a domain that is shut off").hasSize(1);
      assertThat(views.get(0).view()).isEqualTo(View.PERSISTENT);
    }
    if (!placement.added().isEmpty()) {
      assertThat(views).as("only a configuration grows").anyMatch(v -> v.view() == View.PERSISTENT);
    }
    for (Controller controller : PluggedController.controllers(placement.added())) {
      if (added.contains(controller)) {
        // The placement before needs it, too.
        continue;
      }
      assertThat(added)
          .as("one controller for each bus")
          .noneMatch(other -> other.index() == controller.index());
      assertThat(functions.add(controller.address())).as("the controller's place is free").isTrue();
      addresses.add(place(controller.address()));
      added.add(controller);
    }
    assertThat(addresses.add(place(placement.address()))).as("address is free").isTrue();
    functions.add(placement.address());
    for (DomainView view : views) {
      if (placement.address() instanceof PciAddress pci) {
        checkPci(view, pci, placement.fixed());
      } else if (placement.address() instanceof DriveAddress drive) {
        assertThat(placement.bus()).isEqualTo(DiskBus.SCSI);
        assertThat(view.controllers())
            .anyMatch(c -> c.type().equals("scsi") && c.index() == drive.controller());
      } else {
        assertThat(placement.address()).isInstanceOf(CcwAddress.class);
        assertThat(view.machineType()).isEqualTo(MachineType.S390_CCW);
      }
    }
  }

  private void checkPci(DomainView view, PciAddress address, boolean fixed) {
    assertThat(address.domain()).isZero();
    assertThat(address.function()).isZero();
    assertThat(address.isZero()).isFalse();
    // No bus can be plugged into a guest: it has to be there.
    Stream<Controller> more = view.view() == View.LIVE ? Stream.empty() : added.stream();
    Controller controller =
        Stream.concat(view.controllers().stream(), more)
            .filter(c -> c.type().equals("pci") && c.index() == address.bus())
            .findFirst()
            .orElseThrow(() -> new AssertionError(view + " has no bus for " + address));
    if (fixed) {
      assertThat(address.slot()).isBetween(0, 31);
      return;
    }
    assertThat(controller.hotplug()).isTrue();
    assertThat(HOT_PLUGGABLE_SLOTS).containsKey(controller.model());
    int[] slots = HOT_PLUGGABLE_SLOTS.get(controller.model());
    assertThat(address.slot()).isBetween(slots[0], slots[1]);
    if (view.machineType() == MachineType.I440FX && address.bus() == 0) {
      assertThat(address.slot()).isNotEqualTo(1);
    }
  }

  private static boolean isOnOneOfOurBuses(Holder holder) {
    return !(holder.address() instanceof DriveAddress) || holder.isOnScsiBus();
  }

  private static DeviceAddress place(DeviceAddress address) {
    return address instanceof PciAddress pci
        ? new PciAddress(pci.domain(), pci.bus(), pci.slot(), 0)
        : address;
  }
}
