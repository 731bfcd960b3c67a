// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.internal.collect.LazyList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a disk goes: free in every view that applies.
 *
 * @param targetDev the target dev
 * @param bus the bus
 * @param alias the user alias
 * @param address the address; null if it is left to libvirt, which happens only on POWER while the
 *     domain is shut off and the buses it has are full: libvirt then adds a host bridge, or
 *     refuses, and the address is to be read back
 * @param fixed whether the disk cannot be unplugged from there while the domain runs. Such a place
 *     is used only while the domain is shut off
 * @param added the controllers that libvirt adds to the configuration for the sake of this address,
 *     in the order of their indexes; usually none. A guest that runs has them already. Where they
 *     sit themselves is what libvirt is expected to choose
 * @param skipped what would have been chosen if it were free, in the order it was tried: the target
 *     dev or the address, and who holds it in which view ({@code vda: disk vda (live)}); worked out
 *     when it is first looked at
 */
public record Placement(
    String targetDev,
    DiskBus bus,
    String alias,
    @Nullable DeviceAddress address,
    boolean fixed,
    List<NewController> added,
    List<String> skipped) {

  /**
   * A place on a bus that is there, from which the disk can be unplugged.
   *
   * @param targetDev the target dev
   * @param bus the bus
   * @param alias the user alias
   * @param address the address, or null
   * @param skipped what was passed over on the way
   */
  public Placement(
      String targetDev,
      DiskBus bus,
      String alias,
      @Nullable DeviceAddress address,
      List<String> skipped) {
    this(targetDev, bus, alias, address, false, List.of(), skipped);
  }

  /** Copies the lists. */
  public Placement {
    added = List.copyOf(added);
    skipped = LazyList.copyOf(skipped);
  }
}
