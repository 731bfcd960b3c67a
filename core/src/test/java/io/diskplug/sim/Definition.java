// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.TargetDev;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one view says: controllers and disks. Decides where a disk without an address goes, and
 * whether one with an address may go there, as libvirt's {@code domain_addr.c} does.
 */
final class Definition {

  private static final int SLOTS = 32;
  private static final int PORTS_IN_A_SLOT = 8;
  private static final int FIRST_PORT_SLOT = 2;

  /** SCSI unit numbers of a wide bus; the controller itself has one of them. */
  private static final int WIDE_UNITS = 15;

  private static final int UNIT_OF_THE_CONTROLLER = 7;

  /** Of a virtio-scsi controller. */
  private static final int LAST_UNIT = 16_383;

  private final boolean express;

  private final Generation generation;

  /** The model of each PCI bus, by its index. */
  private final Map<Integer, String> buses = new TreeMap<>();

  /** The SCSI controllers, by their index. */
  private final Map<Integer, ScsiController> scsi = new TreeMap<>();

  /** The root ports without hot-plug. */
  private final Set<Integer> hotplugOff = new HashSet<>();

  private final List<DiskDefinition> disks = new ArrayList<>();

  /** What stands in the view for controllers, made when it is needed. */
  private @Nullable String controllersXml;

  private Definition(Generation generation, boolean express) {
    this.generation = generation;
    this.express = express;
  }

  /** An i440fx machine. */
  static Definition pc(Generation generation, boolean withScsi) {
    Definition definition = new Definition(generation, false);
    definition.buses.put(0, "pci-root");
    if (withScsi) {
      definition.scsi.put(
          0, new ScsiController(0, "virtio-scsi", null, PciAddress.of(0, FIRST_PORT_SLOT)));
    }
    return definition;
  }

  /** A q35 machine. The SCSI controller sits on the root bus. */
  static Definition q35(
      Generation generation, int rootPorts, Set<Integer> hotplugOff, boolean withScsi) {
    Definition definition = new Definition(generation, true);
    definition.buses.put(0, "pcie-root");
    for (int port = 1; port <= rootPorts; port++) {
      definition.buses.put(port, "pcie-root-port");
    }
    if (withScsi) {
      definition.scsi.put(0, new ScsiController(0, "virtio-scsi", null, PciAddress.of(0, 1)));
    }
    definition.hotplugOff.addAll(hotplugOff);
    return definition;
  }

  Definition copy() {
    Definition copy = new Definition(generation, express);
    copy.buses.putAll(buses);
    copy.scsi.putAll(scsi);
    copy.hotplugOff.addAll(hotplugOff);
    copy.disks.addAll(disks);
    copy.controllersXml = controllersXml;
    return copy;
  }

  /** Whether it is a q35. */
  boolean isExpress() {
    return express;
  }

  List<DiskDefinition> disks() {
    return List.copyOf(disks);
  }

  @Nullable DiskDefinition byTarget(String target) {
    return disks.stream().filter(disk -> disk.target().equals(target)).findFirst().orElse(null);
  }

  @Nullable DiskDefinition byAlias(String alias) {
    return disks.stream().filter(disk -> alias.equals(disk.alias())).findFirst().orElse(null);
  }

  /** The SCSI controllers. */
  List<ScsiController> scsi() {
    return List.copyOf(scsi.values());
  }

  @Nullable ScsiController scsi(int index) {
    return scsi.get(index);
  }

  void add(ScsiController controller) {
    scsi.put(controller.index(), controller);
    controllersXml = null;
  }

  @Nullable ScsiController removeScsi(int index) {
    controllersXml = null;
    return scsi.remove(index);
  }

  /** Whether a place or a target dev is one device's here, and another's in the other view. */
  boolean clashesWith(Definition other) {
    Map<Object, String> holders = holders();
    return other.holders().entrySet().stream()
        .anyMatch(
            place ->
                !place.getValue().equals(holders.getOrDefault(place.getKey(), place.getValue())));
  }

