// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.StorageSource;
import io.diskplug.exec.QemuJson.UnexpectedAnswerException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a block node of QEMU has open, in the terms of domain XML.
 *
 * <p>QEMU describes it as a file name: a plain path, or {@code json:} and the options of the block
 * driver ({@code qapi/block-core.json}, {@code BlockdevOptions}).
 */
final class QemuNodes {

  private static final String JSON = "json:";

  private QemuNodes() {}

  /**
   * The source of a node.
   *
   * @param node an entry of {@code query-named-block-nodes}
   * @return empty for a node that has nothing open itself, such as a format on top of a protocol
   */
  static Optional<StorageSource> source(Map<String, Object> node) {
    String driver = text(node, "drv");
    String file = text(node, "file");
    if (driver == null || file == null) {
      return Optional.empty();
    }
    Map<String, Object> options = options(file);
    return switch (driver) {
      case "rbd" -> rbd(options);
      case "iscsi" -> iscsi(options);
      case "file", "host_device" -> {
        String path = options.isEmpty() ? file : text(options, "filename");
        yield source(driver.equals("file") ? "file" : "block", path, null);
      }
      default -> Optional.empty();
    };
  }

  private static Map<String, Object> options(String file) {
    if (!file.startsWith(JSON)) {
      return Map.of();
    }
    try {
      return QemuJson.object(file.substring(JSON.length()));
    } catch (UnexpectedAnswerException e) {
      // A name that is cut off tells nothing; the device of a volume is known by its alias.
      return Map.of();
    }
  }

  private static Optional<StorageSource> rbd(Map<String, Object> options) {
    String pool = text(options, "pool");
    String image = text(options, "image");
    if (pool == null || image == null) {
      return Optional.empty();
    }
    String namespace = text(options, "namespace");
    String name = namespace == null || namespace.isEmpty() ? image : namespace + "/" + image;
    return source("rbd", pool + "/" + name, text(options, "snapshot"));
  }

  private static Optional<StorageSource> iscsi(Map<String, Object> options) {
    String target = text(options, "target");
    String lun = text(options, "lun");
    return target == null
        ? Optional.empty()
        : source("iscsi", target + "/" + (lun == null ? "0" : lun), null);
  }

  private static Optional<StorageSource> source(
      String kind, @Nullable String name, @Nullable String snapshot) {
    return name == null
        ? Optional.empty()
        : Optional.of(new StorageSource(kind, name, snapshot, List.of()));
  }

  private static @Nullable String text(Map<String, Object> object, String key) {
    Object value = object.get(key);
    return value == null ? null : value.toString();
  }
}
