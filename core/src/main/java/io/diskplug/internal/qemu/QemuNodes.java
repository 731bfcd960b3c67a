// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

import io.diskplug.domain.StorageSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a block node of QEMU has open, in the terms of domain XML.
 *
 * <p>QEMU describes it as a file name: a plain path, or {@code json:} and the options of the block
 * driver ({@code qapi/block-core.json}, {@code BlockdevOptions}).
 */
final class QemuNodes {

  private static final String JSON = "json:";
  private static final String PLUGGED = "/machine/peripheral/";
  private static final Set<String> DRIVERS = Set.of("rbd", "iscsi", "file", "host_device");
  private static final Set<String> KINDS = Set.of("rbd", "iscsi", "file", "block");

  private QemuNodes() {}

  /** Whether block nodes of this kind of source are recognized. */
  static boolean tells(String kind) {
    return KINDS.contains(kind);
  }

  /**
   * A node.
   *
   * @param node an entry of {@code query-named-block-nodes}
   * @throws UnexpectedAnswerException if the node has something open that cannot be told
   */
  static QemuNode read(Map<String, Object> node) throws UnexpectedAnswerException {
    String name = text(node, "node-name");
    String file = text(node, "file");
    return new QemuNode(
        name == null ? "" : name, file == null ? "" : file, source(node).orElse(null));
  }

  /**
   * The device of an entry of {@code query-block}, by its id; null if it has none.
   *
   * @param entry the entry: it names the device by its path, which goes on below the id
   */
  static @Nullable String device(Map<String, Object> entry) {
    String path = text(entry, "qdev");
    if (path == null || !path.startsWith(PLUGGED)) {
      return path;
    }
    return path.substring(PLUGGED.length()).split("/", 2)[0];
  }

  /**
   * The source of a node.
   *
   * @param node an entry of {@code query-named-block-nodes}
   * @return empty for a node that has nothing open itself, such as a format on top of a protocol
   * @throws UnexpectedAnswerException if the node has something open that cannot be told
   */
  static Optional<StorageSource> source(Map<String, Object> node) throws UnexpectedAnswerException {
    String driver = text(node, "drv");
    String file = text(node, "file");
    if (driver == null || file == null) {
      return Optional.empty();
    }
    if (!DRIVERS.contains(driver)) {
      return Optional.empty();
    }
    Map<String, Object> options = options(file);
    return switch (driver) {
      case "rbd" -> rbd(options);
      case "iscsi" -> iscsi(options);
      case "file", "host_device" -> {
        String path = options.isEmpty() ? file : required(options, "filename");
        yield source(driver.equals("file") ? "file" : "block", path, null);
      }
      default -> Optional.empty();
    };
  }

  private static Map<String, Object> options(String file) throws UnexpectedAnswerException {
    return file.startsWith(JSON) ? QemuJson.object(file.substring(JSON.length())) : Map.of();
  }

  private static Optional<StorageSource> rbd(Map<String, Object> options)
      throws UnexpectedAnswerException {
    String namespace = text(options, "namespace");
    String image = required(options, "image");
    String name = namespace == null || namespace.isEmpty() ? image : namespace + "/" + image;
    return source("rbd", required(options, "pool") + "/" + name, text(options, "snapshot"));
  }

  private static Optional<StorageSource> iscsi(Map<String, Object> options)
      throws UnexpectedAnswerException {
    String lun = text(options, "lun");
    return source("iscsi", required(options, "target") + "/" + (lun == null ? "0" : lun), null);
  }

  private static Optional<StorageSource> source(
      String kind, String name, @Nullable String snapshot) {
    return Optional.of(new StorageSource(kind, name, snapshot, List.of()));
  }

  private static String required(Map<String, Object> options, String key)
      throws UnexpectedAnswerException {
    String value = text(options, key);
    if (value == null) {
      throw new UnexpectedAnswerException("a block node of QEMU has no \"" + key + "\"");
    }
    return value;
  }

  private static @Nullable String text(Map<String, Object> object, String key) {
    Object value = object.get(key);
    return value == null ? null : value.toString();
  }
}
