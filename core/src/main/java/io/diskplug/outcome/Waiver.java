// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/**
 * A rejection that a caller overrides because it knows more than the daemon. The proof of a detach
 * is then {@link Proof#STORAGE} at best, and else {@link Proof#XML}.
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
  MIGRATION
}
