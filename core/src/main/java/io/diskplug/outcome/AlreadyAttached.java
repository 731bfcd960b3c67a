// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.DeviceAddress;
import java.util.List;
import java.util.Optional;

/**
 * The volume was attached before, in every view that applies: with the same source, bus, read-only
 * and shareable, and the serial that was asked for, or one that is made of the volume id, or none
 * if the disk was adopted. Nothing was changed.
 *
 * @param targetDev the target dev
 * @param address where the disk sits
 * @param guestPath where a Linux guest with udev finds it; empty for a disk that has no serial, or
 *     has a vendor, product or WWN from another tool
 * @param fixed whether the disk cannot be unplugged while the domain runs, now or from the next
 *     start on: it sits on a bus without hot-plug
 * @param differences what differs from the request without making it another disk: cache mode,
 *     limits, a place that is not the same in both views
 * @param observed what was read
 */
public record AlreadyAttached(
    String targetDev,
    DeviceAddress address,
    Optional<String> guestPath,
    boolean fixed,
    List<Difference> differences,
    Observation observed)
    implements AttachOutcome {

  /** Copies the list. */
  public AlreadyAttached {
    differences = List.copyOf(differences);
  }

  @Override
  public Kind kind() {
    return Kind.DONE;
  }
}
