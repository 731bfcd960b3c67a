// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.alloc.Allocator;
import io.diskplug.alloc.Occupied;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.PlanOutcome;
import io.diskplug.outcome.Planned;
import io.diskplug.spi.DiskSource;
import java.util.List;
import java.util.Map;

/** Reads a domain, and says what attaching disks to it would do. */
final class PlanRequest extends Request<PlanOutcome> {

  private final List<DiskSource> disks;

  PlanRequest(BoundedDomain domain, List<DiskSource> disks, Trace trace, RequestContext context) {
    super(domain, trace, context);
    this.disks = disks;
  }

  @Override
  Step<PlanOutcome> decide(Snapshot snapshot) {
    return done(
        new Planned(
            Planner.plan(
                snapshot.views(),
                disks,
                new Occupied(Map.of(), Map.of(), Map.of(), context.freedSlots().of(domain.uuid())),
                context.waived()),
            Allocator.capacity(snapshot.views()),
            trace.observation()));
  }

  @Override
  PlanOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
