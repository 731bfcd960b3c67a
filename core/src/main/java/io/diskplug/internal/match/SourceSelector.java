// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.match.VolumeSearch.Absent;
import io.diskplug.internal.match.VolumeSearch.Ambiguous;
import io.diskplug.internal.match.VolumeSearch.Found;
import io.diskplug.internal.match.VolumeSearch.Location;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The disk that has the source of a volume, whosever it is. Drives for media are no such disk.
 *
 * @param volume the volume
 */
public record SourceSelector(VolumeRef volume) implements DiskSelector {

  @Override
  public String description() {
    return "the disk with the source " + identity().name();
  }

  @Override
  public String alias() {
    return identity().alias();
  }

  @Override
  public SourceIdentity identity() {
    return volume.identity();
  }

  @Override
  public Optional<VolumeRef> knownVolume() {
    return Optional.of(volume);
  }

  @Override
  public VolumeSearch.Result locate(DomainViews views) {
    Map<View, Location> locations = new EnumMap<>(View.class);
    for (DomainView view : views.present()) {
      List<Disk> same = in(view);
      Location location = same.isEmpty() ? new Absent() : new Found(same.get(0));
      if (same.size() > 1) {
        location =
            new Ambiguous(
                same.get(0), "the " + view.view() + " view has the source more than once");
      }
      locations.put(view.view(), location);
    }
    return new VolumeSearch.Result(locations);
  }

  @Override
  public boolean isAbsent(DomainView live) {
    return in(live).isEmpty();
  }

  private List<Disk> in(DomainView view) {
    return view.disks().stream()
        .filter(Disk::isPluggable)
        .filter(disk -> identity().names(disk.source()))
        .toList();
  }
}
