// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.PartlyInspected;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repaired;
import io.diskplug.outcome.Unavailable;

/** Outcomes in a line for a person. */
final class Outcomes {

  private Outcomes() {}

  static String describe(Outcome outcome) {
    if (outcome instanceof Attached attached) {
      return "attached as "
          + attached.targetDev()
          + " at "
          + attached.address()
          + attached.guestPath().map(path -> "; in the guest " + path).orElse("");
    }
    if (outcome instanceof AlreadyAttached already) {
      String differences = already.differences().isEmpty() ? "" : "; " + already.differences();
      return "already attached as "
          + already.targetDev()
          + " at "
          + already.address()
          + differences;
    }
    if (outcome instanceof Detached detached) {
      return "detached (proof: " + detached.proof() + ")";
    }
    if (outcome instanceof AlreadyDetached already) {
      return "was not attached (proof: " + already.proof() + ")";
    }
    if (outcome instanceof Planned planned) {
      return Plans.describe(planned);
    }
    if (outcome instanceof Inspected inspected) {
      return Inspections.describe(inspected);
    }
    if (outcome instanceof PartlyInspected partly) {
      return Inspections.describe(partly);
    }
    if (outcome instanceof Repaired repaired) {
      return Inspections.describe(repaired);
    }
    if (outcome instanceof Changed changed) {
      return (changed.changed() ? "changed, " : "was so before, ") + changed.targetDev();
    }
    if (outcome instanceof Pending pending) {
      return "pending: waiting for " + pending.waitingFor() + "; detach again to resume";
    }
    if (outcome instanceof Rejected rejected) {
      return "rejected, " + rejected.reason() + ": " + rejected.explanation();
    }
    if (outcome instanceof Unavailable later) {
      return "not now, " + later.reason() + ": " + later.explanation();
    }
    if (outcome instanceof Indeterminate unknown) {
      return "unknown, " + unknown.reason() + ": " + unknown.explanation();
    }
    throw new IllegalArgumentException(outcome.toString());
  }
}
