// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the {@code <domain>} element ({@code virDomainDefParseXML}). */
final class DomainReader {

  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}");
  private static final int LARGEST_PCI_INDEX = 0xff;

  private final XmlCursor cursor;
  private final List<Controller> controllers = new ArrayList<>();
  private final List<Disk> disks = new ArrayList<>();
  private final List<Device> devices = new ArrayList<>();
  private @Nullable UUID uuid;
  private @Nullable String name;
  private @Nullable String architecture;
  private @Nullable String machine;

  private DomainReader(XmlCursor cursor) {
    this.cursor = cursor;
  }

  /** Reads the element that the cursor is in, and leaves it. */
  static DomainView read(XmlCursor cursor, View view) {
    return new DomainReader(cursor).readDomain(view);
  }

  private DomainView readDomain(View view) {
    int start = cursor.elementStart();
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "uuid" -> uuid = readUuid();
        case "name" -> name = cursor.text();
        case "os" -> readOs();
        case "devices" -> readDevices();
        default -> cursor.skip();
      }
    }
    if (uuid == null || name == null || architecture == null) {
      String missing = uuid == null ? "<uuid>" : name == null ? "<name>" : "arch in its <os><type>";
      throw cursor.errorAt(start, "the <domain> has no " + missing);
    }
    return new DomainView(
        view,
        uuid,
        name,
        architecture,
        machine == null ? "" : machine,
        controllers,
        disks,
        devices);
  }

  private UUID readUuid() {
    int start = cursor.elementStart();
    String text = cursor.text().trim();
    if (!UUID_FORM.matcher(text).matches()) {
      throw cursor.errorAt(start, "the <uuid> is not a UUID");
    }
    String digits = text.replace("-", "");
    return new UUID(
        Long.parseUnsignedLong(digits.substring(0, 16), 16),
        Long.parseUnsignedLong(digits.substring(16), 16));
  }

  private void readOs() {
    while (cursor.nextChild()) {
      if (cursor.name().equals("type")) {
        architecture = cursor.attribute("arch");
        machine = cursor.attribute("machine");
      }
      cursor.skip();
    }
  }

  private void readDevices() {
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "disk" -> disks.add(DiskReader.read(cursor));
        case "controller" -> controllers.add(readController());
        default -> readDevice();
      }
    }
  }

  private Controller readController() {
    int start = cursor.elementStart();
    String type = cursor.attribute("type");
    String model = cursor.attribute("model");
    int largest = "pci".equals(type) ? LARGEST_PCI_INDEX : Integer.MAX_VALUE;
    int index = XmlNumbers.decimal(cursor, "index", largest, -1);
    if (type == null || index < 0) {
      throw cursor.errorAt(start, "a <controller> without a type or an index");
    }
    String alias = null;
    DeviceAddress address = null;
    boolean hotplug = true;
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "alias" -> alias = aliasName();
        case "address" -> address = AddressReader.read(cursor);
        case "target" -> {
          hotplug = !"off".equals(cursor.attribute("hotplug"));
          cursor.skip();
        }
        default -> cursor.skip();
      }
    }
    return new Controller(type, index, model, alias, address, hotplug);
  }

  private void readDevice() {
    String kind = cursor.name();
    String alias = null;
    DeviceAddress address = null;
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "alias" -> alias = aliasName();
        case "address" -> address = AddressReader.read(cursor);
        default -> cursor.skip();
      }
    }
    if (alias != null || address != null) {
      devices.add(new Device(kind, alias, address));
    }
  }

  private @Nullable String aliasName() {
    String alias = cursor.attribute("name");
    cursor.skip();
    return alias;
  }
}
