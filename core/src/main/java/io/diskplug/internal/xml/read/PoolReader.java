// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import io.diskplug.internal.model.StoragePool;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the {@code <pool>} element. */
final class PoolReader {

  private PoolReader() {}

  /** Reads the element that the cursor is in, and leaves it. */
  static StoragePool read(XmlCursor cursor) {
    String type = cursor.attribute("type");
    if (type == null) {
      throw cursor.error("a <pool> without a type");
    }
    String source = null;
    List<String> devices = new ArrayList<>();
    String target = null;
    while (cursor.nextChild()) {
      String section = cursor.name();
      if (!section.equals("source") && !section.equals("target")) {
        cursor.skip();
        continue;
      }
      while (cursor.nextChild()) {
        switch (cursor.name()) {
          case "name" -> source = cursor.text().trim();
          case "path" -> target = section.equals("target") ? cursor.text().trim() : skipped(cursor);
          case "device" -> {
            String path = cursor.attribute("path");
            if (path != null) {
              devices.add(path);
            }
            cursor.skip();
          }
          default -> cursor.skip();
        }
      }
    }
    return new StoragePool(type, source, devices, target);
  }

  private static @Nullable String skipped(XmlCursor cursor) {
    cursor.skip();
    return null;
  }
}
