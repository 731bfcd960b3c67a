// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** What an inspection came to. Every outcome says what was observed. */
public sealed interface InspectOutcome extends Outcome
    permits Inspected, PartlyInspected, NotDone {}
