// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.plug;

import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.alloc.Allocator;
import io.diskplug.internal.alloc.Occupied;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.place.DiskPlanner;
import io.diskplug.internal.request.Request;
import io.diskplug.internal.request.RequestContext;
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
public final class PlanRequest extends Request<PlanOutcome> {

  private final List<DiskSource> disks;

  public PlanRequest(
      DomainAccess domain,
      List<DiskSource> disks,
      ObservationLog observations,
      RequestContext context) {
    super(domain, observations, context);
    this.disks = disks;
  }

  @Override
  protected Step<PlanOutcome> decide(Snapshot snapshot) {
    List<DiskPlan> plans =
        DiskPlanner.plan(
            snapshot.views(),
            disks,
            new Occupied(
                Map.of(), Map.of(), Map.of(), context.memory().slotQuarantine().of(domain.uuid())),
            context.waived(),
            context.kinds()::objection);
    return plans.stream()
        .flatMap(PlanRequest::conflict)
        .findFirst()
        .flatMap(this::whilePoolsAreUnanswered)
        .orElseGet(
            () ->
                done(
                    new Planned(
                        plans, Allocator.capacity(snapshot.views()), observations.observation())));
  }

  private static Stream<String> conflict(DiskPlan plan) {
    return plan instanceof DiskPlan.Refusal refusal && refusal.reason() == Rejected.Reason.CONFLICT
        ? Stream.of(refusal.explanation())
        : Stream.empty();
  }

  @Override
  protected PlanOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
