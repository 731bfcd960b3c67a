// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.PciAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is taken: in any of the views, occupied besides, or reserved for a placement of the same
 * batch. It only grows. Used by one thread and for one call.
 */
final class Ledger {

  private final List<DomainView> views;
  private final Map<String, String> targetDevs;
  private final Map<String, String> aliases;
  private final Map<DeviceAddress, String> addresses = new HashMap<>();
  private final Map<Integer, Integer> pciSlots = new HashMap<>();

  Ledger(DomainViews views, Occupied occupied) {
    this.views = views.present();
    this.targetDevs = new HashMap<>(occupied.targetDevs());
    this.aliases = new HashMap<>(occupied.aliases());
    occupied.addresses().forEach(this::takeAddress);
  }

  /** The views that apply: one or two. */
  List<DomainView> views() {
    return views;
  }

  /** Takes what a placement has, for the placements that follow. */
  void reserve(Placement placement) {
    String holder = "planned for " + placement.targetDev();
    targetDevs.put(placement.targetDev(), holder);
    aliases.put(placement.alias(), holder);
    if (placement.address() != null) {
      takeAddress(placement.address(), holder);
    }
  }

  boolean hasTargetDev(String targetDev) {
    return targetDevs.containsKey(targetDev)
        || views.stream().anyMatch(view -> view.inUse().hasTargetDev(targetDev));
  }

  /** Whether a target dev is occupied or reserved, whatever the views say. */
  boolean hasReservedTargetDev(String targetDev) {
    return targetDevs.containsKey(targetDev);
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

  /** Whether an address is occupied or reserved, whatever the views say. */
  boolean hasReservedAddress(DeviceAddress address) {
    return addresses.containsKey(address);
  }

  /** The slots of a PCI bus that are taken, as a set of bits: slot 0 is the lowest. */
  int pciSlots(int bus) {
    int taken = pciSlots.isEmpty() ? 0 : pciSlots.getOrDefault(bus, 0);
    for (int i = 0; i < views.size(); i++) {
      taken |= views.get(i).pci().slotsTaken(bus);
    }
    return taken;
  }

  /** Who holds what is taken, as it is now. */
  Holders holders() {
    return new Holders(views, targetDevs, aliases, addresses);
  }

  private void takeAddress(DeviceAddress address, String holder) {
    addresses.put(address, holder);
    if (address instanceof PciAddress pci && pci.domain() == 0) {
      pciSlots.merge(pci.bus(), 1 << pci.slot(), (a, b) -> a | b);
    }
  }
}
