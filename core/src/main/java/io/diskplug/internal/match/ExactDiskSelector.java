// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.match.VolumeSearch.Absent;
import io.diskplug.internal.match.VolumeSearch.Found;
import io.diskplug.internal.match.VolumeSearch.Location;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Exactly this disk, as it was seen, and none that has come to its target dev since.
 *
 * @param disk the disk
 */
public record ExactDiskSelector(Disk disk) implements DiskSelector {

  @Override
  public String description() {
    return "disk " + disk.targetDev() + " (" + identity().kind() + " " + identity().name() + ")";
  }

  @Override
  public String alias() {
    String alias = disk.alias();
    return alias == null ? identity().alias() : alias;
  }

  @Override
  public SourceIdentity identity() {
    StorageSource source = disk.source();
    return new SourceIdentity(source.kind(), "", source.canonicalName());
  }

  @Override
  public String unplugKey() {
    return DiskSelector.unplugKey(disk.source());
  }

  /** XML does not show what tells a cluster from another. */
  @Override
  public Optional<VolumeRef> knownVolume() {
    return Optional.empty();
  }

  @Override
  public VolumeSearch.Result locate(DomainViews views) {
    Map<View, Location> locations = new EnumMap<>(View.class);
    for (DomainView view : views.present()) {
      locations.put(view.view(), in(view).<Location>map(Found::new).orElseGet(Absent::new));
    }
    return new VolumeSearch.Result(locations);
  }

  @Override
  public boolean isAbsent(DomainView live) {
    return in(live).isEmpty();
  }

  private Optional<Disk> in(DomainView view) {
    return view.disks().stream().filter(this::is).findFirst();
  }

  public boolean is(Disk other) {
    return disk.device().equals(other.device())
        && disk.targetDev().equals(other.targetDev())
        && disk.source().isSpelledAs(other.source())
        && Objects.equals(disk.serial(), other.serial())
        && Objects.equals(disk.address(), other.address())
        && Objects.equals(disk.userAlias(), other.userAlias());
  }

  /** {@code VIR_DOMAIN_XML_SECURE} alone shows them. */
  public static boolean mayHaveCookies(Disk disk) {
    return disk.source().kind().matches("https?|t?ftps?");
  }
}
