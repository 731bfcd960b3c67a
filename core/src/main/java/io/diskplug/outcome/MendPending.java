// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.outcome.Pending.WaitingFor;

/**
 * The removal was asked for and is not finished. The same repair goes on with it.
 *
 * @param waitingFor who has not let go yet
 * @param observed what was read
 */
public record MendPending(WaitingFor waitingFor, Observation observed) implements MendOutcome {}
