// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/**
 * What a caller of a request waives: a rejection that it overrides because it knows more than the
 * daemon, or a quality of what it asks for. Where a rejection is overridden, the proof of a detach
 * is {@link Proof#STORAGE} at best, and else {@link Proof#XML}.
 */
public enum Waiver {
  /**
   * Requests are served though the domain was saved to a file ({@link Rejected.Reason#SAVED}). The
   * caller knows that the file is deleted, or that the domain will not be restored from it.
   */
  SAVED_STATE,
  /**
   * Requests are served though the domain was migrated to another host ({@link
   * Rejected.Reason#MIGRATED}). The caller knows that QEMU of the other host does not use the
   * volume.
   */
  MIGRATION,
  /**
   * A disk need not be such that it can be unplugged while the domain runs. If a domain that is
   * shut off has no free place with hot-plug, and none can be added, the disk gets a place without
   * it, instead of {@link Rejected.Reason#NO_ROOM}. It can be detached while the domain is shut
   * off. Changes nothing for a domain that runs, nor for one that has only places without hot-plug,
   * which are used without this waiver. Has no influence on proofs.
   */
  HOT_UNPLUG,
  /**
   * A volume grows though the storage has not told its size ({@link Rejected.Reason#SIZE_UNKNOWN}).
   * The caller knows that the volume is not larger than it is to grow to: libvirt and QEMU would
   * cut it off. Has no influence on proofs.
   */
  UNKNOWN_SIZE
}
