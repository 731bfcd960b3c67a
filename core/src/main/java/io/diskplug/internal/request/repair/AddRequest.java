// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.repair;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.match.DiskComparison;
import io.diskplug.internal.match.ExactDiskSelector;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.request.DiskRequest;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Adds a disk that one view has to the other, at the same place. */
public final class AddRequest extends DiskRequest<MendOutcome> {

  private final View to;
  private final View from;
  private final Disk disk;

  public AddRequest(
      DomainAccess domain,
      View to,
      Disk disk,
      ObservationLog observations,
      RequestContext context) {
    super(domain, new ExactDiskSelector(disk), observations, context);
    this.to = to;
    this.from = to == View.LIVE ? View.PERSISTENT : View.LIVE;
    this.disk = disk;
  }

  @Override
  protected Step<MendOutcome> decide(Snapshot snapshot, Map<View, Disk> present)
      throws FaultException {
    Disk mine = present.get(from);
    Disk added = present.get(to);
    if (mine != null && added != null) {
      List<Difference> differences = DiskComparison.ofSubstance(to, mine, added);
      if (!differences.isEmpty()) {
        return rejected(
            Rejected.Reason.CONFLICT, DiskComparison.conflict(differences), differences);
      }
      return doneAfterNotes(snapshot, new Mended(changed(), Proof.XML, observations.observation()));
    }
    Optional<DomainView> target = snapshot.views().of(to);
    if (target.isEmpty() || mine == null) {
      return rejected(
          Rejected.Reason.CONFLICT,
          target.isEmpty()
              ? "the domain has no " + to + " view now"
              : "the " + from + " view does not have the disk any more as it was listed");
    }
    if (to == View.PERSISTENT
        && (leaving(snapshot, present)
            || mayLeaveWhenResumed(snapshot, present, disk.bus())
            || outstanding(snapshot, mine).isPresent())) {
      return pause(
          Unavailable.Reason.UNPLUG_IN_PROGRESS,
          "the guest was asked to release the disk, or may have been");
    }
    if (mine.source().isUnresolved()) {
      Optional<Step<MendOutcome>> first = whilePoolsAreUnanswered("it cannot be told what it is");
      if (first.isPresent()) {
        return first.get();
      }
    }
    // An alias that libvirt has made up is made up again, and not asked for.
    String alias = disk.userAlias();
    Optional<String> obstacle =
        OtherView.obstacle(
            snapshot.views(), from, mine, alias == null ? selector.identity().alias() : alias);
    if (obstacle.isPresent()) {
      Optional<Step<MendOutcome>> first = whilePoolsAreUnanswered(obstacle.get());
      return first.isPresent() ? first.get() : rejected(Rejected.Reason.CONFLICT, obstacle.get());
    }
    Supplier<Step<MendOutcome>> verdict = unlessDone();
    if (verdict != null) {
      return verdict.get();
    }
    if (to == View.LIVE) {
      if (ghosts.isSettling() && context.mayAskQemu()) {
        Optional<Step<MendOutcome>> held = whileQemuHoldsIt(snapshot);
        if (held.isPresent()) {
          return held.get();
        }
      }
      Optional<Step<MendOutcome>> inTheWay = whileFreedSlotIsInTheWay(snapshot, disk.address());
      if (inTheWay.isEmpty()) {
        inTheWay = whileGuestReleases(snapshot, disk.address());
      }
      if (inTheWay.isPresent()) {
        return inTheWay.get();
      }
    }
    Optional<Step<MendOutcome>> occupied = whileOccupied();
    if (occupied.isPresent()) {
      return occupied.get();
    }
    if (to == View.LIVE) {
      unplugIsDoneBeforePlug(snapshot);
    }
    return add(snapshot);
  }

  private Step<MendOutcome> add(Snapshot snapshot) throws FaultException {
    String element = OtherView.element(snapshot, from, disk.targetDev());
    if (OtherView.isTransient(element)) {
      return rejected(Rejected.Reason.CONFLICT, OtherView.TRANSIENT);
    }
    changing();
    try {
      domain.attachDevice(element, Set.of(to));
      return again();
    } catch (FaultException e) {
      observations.fault(e.fault());
      return byVerdict(classify(e.fault()), e.fault());
    }
  }

  @Override
  protected MendOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
