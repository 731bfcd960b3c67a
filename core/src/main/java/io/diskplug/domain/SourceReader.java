// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code <source>} elements: which storage a disk, a layer below it or a mirror is ({@code
 * virDomainStorageSourceParse}).
 */
final class SourceReader {

  private static final int MAX_PORT = 0xffff;

  private static final String ENCRYPTION = "encryption";

  private SourceReader() {}

  /**
   * Reads the element that the cursor is in, and leaves it.
   *
   * @param type libvirt's disk type, for example {@code network}
   */
  static StorageSource read(XmlCursor cursor, String type) {
    return switch (type) {
      case "file" -> local(cursor, type, cursor.attribute("file"));
      case "block", "vhostvdpa" -> local(cursor, type, cursor.attribute("dev"));
      case "dir" -> local(cursor, type, cursor.attribute("dir"));
      case "vhostuser" -> local(cursor, type, cursor.attribute("path"));
      case "volume" -> volume(cursor);
      case "nvme" -> nvme(cursor);
      case "network" -> network(cursor);
      default -> local(cursor, type, "");
    };
  }

  private static StorageSource local(XmlCursor cursor, String kind, @Nullable String name) {
    String encryption = skipToEncryption(cursor);
    // An empty drive may have a source that names nothing, with a startup policy for example.
    return name == null
        ? StorageSource.NONE
        : new StorageSource(kind, name, null, List.of(), encryption);
  }

  private static StorageSource volume(XmlCursor cursor) {
    String pool = cursor.attribute("pool");
    String volume = cursor.attribute("volume");
    String encryption = skipToEncryption(cursor);
    return pool == null || volume == null
        ? StorageSource.NONE
        : new StorageSource("volume", pool + "/" + volume, null, List.of(), encryption);
  }

  /** Reads the rest of the element for its encryption, and leaves it. */
  private static @Nullable String skipToEncryption(XmlCursor cursor) {
    String encryption = null;
    while (cursor.nextChild()) {
      if (cursor.name().equals(ENCRYPTION)) {
        encryption = encryption(cursor);
      }
      cursor.skip();
    }
    return encryption;
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

  private static StorageSource network(XmlCursor cursor) {
    String protocol = cursor.attribute("protocol");
    if (protocol == null) {
      throw cursor.error("the <source> of a network disk has no protocol");
    }
    String name = cursor.attribute("name");
    String snapshot = null;
    String encryption = null;
    List<SourceHost> hosts = new ArrayList<>();
    while (cursor.nextChild()) {
      switch (cursor.name()) {
        case "host" -> hosts.add(host(cursor));
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

  private static SourceHost host(XmlCursor cursor) {
    return new SourceHost(
        cursor.attribute("name"), XmlNumbers.decimalOrNull(cursor.attribute("port"), MAX_PORT));
  }
}
