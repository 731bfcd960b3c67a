// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.DeviceAddress;
import java.util.Optional;

/**
 * The disk is taken over: the persistent view has it under the alias of the volume, added there if
 * only the live view had it, and nothing else of it was changed. The live view keeps the alias that
 * it has until the domain is started anew.
 *
 * @param targetDev the target dev
 * @param address where the disk sits, if the persistent view says so
 * @param changed whether this request did it
 * @param observed what was read
 */
public record Adopted(
    String targetDev, Optional<DeviceAddress> address, boolean changed, Observation observed)
    implements AdoptOutcome {

  @Override
  public Kind kind() {
    return Kind.DONE;
  }
}
