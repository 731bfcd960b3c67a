// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many more disks a domain can take.
 *
 * @param virtio as virtio disks
 * @param scsi as SCSI disks
 */
public record Capacity(Room virtio, Room scsi) {

  /**
   * The room on one kind of bus.
   *
   * @param free how many more disks can be placed, one after the other, at places that are free in
   *     every view that applies
   * @param live how many the live view alone has places for; null if there is no live view
   * @param persistent how many the persistent view alone has places for, without the buses that
   *     libvirt may add to it while the domain is shut off; null if there is no persistent view
   * @param buses the buses that all views that apply have, which {@code free} counts
   */
  public record Room(
      int free, @Nullable Integer live, @Nullable Integer persistent, List<Bus> buses) {

    /** Copies the list. */
    public Room {
      buses = List.copyOf(buses);
    }
  }

  /**
   * A bus that disks can be plugged into.
   *
   * @param name what it is, for people: {@code PCI bus 3 (pcie-root-port)}
   * @param places how many devices it can hold in all
   * @param free how many places are free in every view that applies
   */
  public record Bus(String name, int places, int free) {}
}
