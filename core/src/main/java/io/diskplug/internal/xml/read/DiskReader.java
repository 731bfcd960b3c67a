// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.StorageSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a {@code <disk>} element ({@code virDomainDiskDefParseXML}). */
final class DiskReader {

  private static final String DEFAULT_TYPE = "file";

  /** The format that lies on no other image. */
  private static final String RAW = "raw";

  private final List<StorageSource> backingChain = new ArrayList<>();
  private Map<String, String> ioTune = Map.of();
  private Map<String, String> blockIo = Map.of();
  private Map<String, String> driver = Map.of();
  private Map<String, String> inquiry = Map.of();
  private StorageSource source = StorageSource.NONE;
  private DiskBus bus = DiskBus.OTHER;
  private @Nullable StorageSource mirror;

  /** Whether more can lie below the layers that the view names; null if it names none. */
  private @Nullable Boolean isOpenBelow;

  private @Nullable String targetDev;
  private @Nullable String encryption;
  private @Nullable String serial;
  private @Nullable String alias;
  private @Nullable DeviceAddress address;
  private boolean readOnly;
  private boolean shareable;

  private DiskReader() {}

  /** Reads the element that the cursor is in, and leaves it. */
  static Disk read(XmlCursor cursor) {
    return new DiskReader().readDisk(cursor);
  }

  private Disk readDisk(XmlCursor cursor) {
    int start = cursor.elementStart();
    String type = orElse(cursor.attribute("type"), DEFAULT_TYPE);
    String device = orElse(cursor.attribute("device"), "disk");
    String model = cursor.attribute("model");
    while (cursor.nextChild()) {
      readChild(cursor, type);
    }
    // The last layer is an empty element.
    backingChain.removeIf(StorageSource.NONE::equals);
    if (targetDev == null) {
      throw cursor.errorAt(start, "a <disk> without a target dev");
    }
    return new Disk(
        device,
        targetDev,
        bus,
        model,
        encryption == null ? source : source.encryptedBy(encryption),
        backingChain,
        mayHaveUntoldLayers(),
        mirror,
        serial,
        alias,
        address,
        readOnly,
        shareable,
        driver,
        ioTune,
        blockIo,
        inquiry);
  }

  private boolean mayHaveUntoldLayers() {
    boolean isOpen =
        isOpenBelow == null ? !driver.getOrDefault("type", RAW).equals(RAW) : isOpenBelow;
    return isOpen && !source.equals(StorageSource.NONE);
  }

  /** libvirt 7.0 shows an empty serial that it was given, 9.0 shows none. The guest sees none. */
  private static @Nullable String readSerial(XmlCursor cursor) {
    String text = cursor.text();
    return text.isEmpty() ? null : text;
  }

  private void readChild(XmlCursor cursor, String type) {
    switch (cursor.name()) {
      case "source" -> source = SourceReader.read(cursor, type, backingChain::add);
      case "backingStore" -> isOpenBelow = readBackingStore(cursor);
      case "mirror" -> mirror = readMirror(cursor);
      case "serial" -> serial = readSerial(cursor);
      case "vendor", "product", "wwn" -> readInquiry(cursor);
      case "address" -> address = AddressReader.read(cursor);
      case "iotune" -> readIoTune(cursor);
      default -> {
        readEmptyChild(cursor);
        cursor.skip();
      }
    }
  }

  /** Reads what is in the attributes of a child alone. */
  private void readEmptyChild(XmlCursor cursor) {
    switch (cursor.name()) {
      case "target" -> {
        targetDev = cursor.attribute("dev");
        bus = DiskBus.of(orElse(cursor.attribute("bus"), ""));
      }
      case "driver" -> driver = cursor.attributes();
      // Where older elements have it, and where it stays if it was written there.
      case "encryption" -> encryption = SourceReader.encryption(cursor);
      case "blockio" -> blockIo = cursor.attributes();
      case "alias" -> alias = cursor.attribute("name");
      case "readonly" -> readOnly = true;
      case "shareable" -> shareable = true;
      default -> {}
    }
  }

  private void readInquiry(XmlCursor cursor) {
    inquiry = new HashMap<>(inquiry);
    String name = cursor.name();
    inquiry.put(name, cursor.text());
  }

  private void readIoTune(XmlCursor cursor) {
    ioTune = new HashMap<>(ioTune);
    while (cursor.nextChild()) {
      String limit = cursor.name();
      ioTune.put(limit, cursor.text().trim());
    }
  }

  /**
   * Each layer has the one below it inside; the last one has an empty element.
   *
   * @return whether more can lie below: the chain does not end with an empty element, and its last
   *     layer is in a format that can lie on another image
   */
  private boolean readBackingStore(XmlCursor cursor) {
    String type = orElse(cursor.attribute("type"), DEFAULT_TYPE);
    boolean isLayer = cursor.attribute("type") != null;
    int layer = backingChain.size();
    backingChain.add(StorageSource.NONE);
    String format = null;
    Boolean isOpen = null;
    while (cursor.nextChild()) {
      isLayer = true;
      switch (cursor.name()) {
        case "source" ->
            backingChain.set(layer, SourceReader.read(cursor, type, backingChain::add));
        case "format" -> {
          format = cursor.attribute("type");
          cursor.skip();
        }
        case "backingStore" -> isOpen = readBackingStore(cursor);
        default -> cursor.skip();
      }
    }
    return isOpen == null ? isLayer && !RAW.equals(format) : isOpen;
  }

  /** What is below the mirror is below the disk as soon as the copy is pivoted to. */
  private StorageSource readMirror(XmlCursor cursor) {
    String type = orElse(cursor.attribute("type"), DEFAULT_TYPE);
    // An older libvirt knows files alone as mirrors, named by an attribute.
    String file = cursor.attribute("file");
    StorageSource mirror =
        file == null ? StorageSource.NONE : new StorageSource(DEFAULT_TYPE, file, null, List.of());
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "source" -> mirror = SourceReader.read(cursor, type, backingChain::add);
        case "backingStore" -> {
          boolean unused = readBackingStore(cursor);
        }
        default -> cursor.skip();
      }
    }
    return mirror;
  }

  private static String orElse(@Nullable String value, String other) {
    return value == null ? other : value;
  }
}
