// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.Placement;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.Device;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.HeldByDisk;
import io.diskplug.internal.model.Holder;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is taken: in any of the views, occupied besides, or reserved for a placement of the same
 * batch. It only grows. Used by one thread and for one call.
 */
final class Ledger {

  private static final int PCI_BUSES = 256;
  private static final int[] NO_SLOTS = {};

  /**
   * The elements of PCI devices that {@code virDomainDetachDeviceFlags} takes out, of a domain that
   * runs and of a configuration ({@code qemuDomainDetachDeviceLive}, {@code
   * qemuDomainDetachDeviceConfig}). Memory balloons, video and sound cards stay.
   */
  private static final Set<String> DETACHED_BY_LIBVIRT =
      Set.of("interface", "hostdev", "rng", "shmem", "redirdev", "input", "vsock", "watchdog");

  private final List<DomainView> views;
  private final Map<String, String> targetDevs;
  private final Map<String, String> aliases;
  private final Map<DeviceAddress, String> addresses = new HashMap<>();

  /** The PCI controllers that libvirt adds for the placements of the same batch, by index. */
  private final Map<Integer, Controller> added = new TreeMap<>();

  private int[] pciSlots = NO_SLOTS;

  Ledger(DomainViews views, Occupied occupied) {
    this.views = views.present();
    this.targetDevs = new HashMap<>(occupied.targetDevs());
    this.aliases = new HashMap<>(occupied.aliases());
    occupied.addresses().forEach(this::take);
  }

  private Ledger(DomainView view, Ledger all) {
    this.views = List.of(view);
    this.targetDevs = new HashMap<>(all.targetDevs);
    this.aliases = new HashMap<>(all.aliases);
    all.addresses.forEach(this::take);
    all.added.values().forEach(this::add);
  }

  /** The views that apply: one or two. */
  List<DomainView> views() {
    return views;
  }

  /** Whether the domain is shut off: it has the persistent view alone. */
  boolean isShutOff() {
    return views.size() == 1 && view().view() == View.PERSISTENT;
  }

  /**
   * The same for a domain that has one of the views alone.
   *
   * @return null if there is no such view
   */
  @Nullable Ledger only(View kind) {
    for (DomainView view : views) {
      if (view.view() == kind) {
        return new Ledger(view, this);
      }
    }
    return null;
  }

  /** One of the views: whatever is used of the other must be the same there. */
  DomainView view() {
    return views.get(0);
  }

  /** Takes what a placement has, for the placements that follow. */
  void reserve(Placement placement) {
    String holder = "planned for " + placement.targetDev();
    targetDevs.put(placement.targetDev(), holder);
    aliases.put(placement.alias(), holder);
    if (placement.address() != null) {
      take(placement.address(), holder);
    }
    PluggedController.controllers(placement.added()).forEach(this::add);
  }

  /** The PCI controllers that the placements of the same batch add, in the order of their index. */
  Collection<Controller> added() {
    return Collections.unmodifiableCollection(added.values());
  }

  /** The PCI controller that a placement of the same batch adds; null if none adds this index. */
  @Nullable Controller added(int index) {
    return added.get(index);
  }

  private void add(Controller controller) {
    added.putIfAbsent(controller.index(), controller);
  }

  boolean hasTargetDev(String targetDev) {
    if (isReserved(targetDev)) {
      return true;
    }
    for (DomainView view : views) {
      if (view.inUse().hasTargetDev(targetDev)) {
        return true;
      }
    }
    return false;
  }

  boolean hasAlias(String alias) {
    if (aliases.containsKey(alias)) {
      return true;
    }
    for (DomainView view : views) {
      if (view.inUse().hasAlias(alias)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a target dev is occupied or reserved, whatever the views say. */
  boolean isReserved(String targetDev) {
    return targetDevs.containsKey(targetDev);
  }

  /** Whether an address is occupied or reserved, whatever the views say. */
  boolean isReserved(DeviceAddress address) {
    return addresses.containsKey(address);
  }

  /** The addresses that are occupied or reserved, whatever the views say. */
  Set<DeviceAddress> reservedAddresses() {
    return Collections.unmodifiableSet(addresses.keySet());
  }

  /** The slots of a PCI bus that are occupied or reserved, whatever the views say. */
  int reservedPciSlots(int bus) {
    return bus < pciSlots.length ? pciSlots[bus] : 0;
  }

  /** The slots of a PCI bus that are taken, as a set of bits: slot 0 is the lowest. */
  int pciSlots(int bus) {
    int taken = reservedPciSlots(bus);
    for (Controller controller : added.values()) {
      if (controller.address() instanceof PciAddress pci && pci.bus() == bus) {
        taken |= 1 << pci.slot();
      }
    }
    for (DomainView view : views) {
      taken |= view.pci().slotsTaken(bus);
    }
    return taken;
  }

  /**
   * Whether an address is taken by disks and other devices alone that libvirt detaches, and not by
   * a controller, by the chipset, or by what no view shows.
   */
  boolean canBeFreed(DeviceAddress address) {
    boolean held = false;
    if (isReserved(address) || added.values().stream().anyMatch(of -> isAt(of, address))) {
      return false;
    }
    for (DomainView view : views) {
      if (address instanceof PciAddress pci && view.pci().isOfChipset(pci)) {
        return false;
      }
      for (Holder holder : view.holders()) {
        if (isAt(holder, address)) {
          if (!canBeDetached(holder)) {
            return false;
          }
          held = true;
        }
      }
    }
    return held;
  }

  private static boolean canBeDetached(Holder holder) {
    return holder instanceof HeldByDisk
        || (holder instanceof Device device && DETACHED_BY_LIBVIRT.contains(device.kind()));
  }

  private static boolean isAt(Holder holder, DeviceAddress address) {
    if (holder.address() instanceof PciAddress pci && address instanceof PciAddress place) {
      return pci.sameSlot(place);
    }
    return address.equals(holder.address());
  }

  /** Who holds what is taken. */
  Holders holders() {
    Map<DeviceAddress, String> reserved = new HashMap<>(addresses);
    for (Controller controller : added.values()) {
      if (controller.address() != null) {
        reserved.putIfAbsent(controller.address(), "planned for PCI bus " + controller.index());
      }
    }
    return new Holders(views, targetDevs, aliases, reserved);
  }

  private void take(DeviceAddress address, String holder) {
    addresses.put(address, holder);
    if (address instanceof PciAddress pci && pci.domain() == 0) {
      if (pciSlots.length == 0) {
        pciSlots = new int[PCI_BUSES];
      }
      pciSlots[pci.bus()] |= 1 << pci.slot();
    }
  }
}
