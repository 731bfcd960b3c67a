// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.alloc.Capacity;
import io.diskplug.qemu.Ghost;
import java.util.List;
import java.util.Optional;

/**
 * What a domain has. Nothing was changed.
 *
 * @param disks every disk, CD-ROM and floppy drive of the two views, in the order of the live view
 * @param unplugs the unplug requests that are noted in the domain
 * @param ghosts what QEMU has of disks and no view explains, proven by three readings of QEMU with
 *     readings of the XML in between
 * @param suspects the same, not proven: it was not there long enough, or a block job runs
 * @param capacity how many more disks the domain can take
 * @param proof {@link Proof#QEMU} if QEMU was asked, or there is no QEMU process; else {@link
 *     Proof#XML}, and ghosts were not looked for
 * @param whyNotAsked why QEMU was not asked, if it was not
 * @param observed what was read
 */
public record Inspected(
    List<DiskReport> disks,
    List<NotedUnplug> unplugs,
    List<Ghost> ghosts,
    List<Ghost> suspects,
    Capacity capacity,
    Proof proof,
    Optional<String> whyNotAsked,
    Observation observed)
    implements InspectOutcome {

  /** Copies the lists. */
  public Inspected {
    disks = List.copyOf(disks);
    unplugs = List.copyOf(unplugs);
    ghosts = List.copyOf(ghosts);
    suspects = List.copyOf(suspects);
  }

  /** The disks about which the views disagree. */
  public List<DiskReport> drift() {
    return disks.stream().filter(disk -> disk.drift() != DiskReport.Drift.NONE).toList();
  }

  /** What interrupted requests of this library have left. */
  public List<DiskReport> orphans() {
    return disks.stream().filter(DiskReport::isOrphan).toList();
  }

  /**
   * Whether everything was looked at, QEMU too, and there is nothing that somebody should look at.
   */
  public boolean isClean() {
    return whyNotAsked.isEmpty()
        && disks.stream().noneMatch(disk -> disk.heldByQemu().equals(Optional.of(false)))
        && drift().isEmpty()
        && unplugs.stream().allMatch(unplug -> unplug.freedSlot().isPresent())
        && ghosts.isEmpty()
        && suspects.isEmpty();
  }
}
