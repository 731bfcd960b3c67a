// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a disk goes: free in every view that applies.
 *
 * @param targetDev the target dev
 * @param bus the bus
 * @param alias the user alias
 * @param address the address; null if it is left to libvirt, which happens only while the domain is
 *     shut off and the buses it has are full: libvirt then adds a bus, or refuses, and the address
 *     is to be read back
 * @param skipped what was passed over on the way, in the order it was tried; worked out when it is
 *     first looked at
 */
public record Placement(
    String targetDev,
    DiskBus bus,
    String alias,
    @Nullable DeviceAddress address,
    List<Skipped> skipped)
    implements Allocation {

  /** Copies the list. */
  public Placement {
    skipped = LazyList.copyOf(skipped);
  }

  /**
   * Something that would have been chosen if it were free.
   *
   * @param what the target dev or address
   * @param holder who holds it, and in which view
   */
  public record Skipped(String what, String holder) {}
}
