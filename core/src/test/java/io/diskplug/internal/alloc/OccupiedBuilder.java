// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.Placement;
import io.diskplug.domain.DeviceAddress;
import java.util.HashMap;
import java.util.Map;

/** Remembers placements as a batch does. */
final class OccupiedBuilder {

  private final Map<String, String> targetDevs = new HashMap<>();
  private final Map<DeviceAddress, String> addresses = new HashMap<>();
  private final Map<String, String> aliases = new HashMap<>();

  void add(Placement placement) {
    String holder = "planned for " + placement.targetDev();
    targetDevs.put(placement.targetDev(), holder);
    aliases.put(placement.alias(), holder);
    if (placement.address() != null) {
      addresses.put(placement.address(), holder);
    }
  }

  Occupied build() {
    return new Occupied(targetDevs, addresses, aliases);
  }
}
