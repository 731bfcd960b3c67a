// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.kind;

import io.diskplug.domain.StorageSource;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.spi.StorageKind;
import io.diskplug.spi.StorageProbe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A kind as a backend brings it, in the least that makes one: the options of QEMU's driver that
 * make up the name, with a default where one may be left out, and words of the driver.
 *
 * @param name the name of the kind, and of QEMU's driver
 * @param options the options, each with its default; a default of {@link #REQUIRED} is none
 * @param words what QEMU's messages contain, and what that means
 */
public record ExampleKind(
    String name, Map<String, String> options, Map<String, StorageProbe.Reason> words)
    implements StorageKind {

  private static final String REQUIRED = "(required)";

  public static final StorageKind RBD =
      new ExampleKind(
          "rbd",
          options("pool", REQUIRED, "namespace", "", "image", REQUIRED),
          Map.of(
              "error reading header from ",
              StorageProbe.Reason.NOT_FOUND,
              "error connecting: Permission denied",
              StorageProbe.Reason.ACCESS_DENIED,
              "error connecting: Connection timed out",
              StorageProbe.Reason.UNREACHABLE,
              "error connecting: Invalid argument",
              StorageProbe.Reason.NOT_KNOWN,
              "error connecting: No such file or directory",
              StorageProbe.Reason.NOT_KNOWN));

  public static final StorageKind ISCSI =
      new ExampleKind("iscsi", options("target", REQUIRED, "lun", "0"));

  public static final StorageKind NBD =
      new ExampleKind(
          "nbd",
          options("export", REQUIRED),
          Map.of("Requested export not available", StorageProbe.Reason.NOT_FOUND));

  public static final StorageKind HTTPS = new ExampleKind("https", options("url", REQUIRED));

  /** The kinds of the library, those of its backends, and one of another. */
  public static final StorageKinds ALL = StorageKinds.with(List.of(RBD, ISCSI, HTTPS));

  /** The table with what these kinds say. */
  public static final FaultClassifier FAULTS = FaultClassifier.with(ALL::condition);

  private ExampleKind(String name, Map<String, String> options) {
    this(name, options, Map.of());
  }

  private static Map<String, String> options(String... namesAndDefaults) {
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 0; i < namesAndDefaults.length; i += 2) {
      options.put(namesAndDefaults[i], namesAndDefaults[i + 1]);
    }
    return options;
  }

  @Override
  public Set<String> drivers() {
    return Set.of(name);
  }

  @Override
  public StorageSource opened(String driver, Map<String, String> told) {
    StringBuilder source = new StringBuilder();
    options.forEach(
        (option, ifMissing) -> {
          String value = told.getOrDefault(option, ifMissing);
          if (value.equals(REQUIRED)) {
            throw new IllegalArgumentException("a block node has no \"" + option + "\"");
          }
          source.append(source.isEmpty() || value.isEmpty() ? "" : "/").append(value);
        });
    return new StorageSource(name, source.toString(), told.get("snapshot"), List.of());
  }

  @Override
  public Optional<StorageProbe.Reason> meaning(String message) {
    return words.entrySet().stream()
        .filter(entry -> message.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }
}
