// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the allocator: a place for one disk.
 *
 * @param bus the bus to put it on
 * @param alias the user alias that the disk will have
 * @param targetDev the target dev to use, or null to choose the first free one
 * @param address the address to use, or null to choose the first free one
 */
public record Demand(
    DiskBus bus, String alias, @Nullable String targetDev, @Nullable DeviceAddress address) {

  /**
   * A demand that leaves target dev and address to the allocator.
   *
   * @param bus the bus to put the disk on
   * @param alias the user alias that the disk will have
   */
  public static Demand of(DiskBus bus, String alias) {
    return new Demand(bus, alias, null, null);
  }
}
