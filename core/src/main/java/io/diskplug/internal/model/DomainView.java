// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One view of a domain, as read from its XML. An immutable value: two are equal if what was read is
 * equal.
 *
 * <p>A class and not a record because it keeps, beside what was read, what follows from that and is
 * asked for often: {@link #pci} and {@link #inUse}.
 */
public final class DomainView {

  private final View view;
  private final UUID uuid;
  private final String name;
  private final String architecture;
  private final String machine;
  private final List<Controller> controllers;
  private final List<Disk> disks;
  private final List<Device> devices;
  private final @Nullable Integer run;
  private final List<Controller> scsiControllers;
  private final List<Holder> holders;
  private final PciTopology pci;
  private final InUse inUse;

  /**
   * A view.
   *
   * @param view which view this is
   * @param uuid the domain's UUID
   * @param name the domain's name
   * @param architecture the guest's architecture as libvirt names it, for example {@code x86_64}
   * @param machine the machine type as the XML spells it, for example {@code pc-q35-7.2}; empty if
   *     the XML names none
   * @param controllers every controller, in the order of the XML
   * @param disks every disk, CD-ROM and floppy drive, in the order of the XML
   * @param devices every other device that has an address, an alias or storage, in the order of the
   *     XML
   */
  public DomainView(
      View view,
      UUID uuid,
      String name,
      String architecture,
      String machine,
      List<Controller> controllers,
      List<Disk> disks,
      List<Device> devices) {
    this(view, uuid, name, architecture, machine, controllers, disks, devices, null);
  }

  public DomainView(
      View view,
      UUID uuid,
      String name,
      String architecture,
      String machine,
      List<Controller> controllers,
      List<Disk> disks,
      List<Device> devices,
      @Nullable Integer run) {
    this.run = run;
    this.view = view;
    this.uuid = uuid;
    this.name = name;
    this.architecture = architecture;
    this.machine = machine;
    this.controllers = List.copyOf(controllers);
    this.disks = List.copyOf(disks);
    this.devices = List.copyOf(devices);
    this.scsiControllers =
        this.controllers.stream()
            .filter(Controller::isScsi)
            .sorted(Comparator.comparingInt(Controller::index))
            .toList();
    this.holders = holders(this.controllers, this.disks, this.devices);
    this.pci = PciTopology.of(machineType(), this.controllers, holders);
    this.inUse = InUse.of(this.disks, holders);
  }

  /**
   * The id of the run of the domain that a live view is of: each start has another one. Empty if
   * the domain was shut off when it was read, or the view is the persistent one.
   */
  public OptionalInt run() {
    return run == null ? OptionalInt.empty() : OptionalInt.of(run);
  }

  /** Which view this is. */
  public View view() {
    return view;
  }

  /** The domain's UUID. */
  public UUID uuid() {
    return uuid;
  }

  /** The domain's name. */
  public String name() {
    return name;
  }

  /** The guest's architecture as libvirt names it, for example {@code x86_64}. */
  public String architecture() {
    return architecture;
  }

  /**
   * The machine type as the XML spells it, for example {@code pc-q35-7.2}; empty if it does not.
   */
  public String machine() {
    return machine;
  }

  /** The family of the machine type. */
  public MachineType machineType() {
    return MachineType.of(architecture, machine);
  }

  /** Every controller, in the order of the XML. */
  public List<Controller> controllers() {
    return controllers;
  }

  /** The SCSI controllers, in ascending order of their indexes. */
  public List<Controller> scsiControllers() {
    return scsiControllers;
  }

  /** Every disk, CD-ROM and floppy drive, in the order of the XML. */
  public List<Disk> disks() {
    return disks;
  }

  /** Every other device that has an address, an alias or storage, in the order of the XML. */
  public List<Device> devices() {
    return devices;
  }

  /** The PCI buses and the slots that are taken. */
  public PciTopology pci() {
    return pci;
  }

  /** The names and the other addresses that are in use. */
  public InUse inUse() {
    return inUse;
  }

  /** Everything that may hold an alias and an address: controllers, disks, other devices. */
  public List<Holder> holders() {
    return holders;
  }

  /**
   * The view as it would be without one of its disks.
   *
   * @param disk the disk; every disk that equals it is left out
   */
  public DomainView without(Disk disk) {
    List<Disk> others = disks.stream().filter(other -> !other.equals(disk)).toList();
    return new DomainView(
        view, uuid, name, architecture, machine, controllers, others, devices, run);
  }

  /**
   * The same view with each source of its disks replaced.
   *
   * @param replaced gives the source that takes the place of one
   */
  public DomainView withSources(UnaryOperator<StorageSource> replaced) {
    return new DomainView(
        view,
        uuid,
        name,
        architecture,
        machine,
        controllers,
        disks.stream().map(disk -> disk.withSources(replaced)).toList(),
        devices,
        run);
  }

  /**
   * The view as it would be with one more controller.
   *
   * @param controller the controller
   */
  public DomainView with(Controller controller) {
    return with(List.of(controller));
  }

  /**
   * The view as it would be with one more disk.
   *
   * @param disk the disk
   */
  public DomainView with(Disk disk) {
    List<Disk> all = new ArrayList<>(disks);
    all.add(disk);
    return new DomainView(view, uuid, name, architecture, machine, controllers, all, devices, run);
  }

  /**
   * The view as it would be with more controllers.
   *
   * @param added the controllers
   */
  public DomainView with(List<Controller> added) {
    List<Controller> all = new ArrayList<>(controllers);
    all.addAll(added);
    return new DomainView(view, uuid, name, architecture, machine, all, disks, devices, run);
  }

  /**
   * The view as it would be with controllers that libvirt adds to a configuration. The guest does
   * not get them: a live view stays as it is.
   *
   * @param added the controllers
   */
  public DomainView withConfigured(List<Controller> added) {
    return view == View.LIVE ? this : with(added);
  }

  /**
   * Whether a disk sits where it cannot be unplugged while the domain runs: on a PCI bus or a SCSI
   * controller (ibmvscsi) without hot-plug, or on the ide, sata or fdc bus.
   *
   * @param disk a disk of this view
   */
  public boolean isFixed(Disk disk) {
    if (disk.address() instanceof PciAddress pciAddress) {
      PciBus bus = pciAddress.domain() == 0 ? pci.bus(pciAddress.bus()) : null;
      return bus != null && !bus.hotPluggable();
    }
    if (disk.address() instanceof DriveAddress drive && disk.bus() == DiskBus.SCSI) {
      // QEMU has no hot-plug on the bus of this model.
      return scsiControllers().stream()
          .anyMatch(of -> of.index() == drive.controller() && "ibmvscsi".equals(of.model()));
    }
    return disk.bus() == DiskBus.IDE || disk.bus() == DiskBus.SATA || disk.bus() == DiskBus.FDC;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DomainView that
        && view == that.view
        && uuid.equals(that.uuid)
        && name.equals(that.name)
        && architecture.equals(that.architecture)
        && machine.equals(that.machine)
        && Objects.equals(run, that.run)
        && controllers.equals(that.controllers)
        && disks.equals(that.disks)
        && devices.equals(that.devices);
  }

  @Override
  public int hashCode() {
    return Objects.hash(view, uuid, name, controllers, disks, devices);
  }

  /** The view, the name and the UUID, for logs. */
  @Override
  public String toString() {
    return view + " view of \"" + name + "\" (" + uuid + ")";
  }

  private static List<Holder> holders(
      List<Controller> controllers, List<Disk> disks, List<Device> devices) {
    List<Holder> holders = new ArrayList<>(controllers.size() + disks.size() + devices.size());
    holders.addAll(controllers);
    disks.forEach(disk -> holders.add(new HeldByDisk(disk)));
    holders.addAll(devices);
    return Collections.unmodifiableList(holders);
  }
}
