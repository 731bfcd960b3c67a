// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import java.util.List;
import java.util.Optional;

/** What a request is about: how its disk is recognized in the views, and in QEMU. */
public interface DiskSelector {

  /** What it is, for people. */
  String description();

  /** The device in QEMU. */
  String alias();

  /** Its source. */
  SourceIdentity identity();

  /**
   * The volume that it is, by which a storage knows it; empty if no more than XML shows is known.
   */
  Optional<VolumeRef> knownVolume();

  /**
   * What unplug requests for it are remembered by: the same whether it is sought as a volume, whose
   * alias depends on what no XML shows, or as a disk that was seen.
   */
  default String unplugKey() {
    return unplugKey(new StorageSource(identity().kind(), identity().name(), null, List.of()));
  }

  /** The same for every spelling of a source. */
  static String unplugKey(StorageSource source) {
    return source.oneIdentity().alias();
  }

  /** Where it is in each view that there is. */
  public VolumeSearch.Result locate(DomainViews views);

  /** Whether a live view has nothing to do with it. */
  boolean isAbsent(DomainView live);
}
