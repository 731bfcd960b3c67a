// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

/** What a guest does when it is asked to release a PCI disk. A SCSI disk needs no guest. */
public enum GuestBehaviour {
  /** It releases the disk at once, as soon as it runs. */
  RELEASES,
  /** It keeps the disk until {@link SimulatedDomain#answerUnplugs()}. */
  RELEASES_LATE,
  /** It takes no notice, as one that is booting. */
  FORGETS
}
