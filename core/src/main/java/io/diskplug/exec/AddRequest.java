// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.alloc.Allocation;
import io.diskplug.alloc.Allocator;
import io.diskplug.alloc.Demand;
import io.diskplug.alloc.Occupied;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.View;
import io.diskplug.fault.FaultException;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.Unavailable;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Adds a disk that one view has to the other, at the same place. */
final class AddRequest extends DiskRequest<MendOutcome> {

  private static final Set<String> PLUGGABLE = Set.of("disk", "lun");

  private final View to;
  private final View from;
  private final Disk disk;

  AddRequest(BoundedDomain domain, Repair.Add add, Trace trace, RequestContext context) {
    super(domain, new SoughtDisk(add.disk()), trace, context);
    this.to = add.to();
    this.from = to == View.LIVE ? View.PERSISTENT : View.LIVE;
    this.disk = add.disk();
  }

  @Override
  Step<MendOutcome> decide(Snapshot snapshot, Map<View, Disk> present) throws FaultException {
    if (present.keySet().equals(Set.of(View.LIVE, View.PERSISTENT))) {
      return done(new Mended(changed(), Proof.XML, trace.observation()));
    }
    Optional<DomainView> target = snapshot.views().of(to);
    if (target.isEmpty() || !present.containsKey(from)) {
      return rejected(
          Rejected.Reason.CONFLICT,
          target.isEmpty()
              ? "the domain has no " + to + " view now"
              : "the " + from + " view does not have the disk any more as it was listed");
    }
    if (to == View.PERSISTENT
        && (leaving(snapshot, present)
            || mayLeaveWhenResumed(snapshot, present, disk.bus())
            || outstanding(snapshot).isPresent())) {
      return pause(
          Unavailable.Reason.UNPLUG_IN_PROGRESS,
          "the guest was asked to release the disk, or may have been");
    }
    Optional<String> obstacle = obstacle(snapshot.views(), target.get());
    if (obstacle.isPresent()) {
      return rejected(Rejected.Reason.CONFLICT, obstacle.get());
    }
    Supplier<Step<MendOutcome>> verdict = unlessDone();
    if (verdict != null) {
      return verdict.get();
    }
    Optional<Step<MendOutcome>> occupied = whileOccupied();
    return occupied.isPresent() ? occupied.get() : add(snapshot);
  }

  private Step<MendOutcome> add(Snapshot snapshot) throws FaultException {
    String xml = from == View.LIVE ? snapshot.liveXml() : snapshot.persistentXml();
    if (xml == null) {
      throw new IllegalStateException("a view without XML: " + from);
    }
    String element =
        DomainXmlReader.diskXml(xml, disk.targetDev())
            .orElseThrow(() -> new IllegalStateException("no element of " + disk.targetDev()));
    changing();
    try {
      // What libvirt has found out by itself is in the live view only.
      domain.attachDevice(
          from == View.LIVE ? DomainXmlReader.definition(element) : element, Set.of(to));
      return again();
    } catch (FaultException e) {
      trace.fault(e.fault());
      return byVerdict(classify(e.fault()), e.fault());
    }
  }

  /** What keeps the other view from having the same disk at the same place. */
  private Optional<String> obstacle(DomainViews views, DomainView target) {
    if (!PLUGGABLE.contains(disk.device()) || disk.address() == null) {
      return Optional.of("a " + disk.device() + " without an address cannot be plugged");
    }
    if (disk.mirror() != null) {
      return Optional.of("a block job copies the disk to another one");
    }
    Optional<Disk> twin =
        target.disks().stream().filter(other -> other.source().isSameAs(disk.source())).findFirst();
    if (twin.isPresent()) {
      return Optional.of(
          "the " + to + " view has the same source as " + twin.get().targetDev() + " already");
    }
    DomainView without =
        views.of(from).orElseThrow().disks().stream()
            .filter(other -> other.targetDev().equals(disk.targetDev()))
            .findFirst()
            .map(other -> views.of(from).orElseThrow().without(other))
            .orElseThrow();
    DomainViews others =
        from == View.LIVE ? new DomainViews(without, target) : new DomainViews(target, without);
    // One that libvirt has made up is made up again, and not asked for.
    String alias = SoughtDisk.userAlias(disk);
    Allocation place =
        Allocator.allocate(
            others,
            new Demand(
                disk.bus(),
                alias == null ? sought.identity().alias() : alias,
                disk.targetDev(),
                disk.address()),
            Occupied.NOTHING);
    return place instanceof Placement
        ? Optional.empty()
        : Optional.of("its place is taken in the " + to + " view: " + place);
  }

  @Override
  public MendOutcome deadlinePassed() {
    return unverified();
  }

  @Override
  MendOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
