// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import java.time.Duration;
import java.util.Optional;

/**
 * Not now: the same request may succeed later.
 *
 * @param reason why, for a program
 * @param explanation why, for a person
 * @param retryAfter after how long the same request is worth sending again; always present
 * @param observed what was read
 */
public record Unavailable(
    Reason reason, String explanation, Optional<Duration> retryAfter, Observation observed)
    implements NotDone {

  /**
   * Checks that there is a positive pause.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Unavailable {
    if (retryAfter.filter(pause -> !pause.isNegative() && !pause.isZero()).isEmpty()) {
      throw new IllegalArgumentException("retry after " + retryAfter + ": not a positive time");
    }
  }

  /**
   * With a pause.
   *
   * @param reason why, for a program
   * @param explanation why, for a person
   * @param retryAfter after how long the same request is worth sending again
   * @param observed what was read
   * @throws IllegalArgumentException if the pause is not positive
   */
  public Unavailable(Reason reason, String explanation, Duration retryAfter, Observation observed) {
    this(reason, explanation, Optional.of(retryAfter), observed);
  }

  /** Why. */
  public enum Reason {
    /** The daemon cannot be reached. */
    CONNECTION_LOST,
    /** Another job, of libvirt or of another client, holds the domain. */
    DOMAIN_BUSY,
    /** Earlier requests of this process on the domain are not finished, or too many wait. */
    LANE_BUSY,
    /** An earlier call on the domain has not returned yet. */
    CALL_OUTSTANDING,
    /** The storage cannot be reached. */
    STORAGE_UNREACHABLE,
    /** Another client uses the volume, or the domain's own QEMU still has it open. */
    VOLUME_IN_USE,
    /**
     * The guest has not answered an unplug request yet, for this volume, for another disk of the
     * guest or for the only free slot; or another process takes the volume out of QEMU.
     */
    UNPLUG_IN_PROGRESS,
    /** The domain is being started, stopped, saved or migrated, or changed while it was read. */
    DOMAIN_CHANGING,
    /** QEMU could not be asked what it has. */
    QEMU_UNANSWERED,
    /**
     * The storage could not be asked, or has not said what it was asked; or the daemon has not said
     * what a storage pool is.
     */
    STORAGE_UNANSWERED,
    /** libvirt reported an error that is not known to last. */
    FAULT,
    /** A view of the domain could not be understood. */
    UNREADABLE,
    /** The calling thread was interrupted before anything was changed. */
    INTERRUPTED,
    /** The deadline passed before this step of a repair, or this domain of a search, was begun. */
    NOT_BEGUN,
    /** This library was closed. */
    CLOSED
  }

  @Override
  public Kind kind() {
    return Kind.RETRY;
  }
}
