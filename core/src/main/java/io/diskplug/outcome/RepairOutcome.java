// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** What a repair came to. Every outcome says what was observed. */
public sealed interface RepairOutcome extends Outcome permits Repaired, NotDone {}
