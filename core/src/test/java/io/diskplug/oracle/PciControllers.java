// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Random PCI controllers, and the slots on their buses that nothing was put in yet. */
final class PciControllers {

  /** An address whose function is 0. */
  record Slot(int bus, int slot) {

    /** The element that puts a device there. */
    String xml() {
      return xml(0, "");
    }

    String xml(int function, String more) {
      return String.format(
          "<address type='pci' domain='0x0000' bus='0x%02x' slot='0x%02x' function='0x%x'%s/>",
          bus, slot, function, more);
    }
  }

  private record Bus(int index, String model, boolean express, int firstSlot, int lastSlot) {
    boolean isConventional() {
      return !express;
    }

    boolean is(String... models) {
      return List.of(models).contains(model);
    }
  }

  private static final List<String> NO_ENDPOINTS =
      List.of("pcie-expander-bus", "pcie-switch-upstream-port");

  private final Dice dice;
  private final boolean q35;
  private final StringBuilder xml = new StringBuilder();
  private final List<Bus> buses = new ArrayList<>();
  private final Set<Slot> taken = new HashSet<>();
  private int nextIndex = 1;

  PciControllers(Dice dice, boolean q35, boolean plain) {
    this.dice = dice;
    this.q35 = q35;
    // The chipset's, and those that libvirt wants for the primary video card and for USB.
    for (int slot : q35 ? new int[] {1, 0x1a, 0x1b, 0x1d, 0x1f} : new int[] {1, 2}) {
      taken.add(new Slot(0, slot));
    }
    if (q35) {
      buses.add(new Bus(0, "pcie-root", true, 1, 31));
    } else {
      buses.add(new Bus(0, "pci-root", false, 1, 31));
    }
    if (!plain && q35) {
      express();
    } else if (!plain) {
      conventional();
    }
  }

  String xml() {
    return xml.toString();
  }

  /** A free slot for a device: of the fitting kind, or, where libvirt lets it pass, of any. */
  Optional<Slot> slotForDevice(boolean express) {
    boolean anyKind = dice.chance(10);
    return freeSlot(
        bus -> !NO_ENDPOINTS.contains(bus.model) && (anyKind || bus.express == (express && q35)));
  }

  private void conventional() {
    if (dice.chance(6)) {
      xml.append("<controller type='pci' index='0' model='pci-root'><target hotplug='off'/>")
          .append("</controller>\n");
    }
    if (dice.chance(15)) {
      Bus expander = expander("pci-expander-bus", false);
      if (dice.chance(70)) {
        add("pci-bridge", false, "", freeSlot(bus -> bus.index == expander.index));
      }
    }
    for (int bridges = dice.pickOf(0, 0, 1, 1, 2, 3); bridges > 0; bridges--) {
      skipIndexes();
      add("pci-bridge", false, "", explicitly(30, Bus::isConventional));
    }
  }

  private void express() {
    if (dice.chance(20)) {
      multifunctionPorts();
    }
    for (int ports = dice.between(0, 8); ports > 0; ports--) {
      skipIndexes();
      rootPort(explicitly(25, bus -> bus.is("pcie-root")));
    }
    if (dice.chance(15)) {
      Bus expander = expander("pcie-expander-bus", true);
      for (int ports = dice.between(0, 3); ports > 0; ports--) {
        rootPort(freeSlot(bus -> bus.index == expander.index));
      }
    }
    if (dice.chance(20)) {
      Bus upstream = add("pcie-switch-upstream-port", true, "", portFor(50));
      for (int ports = dice.between(0, 4); ports > 0; ports--) {
        String target = dice.chance(15) ? "<target hotplug='off'/>" : "";
        add(
            "pcie-switch-downstream-port",
            true,
            target,
            freeSlot(bus -> bus.index == upstream.index));
      }
    }
    if (dice.chance(20)) {
      Bus dmi = add("dmi-to-pci-bridge", false, "", explicitly(30, bus -> bus.is("pcie-root")));
      for (int bridges = dice.between(0, 2); bridges > 0; bridges--) {
        add("pci-bridge", false, "", explicitly(50, bus -> bus.index == dmi.index));
      }
    }
    if (dice.chance(20)) {
      add("pcie-to-pci-bridge", false, "", portFor(40));
    }
  }

  /** Root ports that share a slot, as libvirt itself makes them. */
  private void multifunctionPorts() {
    Optional<Slot> slot = freeSlot(bus -> bus.is("pcie-root"));
    int ports = dice.between(2, 8);
    for (int function = 0; function < ports && slot.isPresent(); function++) {
      String address = slot.get().xml(function, function == 0 ? " multifunction='on'" : "");
      element("pcie-root-port", true, hotplugTarget(), address);
    }
  }

  private void rootPort(Optional<Slot> where) {
    add("pcie-root-port", true, hotplugTarget(), where);
  }

  private String hotplugTarget() {
    return dice.chance(12) ? "<target hotplug='off'/>" : "";
  }

  private Bus expander(String model, boolean express) {
    String target = "<target busNr='" + dice.pickOf(64, 128, 180, 254) + "'/>";
    return add(model, express, target, explicitly(30, bus -> bus.index == 0));
  }

  /** A slot that a root port or a downstream port provides, or libvirt's choice. */
  private Optional<Slot> portFor(int percent) {
    return explicitly(percent, bus -> bus.is("pcie-root-port", "pcie-switch-downstream-port"));
  }

  private Optional<Slot> explicitly(int percent, Predicate<Bus> where) {
    return dice.chance(percent) ? freeSlot(where) : Optional.empty();
  }

  private void skipIndexes() {
    if (dice.chance(8)) {
      nextIndex += dice.between(1, 2);
    }
  }

  private Bus add(String model, boolean express, String target, Optional<Slot> where) {
    return element(model, express, target, where.map(Slot::xml).orElse(""));
  }

  private Bus element(String model, boolean express, String target, String address) {
    int index = nextIndex++;
    xml.append("<controller type='pci' index='" + index + "' model='" + model + "'>")
        .append(target)
        .append(address)
        .append("</controller>\n");
    Bus bus =
        switch (model) {
          case "pci-bridge", "pcie-to-pci-bridge" -> new Bus(index, model, express, 1, 31);
          case "pcie-root-port", "pcie-switch-downstream-port" ->
              new Bus(index, model, express, 0, 0);
          default -> new Bus(index, model, express, 0, 31);
        };
    buses.add(bus);
    return bus;
  }

  private Optional<Slot> freeSlot(Predicate<Bus> where) {
    List<Bus> fitting = buses.stream().filter(where).toList();
    for (int attempt = 0; attempt < 20 && !fitting.isEmpty(); attempt++) {
      Bus bus = dice.pick(fitting);
      Slot slot = new Slot(bus.index, dice.between(bus.firstSlot, bus.lastSlot));
      if (taken.add(slot)) {
        return Optional.of(slot);
      }
    }
    return Optional.empty();
  }
}
