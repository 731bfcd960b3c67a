// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.kind;

import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.spi.StorageKind;
import io.diskplug.spi.StorageProbe;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The kinds of storage that requests are served for. Immutable.
 *
 * <p>Of any other kind nothing is known: QEMU may have such a volume open and not be seen to. A
 * request about one is not served, and other requests treat it as a storage that has a kind and a
 * name.
 */
public final class StorageKinds {

  /** A volume of a storage pool: libvirt looks up which storage that is. */
  private static final String VOLUME_OF_POOL = "volume";

  /** Where the kinds of this project are. */
  private static final Map<String, String> MODULES =
      Map.of("rbd", "diskplug-ceph", "iscsi", "diskplug-iscsi");

  private static final StorageKinds OF_THE_LIBRARY = with(List.of());

  private final Map<String, StorageKind> byName;
  private final Map<String, StorageKind> byDriver;

  private StorageKinds(Map<String, StorageKind> byName, Map<String, StorageKind> byDriver) {
    this.byName = byName;
    this.byDriver = byDriver;
  }

  /** Files and block devices of the host. */
  public static StorageKinds ofTheLibrary() {
    return OF_THE_LIBRARY;
  }

  /**
   * Those of the library and others.
   *
   * @param others the others; one of a name that was there takes the place of that one
   * @throws IllegalStateException if a kind has no name or no driver, or two kinds have a driver of
   *     QEMU in common
   */
  public static StorageKinds with(List<StorageKind> others) {
    Map<String, StorageKind> byName = new TreeMap<>();
    PathKind.ALL.forEach(kind -> byName.put(kind.name(), kind));
    for (StorageKind kind : others) {
      byName.put(checkedName(kind), kind);
    }
    Map<String, StorageKind> byDriver = new TreeMap<>();
    byName.values().forEach(kind -> kind.drivers().forEach(driver -> add(byDriver, driver, kind)));
    return new StorageKinds(byName, byDriver);
  }

  private static String checkedName(StorageKind kind) {
    String name = kind.name();
    if (name == null || name.isBlank() || kind.drivers() == null || kind.drivers().isEmpty()) {
      throw new IllegalStateException(
          "the storage kind " + describe(kind) + " has no name, or no block driver of QEMU");
    }
    return name;
  }

  private static void add(Map<String, StorageKind> byDriver, String driver, StorageKind kind) {
    StorageKind other = byDriver.put(driver, kind);
    if (other != null) {
      throw new IllegalStateException(
          "the storage kinds "
              + describe(other)
              + " and "
              + describe(kind)
              + " both have QEMU's block driver \""
              + driver
              + "\"");
    }
  }

  static String describe(StorageKind kind) {
    return "\"" + kind.name() + "\" of " + kind.getClass().getName();
  }

  /**
   * Why a request about a volume is not served; empty if its kind is known.
   *
   * @param identity the volume's identity
   */
  public Optional<String> objection(SourceIdentity identity) {
    return objection(identity.kind());
  }

  /**
   * Why a request about the very disk that a view shows is not served; empty if its kind is known,
   * or it is an empty drive. A volume of a storage pool is of the kind that the daemon says; where
   * it does not say, no kind could be registered for it, and the request is served.
   *
   * @param source the source of the disk
   */
  public Optional<String> objection(StorageSource source) {
    StorageSource resolved = source.resolved();
    String kind = resolved == null ? source.kind() : resolved.kind();
    return kind.equals(VOLUME_OF_POOL) || kind.equals(StorageSource.NONE.kind())
        ? Optional.empty()
        : objection(kind);
  }

  private Optional<String> objection(String kind) {
    if (byName.containsKey(kind)) {
      return Optional.empty();
    }
    String module = MODULES.get(kind);
    return Optional.of(
        "the storage kind \""
            + kind
            + "\" is not registered, so that it cannot be told what QEMU has open of it: "
            + (module == null
                ? "give its StorageKind to Options.withStorageKinds, or put the module that has it"
                    + " on the class path"
                : "put the module " + module + " on the class path")
            + "; registered are "
            + byName.keySet());
  }

  /**
   * The disks that lie on a storage of a kind that is not known.
   *
   * @param views the domain
   */
  public Set<Disk> unknown(DomainViews views) {
    Set<Disk> unknown = new LinkedHashSet<>();
    for (DomainView view : views.present()) {
      view.disks().stream()
          .filter(disk -> disk.layers().anyMatch(layer -> objection(layer).isPresent()))
          .forEach(unknown::add);
    }
    return unknown;
  }

  /**
   * The kind whose volumes a block driver of QEMU opens; empty for a driver of none.
   *
   * @param driver the driver
   */
  public Optional<StorageKind> ofDriver(String driver) {
    return Optional.ofNullable(byDriver.get(driver));
  }

  /**
   * What words of QEMU mean that the driver of one of the kinds has said; empty for any others.
   *
   * @param words the words of an error, without what is between quotation marks
   */
  public Optional<Condition> condition(String words) {
    return byName.values().stream()
        .flatMap(kind -> meaning(kind, words).stream())
        .findFirst()
        .map(StorageKinds::condition);
  }

  /** A program error of a backend must not end a request in the middle of a change. */
  private static Optional<StorageProbe.Reason> meaning(StorageKind kind, String words) {
    try {
      return kind.meaning(words);
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }

  private static Condition condition(StorageProbe.Reason meaning) {
    return switch (meaning) {
      case UNREACHABLE -> Condition.STORAGE_UNREACHABLE;
      case IN_USE -> Condition.VOLUME_IN_USE;
      case NOT_FOUND -> Condition.VOLUME_NOT_FOUND;
      case ACCESS_DENIED -> Condition.ACCESS_DENIED;
      case UNSUPPORTED, NOT_PRIMARY -> Condition.BAD_REQUEST;
      case CANNOT_ASK -> Condition.HOST_INCOMPLETE;
      case NOT_KNOWN -> Condition.STORAGE_NOT_CONNECTED;
    };
  }
}
