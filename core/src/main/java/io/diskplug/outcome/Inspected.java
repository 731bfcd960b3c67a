// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.alloc.Capacity;
import io.diskplug.domain.DomainStatus;
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
 * @param proof {@link Proof#QEMU} if QEMU was asked; {@link Proof#DAEMON} or {@link Proof#XML} if
 *     the domain is shut off, by what the daemon's word is worth; {@link Proof#XML} if QEMU runs
 *     and was not asked, so that ghosts were not looked for
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
   * The disks that QEMU 9.1 and later refuse because of their serials. They are no disorder as long
   * as the host has an earlier QEMU.
   */
  public List<DiskReport> refusedByNewerQemu() {
    return disks.stream().filter(DiskReport::isRefusedByNewerQemu).toList();
  }

  /**
   * Whether a managed-save image, a file that the domain was saved to, a snapshot with memory of a
   * domain that is shut off, or another host after a migration may hold disks that no view shows.
   */
  public boolean mayHoldMoreThanViewsShow() {
    return observed.status().filter(DomainStatus::holdsMoreThanViewsShow).isPresent();
  }

  /**
   * Whether everything was looked at, QEMU too, and there is nothing that an operator should look
   * at.
   */
  public boolean isClean() {
    return whyNotAsked.isEmpty()
        && !mayHoldMoreThanViewsShow()
        && disks.stream().noneMatch(disk -> disk.heldByQemu().equals(Optional.of(false)))
        && disks.stream().noneMatch(DiskReport::isCutOff)
        && disks.stream().noneMatch(DiskReport::isNotPrimary)
        && drift().isEmpty()
        && unplugs.stream().allMatch(unplug -> unplug.freedSlot().isPresent())
        && ghosts.isEmpty()
        && suspects.isEmpty();
  }

  @Override
  public Kind kind() {
    return Kind.DONE;
  }
}
