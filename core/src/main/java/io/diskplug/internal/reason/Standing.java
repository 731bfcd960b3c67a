// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.reason;

import io.diskplug.domain.DomainStatus;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Waiver;
import java.util.Set;

/**
 * What a domain's state means for requests: whether they are served, and what the daemon's word is
 * worth that a volume is not in use. A pure function of the status.
 *
 * <p>A disk is not only in use where a view shows it. A file that {@code virsh save} made, a
 * managed-save image and a snapshot with memory hold the disks that the domain had, and bring them
 * back. After a migration another host's QEMU has them.
 */
public sealed interface Standing {

  /**
   * Requests are served.
   *
   * @param proof the strongest proof of a release that is to be had without the storage; {@code
   *     QEMU} is asked wherever it runs, whatever its answer is worth
   */
  record Served(Proof proof) implements Standing {}

  /**
   * Requests are rejected until an operator has done something, or the caller waives the check.
   *
   * @param reason why, for a program
   * @param explanation why, and what to do, for a person
   */
  record Refused(Rejected.Reason reason, String explanation) implements Standing {}

  /**
   * The domain is on its way from one state to another. Requests wait.
   *
   * @param explanation what it is doing
   */
  record Changing(String explanation) implements Standing {}

  /** The standing of a domain. */
  static Standing of(DomainStatus status, Set<Waiver> waived) {
    if (status.active()) {
      return ofActive(status, waived);
    }
    if (status.managedSave()) {
      return new Refused(
          Rejected.Reason.MANAGED_SAVE,
          "the domain has a managed-save image, which holds the disks it had when it was saved;"
              + " start the domain; or remove the image (virsh managedsave-remove): until its next"
              + " start the daemon then says SAVED, which Waiver.SAVED_STATE overrides");
    }
    return ofShutOff(status, waived);
  }

  private static Standing ofShutOff(DomainStatus status, Set<Waiver> waived) {
    return switch (status.reason()) {
      case SAVED ->
          waived.contains(Waiver.SAVED_STATE)
              ? new Served(Proof.XML)
              : new Refused(
                  Rejected.Reason.SAVED,
                  "the domain was saved to a file, or to a managed-save image that was removed; the"
                      + " file holds the disks it had, and a restore brings them back; restore the"
                      + " domain and ask again, or, if the file is deleted or will not be restored,"
                      + " start the domain or waive this check (Waiver.SAVED_STATE)");
      case MIGRATED ->
          waived.contains(Waiver.MIGRATION)
              ? new Served(Proof.XML)
              : new Refused(
                  Rejected.Reason.MIGRATED,
                  "the domain was migrated to another host, whose QEMU has its disks; ask the"
                      + " daemon of that host, or, if the domain does not use the volume there,"
                      + " waive this check (Waiver.MIGRATION)");
      case SHUTDOWN, DESTROYED, FROM_SNAPSHOT ->
          new Served(status.memorySnapshots() > 0 ? Proof.XML : Proof.DAEMON);
      default -> new Served(Proof.XML);
    };
  }

  private static Standing ofActive(DomainStatus status, Set<Waiver> waived) {
    return switch (status.reason()) {
      case STARTING_UP -> new Changing("the domain is being started, or a migration arrives");
      case MIGRATION ->
          new Changing(
              "the domain is paused for a migration: QEMU of two hosts have its disks until the"
                  + " migration ends");
      case POSTCOPY ->
          new Changing(
              "a post-copy migration is under way: QEMU of two hosts have the domain's disks until"
                  + " it ends");
      case SAVE ->
          new Changing(
              "the domain is being saved to a file, which will hold the disks it has; if the save"
                  + " has failed, and the domain could not go on (virsh domjobinfo shows no job),"
                  + " resume it");
      case POSTCOPY_FAILED ->
          waived.contains(Waiver.MIGRATION)
              ? new Served(Proof.XML)
              : new Refused(
                  Rejected.Reason.MIGRATED,
                  "a post-copy migration has failed half-way, and QEMU of two hosts have the"
                      + " domain's disks; recover the migration (virsh migrate --postcopy-resume),"
                      + " or destroy the domain on one host");
      default -> new Served(Proof.QEMU);
    };
  }
}
