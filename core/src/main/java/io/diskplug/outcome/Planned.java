// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.alloc.Capacity;
import java.util.List;

/**
 * What would be done. Nothing was touched, and nothing is reserved: another controller may take a
 * place meanwhile, and an attach then plans again.
 *
 * @param disks one plan for each disk asked for, in the same order, each beside those before it
 * @param capacity how many more disks the domain can take, without the planned ones
 * @param observed what was read
 */
public record Planned(List<DiskPlan> disks, Capacity capacity, Observation observed)
    implements PlanOutcome {

  /** Copies the list. */
  public Planned {
    disks = List.copyOf(disks);
  }

  /** Whether every disk would be attached, or is. */
  public boolean isComplete() {
    return disks.stream().noneMatch(DiskPlan.Refusal.class::isInstance);
  }

  @Override
  public Kind kind() {
    return Kind.DONE;
  }
}
