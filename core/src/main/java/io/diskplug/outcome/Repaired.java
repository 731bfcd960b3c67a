// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

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

  /** Done if every step is, to be repeated if one of the others is worth it. */
  @Override
  public Kind kind() {
    if (isComplete()) {
      return Kind.DONE;
    }
    return retryAfter().isPresent() ? Kind.RETRY : Kind.NEVER;
  }

  /** The shortest of the steps that are worth repeating. */
  @Override
  public Optional<Duration> retryAfter() {
    return steps.stream()
        .flatMap(step -> step.outcome().retryAfter().stream())
        .min(Comparator.naturalOrder());
  }
}
