// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.kind;

import io.diskplug.spi.StorageKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the kinds of storage that are on the class path. */
public final class InstalledKinds {

  private InstalledKinds() {}

  /**
   * The kinds of the library, those that are installed, and those that are given. One that is given
   * takes the place of an installed one of the same name.
   *
   * @param given what the caller brings
   * @throws IllegalStateException if an installed kind cannot be loaded, or two have the same name
   *     and none is given in their place; or as {@link StorageKinds#with}
   */
  public static StorageKinds and(List<StorageKind> given) {
    return and(
        given, StorageKind.class.getClassLoader(), Thread.currentThread().getContextClassLoader());
  }

  static StorageKinds and(List<StorageKind> given, @Nullable ClassLoader... loaders) {
    Map<String, StorageKind> byClass = new TreeMap<>();
    Stream.of(loaders)
        .filter(Objects::nonNull)
        .distinct()
        .flatMap(loader -> load(loader).stream())
        // A loader finds what its parents do, too.
        .forEach(kind -> byClass.putIfAbsent(kind.getClass().getName(), kind));
    Map<String, StorageKind> byName = new TreeMap<>();
    for (StorageKind kind : byClass.values()) {
      StorageKind other = byName.put(String.valueOf(kind.name()), kind);
      if (other != null && given.stream().noneMatch(it -> other.name().equals(it.name()))) {
        throw new IllegalStateException(
            "there are two storage kinds of one name: "
                + StorageKinds.describe(other)
                + " and of "
                + kind.getClass().getName()
                + "; give Options.withStorageKinds the one that is meant");
      }
    }
    List<StorageKind> all = new ArrayList<>(byName.values());
    all.addAll(given);
    return StorageKinds.with(all);
  }

  private static List<StorageKind> load(ClassLoader loader) {
    try {
      List<StorageKind> found = new ArrayList<>();
      ServiceLoader.load(StorageKind.class, loader).forEach(found::add);
      return found;
    } catch (ServiceConfigurationError e) {
      throw new IllegalStateException(
          "an installed storage kind cannot be loaded: " + e.getMessage(), e);
    }
  }
}
