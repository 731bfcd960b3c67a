// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.StorageSource;
import io.diskplug.internal.fault.FaultException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A QEMU process: the devices that are plugged and the block nodes that are open, whatever libvirt
 * knows of them. Guarded by the host's lock.
 */
final class SimulatedQemu {

  /**
   * A disk device.
   *
   * @param id its id
   * @param address where it sits
   * @param node its uppermost block node
   * @param serial what the guest sees
   * @param readOnlyOrShared whether it takes no lock of its own
   */
  record Device(
      String id,
      @Nullable DeviceAddress address,
      String node,
      @Nullable String serial,
      boolean readOnlyOrShared) {

    boolean isPci() {
      return address instanceof PciAddress;
    }
  }

  /**
   * A block node.
   *
   * @param name its name
   * @param storage whether it is the one that has the source open
   * @param source what is open
   */
  record Node(String name, boolean storage, StorageSource source) {}

  private final Generation generation;
  private final Map<String, Device> devices = new LinkedHashMap<>();
  private final Map<String, Node> nodes = new LinkedHashMap<>();

  /** Where each SCSI controller sits, by its name. */
  private final Map<String, PciAddress> controllers = new LinkedHashMap<>();

  /** The sizes of the images, by their number. */
  private final Map<Integer, Long> sizes = new HashMap<>();

  /** The devices that the guest was asked to release and has not answered for. */
  private final Set<String> asked = new HashSet<>();

  /** Nodes that something else uses, such as an NBD export. */
  private final Set<String> exported = new HashSet<>();

  /** The block jobs, by the disk that they copy. */
  private final Map<String, StorageSource> jobs = new LinkedHashMap<>();

  /**
   * A process without devices and nodes.
   *
   * @param generation what it is known for
   */
  SimulatedQemu(Generation generation) {
    this.generation = generation;
  }

  static String format(int number) {
    return "libvirt-" + number + "-format";
  }

  static String storage(int number) {
    return "libvirt-" + number + "-storage";
  }

  /** {@code blockdev-add} of a raw image, the storage first. */
  void open(int number, StorageSource source, long bytes) throws FaultException {
    open(number, source, bytes, !generation.rawDiskIsOneNode());
  }

  /** The same of an image of another format. */
  void openFormatted(int number, StorageSource source, long bytes) throws FaultException {
    open(number, source, bytes, true);
  }

  private void open(int number, StorageSource source, long bytes, boolean withFormat)
      throws FaultException {
    for (String name : List.of(storage(number), format(number))) {
      if (nodes.containsKey(name)) {
        throw generation.duplicateNodeIsNamed()
            ? Refusals.duplicateNode(name)
            : Refusals.duplicateNode();
      }
    }
    nodes.put(storage(number), new Node(storage(number), true, source));
    if (withFormat) {
      nodes.put(format(number), new Node(format(number), false, source));
    }
    resize(number, bytes);
  }

  /** The node that a device is plugged on. */
  String top(int number) {
    return nodes.containsKey(format(number)) ? format(number) : storage(number);
  }

  /** What the guest sees of the size. */
  long size(int number) {
    return Objects.requireNonNull(sizes.get(number));
  }

  void resize(int number, long bytes) {
    sizes.put(number, bytes);
  }

  /** What {@code device_add} checks first. */
  void requireFree(Device device) throws FaultException {
    requireFree(device.id(), device.address());
    for (Device other : devices.values()) {
      if (device.address() instanceof PciAddress wanted
          && other.address() instanceof PciAddress taken
          && wanted.sameSlot(taken)) {
        throw Refusals.slotInUse(wanted.slot(), other.id());
      }
    }
  }

  private void requireFree(String id, @Nullable DeviceAddress address) throws FaultException {
    if (devices.containsKey(id) || controllers.containsKey(id)) {
      throw Refusals.duplicateDevice(id);
    }
    for (Map.Entry<String, PciAddress> other : controllers.entrySet()) {
      if (address instanceof PciAddress wanted && wanted.sameSlot(other.getValue())) {
        throw Refusals.slotInUse(wanted.slot(), other.getKey());
      }
    }
  }

  /** {@code device_add} of a SCSI controller. */
  void plug(ScsiController controller) throws FaultException {
    requireFree(new Device(controller.device(), controller.address(), "", null, false));
    controllers.put(controller.device(), controller.place());
  }

  void unplug(ScsiController controller) {
    controllers.remove(controller.device());
  }

  /** These controllers are there, plugged with a disk or since the start. */
  void hasControllers(List<ScsiController> all) {
    all.forEach(controller -> controllers.putIfAbsent(controller.device(), controller.place()));
  }

  /** The names of the SCSI controllers. */
  Set<String> controllers() {
    return Set.copyOf(controllers.keySet());
  }

  /** {@code device_add}. */
  void plug(Device device) {
    devices.put(device.id(), device);
  }

  /** Nodes that are in use stay, as {@code blockdev-del} says. */
  boolean close(String name) {
    boolean used =
        exported.contains(name)
            || devices.values().stream().anyMatch(device -> device.node().equals(name))
            || (name.endsWith("-storage")
                && nodes.containsKey(name.replace("-storage", "-format")));
    return !used && nodes.remove(name) != null;
  }

  void closeBoth(int number) {
    if (close(format(number)) || !nodes.containsKey(format(number))) {
      close(storage(number));
    }
  }

  void unplug(String id) {
    devices.remove(id);
    asked.remove(id);
  }

  @Nullable Device device(String id) {
    return devices.get(id);
  }

  List<Device> devices() {
    return new ArrayList<>(devices.values());
  }

  List<Node> nodes() {
    return new ArrayList<>(nodes.values());
  }

  Set<String> asked() {
    return asked;
  }

  Map<String, StorageSource> jobs() {
    return jobs;
  }

  void export(String node, boolean on) {
    if (on) {
      exported.add(node);
    } else {
      exported.remove(node);
    }
  }

  /** Points a device to another node, as the end of a copy or a snapshot does. */
  void move(String id, int number) {
    Device old = Objects.requireNonNull(devices.get(id));
    devices.put(
        id, new Device(id, old.address(), top(number), old.serial(), old.readOnlyOrShared()));
  }

  /** Whether a device writes to this source, which locks a file. */
  boolean locks(StorageSource source) {
    return devices.values().stream()
        .filter(device -> !device.readOnlyOrShared())
        .map(device -> nodes.get(device.node()))
        .filter(Objects::nonNull)
        .anyMatch(node -> node.source().isSameAs(source));
  }
}
