// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.fault.LibvirtFault;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What a request saw, for a log line and for a program. Its {@code toString} shows no secret.
 *
 * @param asked the domain as the caller named it
 * @param domain the domain's UUID, once it is known
 * @param status what the domain was doing when it was last read
 * @param live the volume's disk in the live view, if it was seen there
 * @param persistent the volume's disk in the persistent view, if it was seen there
 * @param heldByQemu what QEMU said about the volume, if it was asked
 * @param storage what the storage said about who has the volume open, if a detach has asked it
 * @param evicted what was taken out of QEMU that libvirt did not know of, by the names of the
 *     devices and block nodes; asked for, and for a device not granted before the guest releases it
 * @param faults the faults of libvirt on the way, oldest first
 * @param attempts for what is not done yet, how often it was tried, since when, and what helps
 * @param unresolved the disks, and devices with storage of their own, of which no view tells
 *     whether they are the volume under another name; of an inspection, whether they are any
 *     volume, and those of a storage kind that is not registered
 * @param controllers in words, the SCSI controllers that an attach has plugged for its disk, and
 *     those that appeared below the index of one or of the disk meanwhile, which libvirt plugs by
 *     itself where an index is missing
 * @param experimental in words, that the domain's machine type is experimental; empty for others,
 *     and where the domain was not read
 */
public record Observation(
    DomainRef asked,
    Optional<UUID> domain,
    Optional<DomainStatus> status,
    Optional<Disk> live,
    Optional<Disk> persistent,
    Optional<Boolean> heldByQemu,
    Optional<String> storage,
    List<String> evicted,
    List<LibvirtFault> faults,
    Optional<Attempts> attempts,
    List<Disk> unresolved,
    List<String> controllers,
    Optional<String> experimental) {

  /**
   * An observation without attempts, where every disk is told.
   *
   * @param asked the domain as the caller named it
   * @param domain the domain's UUID
   * @param status what the domain was doing
   * @param live the volume's disk in the live view
   * @param persistent the volume's disk in the persistent view
   * @param heldByQemu what QEMU said about the volume
   * @param storage what the storage said
   * @param evicted what was taken out of QEMU
   * @param faults the faults on the way
   */
  public Observation(
      DomainRef asked,
      Optional<UUID> domain,
      Optional<DomainStatus> status,
      Optional<Disk> live,
      Optional<Disk> persistent,
      Optional<Boolean> heldByQemu,
      Optional<String> storage,
      List<String> evicted,
      List<LibvirtFault> faults) {
    this(
        asked,
        domain,
        status,
        live,
        persistent,
        heldByQemu,
        storage,
        evicted,
        faults,
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty());
  }

  /** Copies the lists. */
  public Observation {
    unresolved = List.copyOf(unresolved);
    evicted = List.copyOf(evicted);
    controllers = List.copyOf(controllers);
    faults = List.copyOf(faults);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("domain ").append(asked);
    status.ifPresent(s -> text.append(' ').append(s.description()));
    boolean ofVolume =
        live.isPresent() || persistent.isPresent() || heldByQemu.isPresent() || storage.isPresent();
    if (status.isPresent() && ofVolume) {
      text.append(", live ").append(place(live));
      text.append(", persistent ").append(place(persistent));
    }
    heldByQemu.ifPresent(held -> text.append(held ? ", held by QEMU" : ", not held by QEMU"));
    storage.ifPresent(said -> text.append(", the storage: ").append(said));
    if (!evicted.isEmpty()) {
      text.append(", evicted from QEMU ").append(String.join(" ", evicted));
    }
    controllers.forEach(controller -> text.append(", ").append(controller));
    if (!unresolved.isEmpty()) {
      text.append(", may be the volume under another name: ")
          .append(
              unresolved.stream()
                  .map(
                      disk ->
                          disk.targetDev()
                              + " ("
                              + disk.source().kind()
                              + " "
                              + disk.source().canonicalName()
                              + ")")
                  .distinct()
                  .collect(Collectors.joining(" ")));
    }
    experimental.ifPresent(what -> text.append(", ").append(what));
    faults.forEach(fault -> text.append("; ").append(fault));
    attempts.ifPresent(tried -> text.append("; ").append(tried));
    return text.toString();
  }

  private static String place(Optional<Disk> disk) {
    return disk.map(d -> d.targetDev() + "@" + d.address()).orElse("absent");
  }
}
