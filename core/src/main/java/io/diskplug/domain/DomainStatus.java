// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/**
 * What a domain is doing.
 *
 * @param state its run state
 * @param id the id that libvirt gives each start of a domain, -1 while there is no QEMU process:
 *     two equal ids speak of one and the same start
 * @param persistent whether it has a persistent view
 * @param managedSave whether the domain is shut off and a managed-save image exists: its saved
 *     memory holds every disk that the domain had, and the next start brings them back
 */
public record DomainStatus(RunState state, int id, boolean persistent, boolean managedSave) {

  /** Whether a QEMU process exists, so that there is a live view. */
  public boolean active() {
    return id >= 0;
  }
}
