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
   * @param persistent how many the persistent view alone has places for; null if there is no
   *     persistent view
   * @param mayGrow whether more may be placed on buses that libvirt adds to the configuration: of a
   *     domain that runs, those that its guest has already
   * @param buses the buses that every view that applies has, and that {@code free} counts. If a
   *     domain that is shut off has no bus with hot-plug, and none can be added, they are those
   *     from which a disk cannot be unplugged while the domain runs
   */
  public record Room(
      int free,
      @Nullable Integer live,
      @Nullable Integer persistent,
      boolean mayGrow,
      List<Bus> buses) {

    /** Copies the list. */
    public Room {
      buses = List.copyOf(buses);
    }
  }

  /**
   * A bus that disks can be plugged into.
   *
   * @param name what it is, for people: {@code PCI bus 3 (pcie-root-port)}
   * @param places how many disks it could hold in all
   * @param free how many places are free in every view that applies
   */
  public record Bus(String name, int places, int free) {}
}
