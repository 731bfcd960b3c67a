// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** What a request came to. */
public sealed interface Outcome
    permits AttachOutcome,
        DetachOutcome,
        PlanOutcome,
        InspectOutcome,
        RepairOutcome,
        MendOutcome,
        AdoptOutcome,
        ChangeOutcome {

  /** What was observed last. */
  Observation observed();
}
