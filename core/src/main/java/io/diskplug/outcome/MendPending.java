// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.outcome.Pending.WaitingFor;
import java.time.Duration;
import java.util.Optional;

/**
 * The removal was asked for and is not finished. The same repair goes on with it.
 *
 * @param waitingFor who has not let go yet
 * @param observed what was read
 */
public record MendPending(WaitingFor waitingFor, Observation observed) implements MendOutcome {

  @Override
  public Kind kind() {
    return Kind.RETRY;
  }

  @Override
  public Optional<Duration> retryAfter() {
    return Optional.of(waitingFor.retryAfter());
  }
}
