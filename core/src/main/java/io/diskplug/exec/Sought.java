// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.SourceIdentity;

/** What a request is about: how its disk is recognized in the views, and in QEMU. */
interface Sought {

  /** What it is, for people. */
  String description();

  /** The device in QEMU; also what unplug requests for it are remembered by. */
  String alias();

  /** Its source. */
  SourceIdentity identity();

  /** Where it is in each view that there is. */
  VolumeSearch.Result locate(DomainViews views);

  /** Whether a live view has nothing to do with it. */
  boolean isAbsent(DomainView live);
}
