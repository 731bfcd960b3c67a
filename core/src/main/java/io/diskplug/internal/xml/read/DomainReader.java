// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.internal.model.CommandLine;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.Device;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.MachineType;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the {@code <domain>} element ({@code virDomainDefParseXML}). */
final class DomainReader {

  private final XmlCursor cursor;
  private final List<Controller> controllers = new ArrayList<>();
  private final List<Disk> disks = new ArrayList<>();
  private final List<Device> devices = new ArrayList<>();
  private @Nullable UUID uuid;
  private @Nullable String name;
  private @Nullable String architecture;
  private String machine = "";
  private boolean acpi;
  private boolean hasDevices;

  private DomainReader(XmlCursor cursor) {
    this.cursor = cursor;
  }

  /** Reads the element that the cursor is in, and leaves it. */
  static DomainView read(XmlCursor cursor, View view) {
    return new DomainReader(cursor).readDomain(view);
  }

  private DomainView readDomain(View view) {
    int start = cursor.elementStart();
    String hypervisor = cursor.attribute("type");
    Integer run = XmlNumbers.decimalOrNull(cursor.attribute("id"), Integer.MAX_VALUE);
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "uuid" -> uuid = UuidReader.read(cursor);
        case "name" -> name = cursor.text();
        case "os" -> readOs();
        case "features" -> readFeatures();
        case "devices" -> readDevices();
        case "qemu:commandline" -> readCommandLine();
        default -> cursor.skip();
      }
    }
    if (uuid == null || name == null || architecture == null || !hasDevices) {
      throw cursor.errorAt(start, "the <domain> has no " + missing());
    }
    if (!acpi && ("kvm".equals(hypervisor) || "qemu".equals(hypervisor))) {
      controllers.replaceAll(this::withoutAcpi);
    }
    return new DomainView(
        view, uuid, name, architecture, machine, controllers, disks, devices, run);
  }

  private String missing() {
    if (uuid == null) {
      return "<uuid>";
    } else if (name == null) {
      return "<name>";
    } else if (architecture == null) {
      return "arch in its <os><type>";
    }
    // libvirt always writes this one: without it, the document is not what it seems to be.
    return "<devices>";
  }

  /** libvirt writes the elements of this namespace with this prefix, whichever they came with. */
  private void readCommandLine() {
    List<String> arguments = new ArrayList<>();
    while (cursor.nextChild()) {
      String value = cursor.name().equals("qemu:arg") ? cursor.attribute("value") : null;
      if (value != null) {
        arguments.add(value);
      }
      cursor.skip();
    }
    CommandLine.storage(arguments)
        .forEach(source -> devices.add(new Device("qemu:commandline", null, null, source)));
  }

  private void readOs() {
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "type" -> {
          architecture = cursor.attribute("arch");
          String value = cursor.attribute("machine");
          machine = value == null ? "" : value;
          cursor.skip();
        }
        case "nvram", "loader" -> readFirmware();
        case "varstore" -> {
          addFirmware("varstore", file(cursor.attribute("path")));
          cursor.skip();
        }
        default -> cursor.skip();
      }
    }
  }

  /**
   * QEMU has the images of the firmware open as it has those of disks. The type of {@code <nvram>}
   * is that of a disk where there is a source; else the path is the text.
   */
  private void readFirmware() {
    String kind = cursor.name();
    String type = kind.equals("nvram") ? cursor.attribute("type") : null;
    StringBuilder path = new StringBuilder();
    StorageSource source = null;
    while (cursor.nextChild(path)) {
      if (cursor.name().equals("source")) {
        source = SourceReader.read(cursor, type == null ? "file" : type, unused -> {});
      } else {
        cursor.skip();
      }
    }
    addFirmware(kind, source == null ? file(path.toString().trim()) : source);
  }

  private void addFirmware(String kind, StorageSource source) {
    if (source.isNamed()) {
      devices.add(new Device(kind, null, null, source));
    }
  }

  private static StorageSource file(@Nullable String path) {
    return path == null ? StorageSource.NONE : new StorageSource("file", path, null, List.of());
  }

  private void readFeatures() {
    while (cursor.nextChild()) {
      acpi |= cursor.name().equals("acpi");
      cursor.skip();
    }
  }

  private void readDevices() {
    hasDevices = true;
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "disk" -> disks.add(DiskReader.read(cursor));
        case "controller" -> controllers.add(ControllerReader.read(cursor));
        default -> readDevice();
      }
    }
  }

  private void readDevice() {
    String kind = cursor.name();
    String alias = null;
    DeviceAddress address = null;
    StorageSource source = null;
    String type = kind.equals("hostdev") ? String.valueOf(cursor.attribute("type")) : "";
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "source" -> {
          switch (type) {
            case "scsi" -> source = SourceReader.hostDevice(cursor);
            case "scsi_host" -> source = SourceReader.vhostScsi(cursor);
            default -> cursor.skip();
          }
        }
        case "alias" -> {
          alias = cursor.attribute("name");
          cursor.skip();
        }
        case "address" -> address = AddressReader.read(cursor);
        default -> cursor.skip();
      }
    }
    if (alias != null || address != null || source != null) {
      devices.add(new Device(kind, alias, address, source));
    }
  }

  /**
   * The root bus of the PIIX3 chipset is hot-plugged through ACPI alone; QEMU refuses without it
   * ("Bus 'pci.0' does not support hotplugging", seen with 7.2). The bridges below it, and PCI
   * Express ports, have a hot-plug controller of their own.
   */
  private Controller withoutAcpi(Controller controller) {
    return MachineType.of(String.valueOf(architecture), machine) == MachineType.I440FX
            && "pci-root".equals(controller.model())
        ? new Controller(
            controller.type(),
            controller.index(),
            controller.model(),
            controller.alias(),
            controller.address(),
            false)
        : controller;
  }
}
