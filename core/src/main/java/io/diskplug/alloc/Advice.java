// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

/**
 * Something that would help a disk to a place. Each was tried on the domain as it would be then,
 * except {@link Kind#ADD_SCSI_CONTROLLER}, which is given as a rule, and {@link Kind#OTHER_DOMAIN}.
 *
 * @param kind what is to be done, for a program
 * @param text the same, for a person
 */
public record Advice(Kind kind, String text) {

  /** What is to be done. */
  public enum Kind {
    /** Shut the domain down, and ask for the disk while it is shut off. */
    SHUT_DOWN,
    /** The same, and waive what {@link #WAIVE_UNPLUG} says. */
    SHUT_DOWN_AND_WAIVE_UNPLUG,
    /** Shut the domain down and start it again: then its live view has what its persistent has. */
    RESTART,
    /** Add a PCI controller to the persistent view, shut the domain down and start it again. */
    ADD_PCI_CONTROLLER,
    /** Waive that the disk can be unplugged while the domain runs. */
    WAIVE_UNPLUG,
    /** Detach a device that holds one of the places. */
    FREE_A_PLACE,
    /** Ask for the disk on the SCSI bus. */
    SCSI_BUS,
    /** Add a SCSI controller. */
    ADD_SCSI_CONTROLLER,
    /** Nothing helps this domain: it takes another one. */
    OTHER_DOMAIN
  }

  @Override
  public String toString() {
    return text;
  }
}
