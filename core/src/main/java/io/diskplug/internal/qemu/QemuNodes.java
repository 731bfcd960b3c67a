// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

import io.diskplug.domain.StorageSource;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.spi.StorageKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the block nodes of QEMU have open, in the terms of domain XML.
 *
 * <p>QEMU describes it as a file name: a plain path, or {@code json:} and the options of the block
 * driver ({@code qapi/block-core.json}, {@code BlockdevOptions}). What the options mean, the kind
 * of the storage knows.
 */
final class QemuNodes {

  private static final String JSON = "json:";
  private static final String PLUGGED = "/machine/peripheral/";
  private static final String FILE_NAME = "filename";

  private final StorageKinds kinds;

  /**
   * Reads nodes.
   *
   * @param kinds the kinds whose nodes are recognized
   */
  QemuNodes(StorageKinds kinds) {
    this.kinds = kinds;
  }

  /**
   * A node.
   *
   * @param node an entry of {@code query-named-block-nodes}
   * @throws UnexpectedAnswerException if the node has something open that cannot be told
   */
  QemuNode read(Map<String, Object> node) throws UnexpectedAnswerException {
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
   * @return empty for a node that has nothing open itself, such as a format on top of a protocol,
   *     and for one of a driver that no known kind has
   * @throws UnexpectedAnswerException if the node has something open that cannot be told
   */
  Optional<StorageSource> source(Map<String, Object> node) throws UnexpectedAnswerException {
    String driver = text(node, "drv");
    String file = text(node, "file");
    if (driver == null || file == null) {
      return Optional.empty();
    }
    Optional<StorageKind> kind = kinds.ofDriver(driver);
    return kind.isEmpty() ? Optional.empty() : Optional.of(source(kind.get(), driver, file));
  }

  private static StorageSource source(StorageKind kind, String driver, String file)
      throws UnexpectedAnswerException {
    Map<String, String> options = options(file);
    StorageSource source;
    try {
      source = kind.opened(driver, options);
    } catch (IllegalArgumentException e) {
      throw new UnexpectedAnswerException(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      // Of a backend: a program error in it must not look like a volume that is closed.
      throw new UnexpectedAnswerException("a block node of driver " + driver + ": " + e);
    }
    if (source == null || !source.kind().equals(kind.name())) {
      throw new UnexpectedAnswerException(
          "a block node of driver " + driver + " is not of the kind " + kind.name());
    }
    return source;
  }

  private static Map<String, String> options(String file) throws UnexpectedAnswerException {
    if (!file.startsWith(JSON)) {
      return Map.of(FILE_NAME, file);
    }
    Map<String, String> options = new LinkedHashMap<>();
    addOptions("", QemuJson.object(file.substring(JSON.length())), options);
    return options;
  }

  private static void addOptions(String key, @Nullable Object value, Map<String, String> options) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, inner) -> addOptions(join(key, String.valueOf(name)), inner, options));
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        addOptions(join(key, String.valueOf(i)), list.get(i), options);
      }
    } else if (value != null) {
      options.put(key, value.toString());
    }
  }

  private static String join(String outer, String inner) {
    return outer.isEmpty() ? inner : outer + "." + inner;
  }

  private static @Nullable String text(Map<String, Object> object, String key) {
    Object value = object.get(key);
    return value == null ? null : value.toString();
  }
}
