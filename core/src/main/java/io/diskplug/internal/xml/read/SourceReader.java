// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import io.diskplug.domain.StorageSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code <source>} elements: which storage a disk, a layer below it or a mirror is ({@code
 * virDomainStorageSourceParse}).
 */
final class SourceReader {

  private static final String ENCRYPTION = "encryption";

  private SourceReader() {}

  /**
   * Reads the element that the cursor is in, and leaves it.
   *
   * @param type libvirt's disk type, for example {@code network}
   * @param dataStores takes the storage that has the data of a qcow2 file, if the XML names one
   *     ({@code <dataStore>}, libvirt 10.10)
   */
  static StorageSource read(XmlCursor cursor, String type, Consumer<StorageSource> dataStores) {
    return switch (type) {
      case "file" -> local(cursor, type, cursor.attribute("file"), dataStores);
      case "block", "vhostvdpa" -> local(cursor, type, cursor.attribute("dev"), dataStores);
      case "dir" -> local(cursor, type, cursor.attribute("dir"), dataStores);
      case "vhostuser" -> local(cursor, type, cursor.attribute("path"), dataStores);
      case "volume" -> volume(cursor, dataStores);
      case "nvme" -> nvme(cursor);
      case "network" -> network(cursor, dataStores);
      default -> local(cursor, type, "", dataStores);
    };
  }

  /** Reads the children for an encryption and for data stores, and leaves the element. */
  private static @Nullable String readChildren(
      XmlCursor cursor, Consumer<StorageSource> dataStores) {
    String encryption = null;
    while (cursor.nextChild()) {
      if (cursor.name().equals("dataStore")) {
        readDataStore(cursor, dataStores);
        continue;
      }
      if (cursor.name().equals(ENCRYPTION)) {
        encryption = encryption(cursor);
      }
      cursor.skip();
    }
    return encryption;
  }

  private static void readDataStore(XmlCursor cursor, Consumer<StorageSource> dataStores) {
    String type = cursor.attribute("type");
    while (cursor.nextChild()) {
      if (cursor.name().equals("source")) {
        dataStores.accept(read(cursor, type == null ? "file" : type, dataStores));
      } else {
        cursor.skip();
      }
    }
  }

  /** The LUN of a {@code <hostdev>}; a SCSI device of the host has none that could be told. */
  static StorageSource hostDevice(XmlCursor cursor) {
    if (cursor.attribute("protocol") != null) {
      return network(cursor, unused -> {});
    }
    String adapter = "";
    String unit = "";
    while (cursor.nextChild()) {
      if (cursor.name().equals("adapter")) {
        adapter = String.valueOf(cursor.attribute("name"));
      } else if (cursor.name().equals("address")) {
        unit =
            ":"
                + cursor.attribute("bus")
                + ":"
                + cursor.attribute("target")
                + ":"
                + cursor.attribute("unit");
      }
      cursor.skip();
    }
    return new StorageSource(StorageSource.SCSI_HOST, adapter + unit, null, List.of());
  }

  /** The LUNs behind the endpoint of a {@code <hostdev type='scsi_host'>}. */
  static StorageSource vhostScsi(XmlCursor cursor) {
    String endpoint = cursor.attribute("wwpn");
    cursor.skip();
    return new StorageSource(
        StorageSource.VHOST_SCSI, endpoint == null ? "" : endpoint, null, List.of());
  }

  private static StorageSource local(
      XmlCursor cursor, String kind, @Nullable String name, Consumer<StorageSource> dataStores) {
    String encryption = readChildren(cursor, dataStores);
    // An empty drive may have a source that names nothing, with a startup policy for example.
    return name == null
        ? StorageSource.NONE
        : new StorageSource(kind, name, null, List.of(), encryption);
  }

  private static StorageSource volume(XmlCursor cursor, Consumer<StorageSource> dataStores) {
    String pool = cursor.attribute("pool");
    String volume = cursor.attribute("volume");
    String encryption = readChildren(cursor, dataStores);
    return pool == null || volume == null
        ? StorageSource.NONE
        : new StorageSource("volume", pool + "/" + volume, null, List.of(), encryption);
  }

  /** An NVMe controller of the host, by its PCI address there, and a namespace of it. */
  private static StorageSource nvme(XmlCursor cursor) {
    String namespace = cursor.attribute("namespace");
    String name = "";
    String encryption = null;
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "address" ->
            name = AddressReader.pci(cursor) + "/" + (namespace == null ? "" : namespace);
        case ENCRYPTION -> encryption = encryption(cursor);
        default -> {}
      }
      cursor.skip();
    }
    return new StorageSource("nvme", name, null, List.of(), encryption);
  }

  private static StorageSource network(XmlCursor cursor, Consumer<StorageSource> dataStores) {
    String protocol = cursor.attribute("protocol");
    if (protocol == null) {
      throw cursor.error("the <source> of a network disk has no protocol");
    }
    String name = cursor.attribute("name");
    String snapshot = null;
    String encryption = null;
    List<String> hosts = new ArrayList<>();
    while (cursor.nextChild()) {
      if (cursor.name().equals("dataStore")) {
        readDataStore(cursor, dataStores);
        continue;
      }
      switch (cursor.name()) {
        case "host" -> Optional.ofNullable(cursor.attribute("name")).ifPresent(hosts::add);
        case "snapshot" -> snapshot = cursor.attribute("name");
        case ENCRYPTION -> encryption = encryption(cursor);
        default -> {}
      }
      cursor.skip();
    }
    return new StorageSource(protocol, name == null ? "" : name, snapshot, hosts, encryption);
  }

  /** Format and engine of the {@code <encryption>} that the cursor is in. */
  static String encryption(XmlCursor cursor) {
    return Stream.of(cursor.attribute("format"), cursor.attribute("engine"))
        .filter(Objects::nonNull)
        .collect(Collectors.joining(" "));
  }
}
