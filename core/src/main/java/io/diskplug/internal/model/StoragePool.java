// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.StorageSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A storage pool of the daemon, as far as it says what its volumes are ({@code
 * virStorageTranslateDiskSourcePool}).
 *
 * @param type libvirt's type, for example {@code logical}
 * @param source the name in its source: a pool of Ceph, a volume group
 * @param devices the paths of its source's devices: the IQN of a target; what a volume group or a
 *     file system lies on
 * @param target the directory that its volumes are in
 */
public record StoragePool(
    String type, @Nullable String source, List<String> devices, @Nullable String target) {

  /** libvirt's name of a LUN: {@code unit:0:0:N}. */
  private static final Pattern UNIT = Pattern.compile("unit:\\d+:\\d+:(\\d+)");

  /** Copies the list. */
  public StoragePool {
    devices = List.copyOf(devices);
  }

  /**
   * What a volume of the pool is, by the pool's definition alone.
   *
   * @param volume the name of the volume
   * @return empty if the definition does not say it
   */
  public Optional<StorageSource> volume(String volume) {
    return switch (type) {
      case "rbd" -> named("rbd", source, volume);
      case "gluster" -> named("gluster", source, volume);
      case "sheepdog" -> Optional.of(told("sheepdog", volume));
      case "iscsi", "iscsi-direct" -> lun(volume);
      case "dir", "fs", "netfs", "vstorage" -> onDevices(named("file", target, volume));
      case "logical", "disk", "zfs" -> onDevices(named("block", target, volume));
      // A path of the directory that the volumes of these are in is not made of their names.
      default -> Optional.empty();
    };
  }

  private Optional<StorageSource> lun(String volume) {
    Matcher unit = UNIT.matcher(volume);
    return unit.matches() && !devices.isEmpty()
        ? named("iscsi", devices.get(0), unit.group(1))
        : Optional.empty();
  }

  /** The definition does not say which volume is on which device. */
  private Optional<StorageSource> onDevices(Optional<StorageSource> volume) {
    List<StorageSource> all = devices.stream().map(path -> told("block", path)).toList();
    return volume.map(told -> told.onAnyOf(all));
  }

  private static Optional<StorageSource> named(
      String kind, @Nullable String container, String volume) {
    return container == null || container.isEmpty()
        ? Optional.empty()
        : Optional.of(told(kind, container + "/" + volume));
  }

  private static StorageSource told(String kind, String name) {
    return new StorageSource(kind, name, null, List.of());
  }
}
