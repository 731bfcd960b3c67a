// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import java.time.Duration;

/**
 * How much of what. Faults are spread over the load; one that finds no occasion is made up for,
 * until the load has lasted as long as it may at most.
 *
 * @param name what it is called
 * @param load how long the load lasts
 * @param most how long it lasts if the faults are not all done by then
 * @param controllerKills controllers that are killed and started again
 * @param daemonKills libvirtd killed and started again
 * @param daemonRestarts libvirtd told to end and started again
 * @param qemuKills QEMU processes killed, and their domains started again
 * @param osdStops stops of the Ceph OSD for some seconds
 * @param pauses guests paused for some seconds
 * @param resets guests reset
 * @param saves domains saved, and brought back some seconds later
 * @param backups backups or copies of a disk that last some seconds
 * @param moves disks that the other actors attach or detach
 * @param volumes how many there are on the three domains
 */
record Profile(
    String name,
    Duration load,
    Duration most,
    int controllerKills,
    int daemonKills,
    int daemonRestarts,
    int qemuKills,
    int osdStops,
    int pauses,
    int resets,
    int saves,
    int backups,
    int moves,
    int volumes) {

  private static final Profile SHORT =
      new Profile(
          "short",
          Duration.ofSeconds(75),
          Duration.ofSeconds(110),
          18,
          5,
          2,
          2,
          3,
          4,
          1,
          3,
          4,
          40,
          12);

  private static final Profile LONG =
      new Profile(
          "long",
          Duration.ofMinutes(18),
          Duration.ofMinutes(27),
          210,
          52,
          14,
          21,
          14,
          50,
          12,
          40,
          50,
          500,
          12);

  static Profile named(String name) {
    return switch (name) {
      case "short" -> SHORT;
      case "long" -> LONG;
      default -> throw new IllegalArgumentException("neither short nor long: " + name);
    };
  }

  /** The same faults, closer together or further apart. */
  Profile within(Duration other) {
    return new Profile(
        name,
        other,
        other.plus(other.dividedBy(2)),
        controllerKills,
        daemonKills,
        daemonRestarts,
        qemuKills,
        osdStops,
        pauses,
        resets,
        saves,
        backups,
        moves,
        volumes);
  }
}
