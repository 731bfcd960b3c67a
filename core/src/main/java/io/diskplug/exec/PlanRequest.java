// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.alloc.Allocator;
import io.diskplug.alloc.Occupied;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.PlanOutcome;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Rejected;
import io.diskplug.spi.DiskSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads a domain, and says what attaching disks to it would do. */
final class PlanRequest extends Request<PlanOutcome> {

  private final List<DiskSource> disks;

  PlanRequest(BoundedDomain domain, List<DiskSource> disks, Trace trace, RequestContext context) {
    super(domain, trace, context);
    this.disks = disks;
  }

  @Override
  Step<PlanOutcome> decide(Snapshot snapshot) {
    List<DiskPlan> plans =
        Planner.plan(
            snapshot.views(),
            disks,
            new Occupied(
                Map.of(), Map.of(), Map.of(), context.memory().freedSlots().of(domain.uuid())),
            context.waived());
    return plans.stream()
        .flatMap(PlanRequest::conflict)
        .findFirst()
        .flatMap(this::whilePoolsAreUnanswered)
        .orElseGet(
            () ->
                done(
                    new Planned(plans, Allocator.capacity(snapshot.views()), trace.observation())));
  }

  private static Stream<String> conflict(DiskPlan plan) {
    return plan instanceof DiskPlan.Refusal refusal && refusal.reason() == Rejected.Reason.CONFLICT
        ? Stream.of(refusal.explanation())
        : Stream.empty();
  }

  @Override
  PlanOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
