// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/**
 * What a domain is doing.
 *
 * @param state its run state
 * @param reason why it is in this state
 * @param id the id that libvirt gives each start of a domain, -1 while there is no QEMU process:
 *     two equal ids speak of one and the same start
 * @param persistent whether it has a persistent view
 * @param managedSave whether the domain is shut off and a managed-save image exists: its saved
 *     memory holds every disk that the domain had, and the next start brings them back
 * @param memorySnapshots how many snapshots with memory exist of a domain that is shut off: each
 *     holds every disk that the domain had, and reverting to it brings them back. Not read, and 0,
 *     while the domain is active
 */
public record DomainStatus(
    RunState state,
    StateReason reason,
    int id,
    boolean persistent,
    boolean managedSave,
    int memorySnapshots) {

  /**
   * A domain without snapshots that have memory.
   *
   * @param state its run state
   * @param reason why it is in this state
   * @param id the id of this start, -1 while there is no QEMU process
   * @param persistent whether it has a persistent view
   * @param managedSave whether it is shut off and a managed-save image exists
   */
  public DomainStatus(
      RunState state, StateReason reason, int id, boolean persistent, boolean managedSave) {
    this(state, reason, id, persistent, managedSave, 0);
  }

  /** Whether a QEMU process exists, so that there is a live view. */
  public boolean active() {
    return id >= 0;
  }

  /**
   * Whether disks of the domain may be held by what no view shows: a managed-save image, a file
   * that it was saved to, a snapshot with memory of a domain that is shut off, or QEMU of the host
   * that it was migrated to.
   */
  public boolean holdsMoreThanViewsShow() {
    return managedSave
        || memorySnapshots > 0
        || (!active() && (reason == StateReason.SAVED || reason == StateReason.MIGRATED));
  }

  /** State and reason, and what is stored of the domain's memory: {@code SHUT_OFF (SAVED)}. */
  public String description() {
    StringBuilder text = new StringBuilder(state + " (" + reason + ")");
    if (managedSave) {
      text.append(", with a managed-save image");
    }
    if (memorySnapshots > 0) {
      text.append(", with ").append(memorySnapshots);
      text.append(
          memorySnapshots == 1 ? " snapshot that has memory" : " snapshots that have memory");
    }
    return text.toString();
  }
}
