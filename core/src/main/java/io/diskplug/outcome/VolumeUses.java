// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.VolumeRef;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Which domains of a daemon have a volume, as far as they could be read. Nothing was changed.
 *
 * <p><strong>That a volume is found nowhere proves nothing.</strong> It may be open in a QEMU that
 * no view shows it in (a ghost, which {@code inspect} and {@code detach} find), in a domain of
 * another host or of another daemon, in a domain that the daemon does not show to this client, that
 * was defined meanwhile or that is in {@link #unread}, and in a program that is no domain. A saved
 * state brings it back. Only the outcome of a detach allows that a volume is unmapped or deleted.
 *
 * @param volume the volume that was looked for
 * @param domains the domains that have it, or may have it, by their names
 * @param read how many domains were read, those without the volume included
 * @param unread by their names, the domains that could not be read, and why; one that was gone when
 *     it was its turn is not among them
 * @param unlisted why the daemon did not tell its domains, in words, if it did not; then nothing is
 *     known
 */
public record VolumeUses(
    VolumeRef volume,
    List<InDomain> domains,
    int read,
    Map<String, NotDone> unread,
    Optional<String> unlisted) {

  /** Copies the collections. */
  public VolumeUses {
    domains = List.copyOf(domains);
    unread = Collections.unmodifiableMap(new TreeMap<>(unread));
  }

  /**
   * What one domain has of the volume.
   *
   * @param name the domain's name when the daemon listed it
   * @param uuid the domain's UUID
   * @param status what the domain was doing when it was read
   * @param live the disk of the live view that is the volume, or has to do with it
   * @param persistent the same of the persistent view
   * @param conflict if one of the two is not the volume's own disk, what it is: another tool's disk
   *     with this source, a disk whose source is not the volume's any more, one that may be the
   *     volume; a detach is rejected for it, with these words
   * @param unresolved the disks, and devices with storage of their own, of which no view tells
   *     whether they are the volume under another name
   */
  public record InDomain(
      String name,
      UUID uuid,
      DomainStatus status,
      Optional<Disk> live,
      Optional<Disk> persistent,
      Optional<String> conflict,
      List<Disk> unresolved) {

    /** Copies the list. */
    public InDomain {
      unresolved = List.copyOf(unresolved);
    }

    /** The domain, for a request. */
    public DomainRef ref() {
      return DomainRef.uuid(uuid);
    }

    /** Whether a view shows the volume, or what has to do with it. */
    public boolean isShown() {
      return live.isPresent() || persistent.isPresent();
    }

    /**
     * Whether the domain may have the volume where no view shows it: a disk cannot be told, or a
     * managed-save image, a file that the domain was saved to, a snapshot with memory of a domain
     * that is shut off, or another host after a migration may hold disks that no view shows. Ghosts
     * are not looked for.
     */
    public boolean mayHaveMoreThanIsShown() {
      return !unresolved.isEmpty() || status.holdsMoreThanViewsShow();
    }
  }

  /** The domains of which a view shows the volume, or what has to do with it. */
  public List<InDomain> shown() {
    return domains.stream().filter(InDomain::isShown).toList();
  }

  /** Whether the daemon has told its domains, and each of them was read. */
  public boolean isComplete() {
    return unlisted.isEmpty() && unread.isEmpty();
  }
}
