// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

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
 * @param mayBeFixed whether a place will do from which the disk cannot be unplugged while the
 *     domain runs. If the place is to be chosen, that matters only while the domain is shut off and
 *     has no other place. If an address is demanded, it must not be that of a disk that is to be
 *     plugged while the domain runs
 */
public record Demand(
    DiskBus bus,
    String alias,
    @Nullable String targetDev,
    @Nullable DeviceAddress address,
    boolean mayBeFixed) {

  /**
   * A demand for a place from which the disk can be unplugged, where the domain has such places.
   *
   * @param bus the bus to put it on
   * @param alias the user alias that the disk will have
   * @param targetDev the target dev to use, or null to choose the first free one
   * @param address the address to use, or null to choose the first free one
   */
  public Demand(
      DiskBus bus, String alias, @Nullable String targetDev, @Nullable DeviceAddress address) {
    this(bus, alias, targetDev, address, false);
  }

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
