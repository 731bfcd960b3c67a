// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.Disk;
import io.diskplug.domain.StorageSource;
import io.diskplug.internal.model.GuestSerial;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One disk of a domain, in every view that has it. The two views' disks are taken for one if they
 * have the same user alias, the same source, or, where neither is this library's, the same target
 * dev.
 *
 * @param live the disk in the live view
 * @param persistent the disk in the persistent view
 * @param drift how the two views disagree about it
 * @param differences in what the live one differs from the persistent one, where both views have it
 * @param heldByQemu whether QEMU has a device of its alias, if it was asked and can tell
 * @param unplugPending whether its guest was asked to release it, in this run of the domain or
 *     before the domain was saved or migrated
 * @param storage what its storage says of the clients that have it open, if a probe was asked
 * @param fixed whether it cannot be unplugged while the domain runs, now or from the next start on:
 *     it sits on a PCI bus or a SCSI controller (ibmvscsi) without hot-plug, or on the ide, sata or
 *     fdc bus
 */
public record DiskReport(
    Optional<Disk> live,
    Optional<Disk> persistent,
    Drift drift,
    List<Difference> differences,
    Optional<Boolean> heldByQemu,
    boolean unplugPending,
    Optional<StorageSight> storage,
    boolean fixed) {

  /** How the views disagree. */
  public enum Drift {
    /** Not at all, or the domain has one view. */
    NONE,
    /** The next start will be without it. */
    LIVE_ONLY,
    /** The guest has it at the next start, and not now. */
    PERSISTENT_ONLY,
    /** Both views have it, and not in the same way. */
    DIFFERENT
  }

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if no view has it
   */
  public DiskReport {
    differences = List.copyOf(differences);
    if (live.isEmpty() && persistent.isEmpty()) {
      throw new IllegalArgumentException("a disk that no view has");
    }
  }

  /**
   * The same with what its storage says.
   *
   * @param seen what the storage says
   */
  public DiskReport withStorage(StorageSight seen) {
    return new DiskReport(
        live, persistent, drift, differences, heldByQemu, unplugPending, Optional.of(seen), fixed);
  }

  /**
   * Whether the domain runs with the disk, and its storage knows of no client that has it open: its
   * reads and writes do not reach the storage.
   */
  public boolean isCutOff() {
    return storage.filter(seen -> seen.inUse().equals(Optional.of(false))).isPresent();
  }

  /**
   * Whether the domain runs with the disk, may write to it, and each write fails, because the
   * volume was demoted or follows another one by mirroring.
   */
  public boolean isNotPrimary() {
    return live.filter(disk -> !disk.readOnly()).isPresent()
        && storage.filter(StorageSight::notPrimary).isPresent();
  }

  /** The disk, as the live view has it, else as the persistent one does. */
  public Disk disk() {
    return live.or(() -> persistent).orElseThrow();
  }

  /** What it is called in lists. */
  public String targetDev() {
    return disk().targetDev();
  }

  /** The storage behind it. */
  public StorageSource source() {
    return disk().source();
  }

  /** Whether it was attached, or taken over, by this library. */
  public boolean isOwn() {
    return Stream.of(live, persistent).flatMap(Optional::stream).anyMatch(Disk::hasOwnAlias);
  }

  /**
   * Whether QEMU 9.1 and later refuse it because of its serial: they neither start the domain with
   * it nor plug it in. A QEMU that has it keeps it. Detach it, and attach it with another serial
   * ({@code DiskOptions.withSerial}).
   */
  public boolean isRefusedByNewerQemu() {
    return Stream.of(live, persistent)
        .flatMap(Optional::stream)
        .anyMatch(GuestSerial::isRefusedByNewerQemu);
  }

  /**
   * Whether it is what an interrupted request of this library leaves: a disk of its own in one of
   * two views, which no guest is about to release. The request made again mends it; so does a
   * repair.
   */
  public boolean isOrphan() {
    return isOwn()
        && !unplugPending
        && (drift == Drift.LIVE_ONLY || drift == Drift.PERSISTENT_ONLY);
  }
}
