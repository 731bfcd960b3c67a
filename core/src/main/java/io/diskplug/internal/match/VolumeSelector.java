// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import java.util.Optional;

/**
 * A volume: the disk that is it, wherever it is attached.
 *
 * @param volume the volume
 * @param namesakes what the request makes of an image of the same name that may be in another
 *     cluster
 */
public record VolumeSelector(VolumeRef volume, Namesakes namesakes) implements DiskSelector {

  @Override
  public String description() {
    return "volume " + volume.id() + " (" + identity().kind() + " " + identity().name() + ")";
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
    return VolumeSearch.locate(views, volume, namesakes);
  }

  @Override
  public boolean isAbsent(DomainView live) {
    return VolumeSearch.locate(live, volume, namesakes) instanceof VolumeSearch.Absent;
  }
}
