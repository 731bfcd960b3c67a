// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.DeviceAddress;
import java.util.Optional;

/**
 * The volume is attached: every view that applies was read again and holds exactly the planned
 * disk.
 *
 * @param targetDev the target dev; a label, which does not decide the guest's device name
 * @param address where the disk sits
 * @param guestPath where a Linux guest with udev finds it; empty for a disk that has no serial, or
 *     has a vendor, product or WWN from another tool
 * @param fixed whether the disk cannot be unplugged while the domain runs, now or from the next
 *     start on: it sits on a bus without hot-plug
 * @param observed what was read
 */
public record Attached(
    String targetDev,
    DeviceAddress address,
    Optional<String> guestPath,
    boolean fixed,
    Observation observed)
    implements AttachOutcome {

  @Override
  public Kind kind() {
    return Kind.DONE;
  }
}
