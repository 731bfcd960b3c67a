// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.internal.model.Controller;
import org.jspecify.annotations.Nullable;

/** Reads a {@code <controller>} element ({@code virDomainControllerDefParseXML}). */
final class ControllerReader {

  private static final int LARGEST_PCI_INDEX = 0xff;

  private @Nullable String alias;
  private @Nullable DeviceAddress address;
  private boolean hotplug = true;

  private ControllerReader() {}

  /** Reads the element that the cursor is in, and leaves it. */
  static Controller read(XmlCursor cursor) {
    String type = cursor.attribute("type");
    String model = cursor.attribute("model");
    int largest = "pci".equals(type) ? LARGEST_PCI_INDEX : Integer.MAX_VALUE;
    int index = XmlNumbers.decimal(cursor, "index", largest, -1);
    if (type == null || index < 0) {
      throw cursor.error("a <controller> without a type or an index");
    }
    ControllerReader inside = new ControllerReader();
    inside.readChildren(cursor);
    return new Controller(type, index, model, inside.alias, inside.address, inside.hotplug);
  }

  private void readChildren(XmlCursor cursor) {
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "alias" -> alias = cursor.attribute("name");
        case "target" -> hotplug = !"off".equals(cursor.attribute("hotplug"));
        case "address" -> {
          address = AddressReader.read(cursor);
          continue;
        }
        default -> {}
      }
      cursor.skip();
    }
  }
}
