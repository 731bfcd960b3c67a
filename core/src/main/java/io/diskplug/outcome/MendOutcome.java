// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** What one step of a repair came to. */
public sealed interface MendOutcome extends Outcome permits Mended, MendPending, NotDone {}