  /** Who has each target dev and each address. */
  private Map<Object, String> holders() {
    Map<Object, String> holders = new HashMap<>();
    for (DiskDefinition disk : disks) {
      Disk shown = disk.shown();
      String holder = "disk " + shown.serial();
      holders.put(shown.targetDev(), holder);
      holders.put(Objects.requireNonNull(shown.address()), holder);
    }
    scsi.values().forEach(of -> holders.put(of.place(), "controller " + of.index()));
    return holders;
  }

  boolean hasAlias(String alias) {
    return byAlias(alias) != null
        || scsi.values().stream().anyMatch(controller -> alias.equals(controller.alias()));
  }

  /** The controller with the place that it gets. */
  ScsiController place(ScsiController controller, boolean live) throws FaultException {
    PciAddress wanted = controller.address();
    if (wanted == null) {
      return controller.at(freePciAddress(live));
    }
    check(wanted, live);
    return controller;
  }

  void add(DiskDefinition disk) {
    disks.add(disk);
  }

  void remove(DiskDefinition disk) {
    disks.removeIf(other -> other.target().equals(disk.target()));
  }

  void replace(DiskDefinition disk) {
    disks.replaceAll(other -> other.target().equals(disk.target()) ? disk : other);
  }

  /**
   * The disk with the address that it gets.
   *
   * @param live whether the machine runs: then it has the buses that it has
   */
  DiskDefinition place(DiskDefinition disk, boolean live) throws FaultException {
    if (disk.isScsi()) {
      return disk.at(driveAddress(disk, live));
    }
    if (disk.disk().bus() != DiskBus.VIRTIO) {
      if (live) {
        throw generation.daemonRefusesBusWithoutHotPlug()
            ? Refusals.busNotPluggable(disk.disk().bus().xmlName())
            : Refusals.notPluggable(disk.disk().bus().xmlName() + ".0");
      }
      return disk;
    }
    DeviceAddress wanted = disk.address();
    if (wanted == null) {
      return disk.at(freePciAddress(live));
    }
    if (wanted instanceof PciAddress pci) {
      check(pci, live);
      return disk;
    }
    throw Refusals.badAddress(wanted, "not a PCI address");
  }

  private DriveAddress driveAddress(DiskDefinition disk, boolean live) throws FaultException {
    DriveAddress address;
    if (disk.address() instanceof DriveAddress given) {
      address = given;
    } else {
      // libvirt derives it from the target dev (virDomainDiskDefAssignAddress).
      int index = TargetDev.index("sd", disk.target());
      int unit = Math.max(index, 0) % WIDE_UNITS;
      address =
          new DriveAddress(
              Math.max(index, 0) / WIDE_UNITS,
              0,
              0,
              unit >= UNIT_OF_THE_CONTROLLER ? unit + 1 : unit);
    }
    // A unit that is too large is refused as if it were taken.
    if (address.unit() > LAST_UNIT
        || disks.stream().anyMatch(other -> address.equals(other.address()))) {
      throw Refusals.driveAddressTaken();
    }
    // libvirt plugs controllers that are missing, and leaves them there.
    for (int index = 0; index <= address.controller(); index++) {
      if (!scsi.containsKey(index)) {
        PciAddress place = freePciAddress(live);
        add(
            live
                ? ScsiController.addedLive(index, place)
                : ScsiController.added(index, place, modelForMissing()));
      }
    }
    return address;
  }

  private Optional<ScsiController> modelForMissing() {
    return generation.missingScsiTakesModelOfOthers()
        ? scsi.values().stream().findFirst()
        : Optional.empty();
  }

  private void check(PciAddress address, boolean live) throws FaultException {
    String model = buses.get(address.bus());
    if (model == null) {
      if (live) {
        throw Refusals.badAddress(address, "Only PCI buses up to " + (buses.size() - 1) + " exist");
      }
      growTo(address.bus());
      model = Objects.requireNonNull(buses.get(address.bus()));
    }
    boolean isPort = model.equals("pcie-root-port");
    if (isPort ? address.slot() != 0 : address.slot() == 0) {
      throw Refusals.badAddress(address, "slot must be in the range of the bus");
    }
    if (live && address.function() != 0) {
      throw Refusals.notTheFirstFunction();
    }
    if (live && !takesHotPlug(address.bus())) {
      throw Refusals.needsHotPlug(address);
    }
    if (slotsTaken(address.bus()).contains(address.slot())) {
      throw Refusals.addressTaken(address);
    }
  }

