// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import java.util.List;

/**
 * The steps that the policy allowed were tried, each to its own outcome: one that fails takes
 * nothing from those behind it.
 *
 * @param before what the domain had
 * @param steps what was done, in order; empty if there was nothing to mend that the policy allows
 * @param observed what was read first
 */
public record Repaired(Inspected before, List<RepairStep> steps, Observation observed)
    implements RepairOutcome {

  /** Copies the list. */
  public Repaired {
    steps = List.copyOf(steps);
  }

  /** Whether every step is done and verified. */
  public boolean isComplete() {
    return steps.stream().allMatch(step -> step.outcome() instanceof Mended);
  }
}
