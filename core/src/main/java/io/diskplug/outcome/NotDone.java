// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

/** The outcomes that all requests share: the request was not carried out, or not surely. */
public sealed interface NotDone
    extends AttachOutcome,
        DetachOutcome,
        PlanOutcome,
        InspectOutcome,
        RepairOutcome,
        MendOutcome,
        ChangeOutcome
    permits Rejected, Unavailable, Indeterminate {

  /** Why, for a person. */
  String explanation();
}
