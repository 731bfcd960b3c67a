// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import java.time.Duration;
import java.util.Optional;

/**
 * Unknown: a change may or may not have been made. Asking again finds out and converges.
 *
 * @param reason why it is unknown
 * @param explanation the same, for a person
 * @param observed what was read last, before it became unknown
 */
public record Indeterminate(Reason reason, String explanation, Observation observed)
    implements NotDone {

  /** Not at once: what was in the way, a daemon or a call, is likely to be there still. */
  static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  /** Why it is unknown. */
  public enum Reason {
    /** The deadline passed after a change was asked for and before it was verified. */
    DEADLINE,
    /** A call to libvirt did not return before the deadline. It may still have its effect. */
    CALL_OUTSTANDING,
    /** The calling thread was interrupted. */
    INTERRUPTED,
    /** The result was read back, and is not what was planned. */
    NOT_AS_PLANNED,
    /** This library was closed. */
    CLOSED
  }

  @Override
  public Kind kind() {
    return Kind.RETRY;
  }

  @Override
  public Optional<Duration> retryAfter() {
    return Optional.of(RETRY_AFTER);
  }
}
