// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a request is about: how its disk is recognized in a view, and what it is called in QEMU.
 *
 * @param description what it is, for people
 * @param alias the device in QEMU; also what unplug requests for it are remembered by
 * @param identity its source
 * @param search finds it in a view
 */
record Sought(
    String description,
    String alias,
    SourceIdentity identity,
    Function<DomainView, VolumeSearch.Location> search) {

  /** A volume: the disk that is it, wherever it is attached. */
  static Sought volume(VolumeRef volume) {
    SourceIdentity identity = volume.identity();
    return new Sought(
        "volume " + volume.id() + " (" + identity.kind() + " " + identity.name() + ")",
        identity.alias(),
        identity,
        view -> VolumeSearch.locate(view, volume));
  }

  /**
   * Exactly this disk, as it was seen: none that has come to its target dev since.
   *
   * @throws IllegalArgumentException if it has no source
   */
  static Sought disk(Disk disk) {
    SourceIdentity identity =
        new SourceIdentity(disk.source().kind(), "", disk.source().canonicalName());
    String alias = disk.alias();
    return new Sought(
        "disk " + disk.targetDev() + " (" + identity.kind() + " " + identity.name() + ")",
        alias == null ? identity.alias() : alias,
        identity,
        view ->
            view.disks().stream()
                .filter(other -> isSame(disk, other))
                .findFirst()
                .<VolumeSearch.Location>map(VolumeSearch.Found::new)
                .orElseGet(VolumeSearch.Absent::new));
  }

  /** The alias that libvirt makes up is shown in the live view only. */
  static boolean isSame(Disk one, Disk other) {
    return one.targetDev().equals(other.targetDev())
        && one.source().kind().equals(other.source().kind())
        && one.source().canonicalName().equals(other.source().canonicalName())
        && Objects.equals(one.serial(), other.serial())
        && Objects.equals(one.address(), other.address())
        && Objects.equals(userAlias(one), userAlias(other));
  }

  private static @Nullable String userAlias(Disk disk) {
    String alias = disk.alias();
    return alias != null && alias.startsWith("ua-") ? alias : null;
  }

  VolumeSearch.Result locate(DomainViews views) {
    Map<View, VolumeSearch.Location> locations = new EnumMap<>(View.class);
    views.present().forEach(view -> locations.put(view.view(), search.apply(view)));
    return new VolumeSearch.Result(locations);
  }
}
