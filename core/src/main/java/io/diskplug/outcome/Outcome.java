// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import java.time.Duration;
import java.util.Optional;

/**
 * What a request came to. {@link #kind()} says what to do next; the type and its reason (of a
 * {@link Pending}, what it waits for) say why. Later versions may add types and reasons, never a
 * kind.
 */
public sealed interface Outcome
    permits AttachOutcome,
        DetachOutcome,
        PlanOutcome,
        InspectOutcome,
        RepairOutcome,
        MendOutcome,
        ChangeOutcome {

  /** What a caller does next. Closed: no version adds a constant. */
  enum Kind {
    /** What was asked for is the case, and was verified: go on. */
    DONE,
    /**
     * What was asked for is not known to be the case: send the same request again after {@link
     * Outcome#retryAfter()}. It proves nothing: a disk may be attached by then, or still be. After
     * {@link Unavailable.Reason#CLOSED} it is worth sending by another {@code DiskPlug} alone.
     */
    RETRY,
    /** It fails again until something else changes: do not repeat it, tell an operator. */
    NEVER
  }

  /** What a caller does next. */
  Kind kind();

  /**
   * After how long the same request is worth sending again: present exactly if {@link #kind()} is
   * {@link Kind#RETRY}. Always positive. To send it earlier does no harm, and is of no use.
   */
  default Optional<Duration> retryAfter() {
    return Optional.empty();
  }

  /** What was observed last. */
  Observation observed();
}