  /** Whether devices can come and go on a bus while the machine runs. */
  boolean takesHotPlug(int bus) {
    return !"pcie-root".equals(buses.get(bus)) && !hotplugOff.contains(bus);
  }

  /** Whether it is the root bus, on which QEMU itself refuses; of a port libvirt does. */
  boolean isRoot(int bus) {
    return "pcie-root".equals(buses.get(bus));
  }

  /** A configuration is given the buses that it asks for, and keeps them. */
  private void growTo(int bus) throws FaultException {
    if (!express) {
      throw Refusals.badAddress(PciAddress.of(bus, 0), "no such bus");
    }
    for (int index = 0; index <= bus; index++) {
      buses.putIfAbsent(index, "pcie-root-port");
    }
    controllersXml = null;
  }

  private boolean mayBeChosen(int port, boolean live) {
    return !live || !generation.portWithoutHotPlugIsPassedOver() || takesHotPlug(port);
  }

  private PciAddress freePciAddress(boolean live) throws FaultException {
    for (Map.Entry<Integer, String> bus : buses.entrySet()) {
      Set<Integer> taken = slotsTaken(bus.getKey());
      switch (bus.getValue()) {
        case "pcie-root-port" -> {
          if (taken.isEmpty() && mayBeChosen(bus.getKey(), live)) {
            return PciAddress.of(bus.getKey(), 0);
          }
        }
        case "pci-root" -> {
          for (int slot = 1; slot < SLOTS; slot++) {
            if (!taken.contains(slot)) {
              return PciAddress.of(bus.getKey(), slot);
            }
          }
        }
        default -> {}
      }
    }
    if (live || !express) {
      throw Refusals.noSlots();
    }
    int port = buses.size();
    growTo(port);
    return PciAddress.of(port, 0);
  }

  private Set<Integer> slotsTaken(int bus) {
    Set<Integer> taken = new HashSet<>();
    if (bus == 0) {
      // The host bridge, and what the chipset always has.
      taken.add(0);
      taken.add(express ? SLOTS - 1 : 1);
    }
    scsi.values().stream()
        .map(ScsiController::place)
        .filter(at -> at.bus() == bus)
        .forEach(at -> taken.add(at.slot()));
    for (DiskDefinition disk : disks) {
      if (disk.address() instanceof PciAddress pci && pci.bus() == bus) {
        taken.add(pci.slot());
      }
    }
    return taken;
  }

  /** What stands in the view. */
  String devicesXml() {
    StringBuilder xml = new StringBuilder(controllers());
    disks.forEach(disk -> xml.append(disk.xml()).append('\n'));
    return xml.toString();
  }

  private String controllers() {
    String known = controllersXml;
    if (known == null) {
      StringBuilder xml = new StringBuilder();
      buses.forEach(
          (index, model) -> xml.append(controller("pci", index, model, null, portAddress(index))));
      scsi.values()
          .forEach(
              of ->
                  xml.append(controller("scsi", of.index(), of.model(), of.alias(), of.address())));
      known = xml.toString();
      controllersXml = known;
    }
    return known;
  }

  String machine() {
    return express ? "pc-q35-7.2" : "pc-i440fx-7.2";
  }

  private static @Nullable PciAddress portAddress(int bus) {
    if (bus == 0) {
      return null;
    }
    int port = bus - 1;
    return new PciAddress(0, 0, FIRST_PORT_SLOT + port / PORTS_IN_A_SLOT, port % PORTS_IN_A_SLOT);
  }

  private String controller(
      String type, int index, String model, @Nullable String alias, @Nullable PciAddress address) {
    String target =
        type.equals("pci") && hotplugOff.contains(index) ? "<target hotplug='off'/>" : "";
    String at =
        address == null
            ? ""
            : "<address type='pci' domain='0x0000' bus='0x%02x' slot='0x%02x' function='0x%x'/>"
                .formatted(address.bus(), address.slot(), address.function());
    String name = alias == null ? "" : "<alias name='" + alias + "'/>";
    return "<controller type='%s' index='%d' model='%s'>%s%s%s</controller>%n"
        .formatted(type, index, model, target, name, at);
  }
}
