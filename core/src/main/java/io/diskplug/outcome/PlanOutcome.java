// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** What a plan came to. Every outcome says what was observed. */
public sealed interface PlanOutcome extends Outcome permits Planned, NotDone {}
