// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.repair;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.match.ExactDiskSelector;
import io.diskplug.internal.match.Namesakes;
import io.diskplug.internal.match.SourceSelector;
import io.diskplug.internal.match.VolumeSearch;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.request.DiskRequest;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Gives the disk of another tool the alias of a volume, in the persistent view: from then on it is
 * found, whatever its serial and cluster, and libvirt refuses a second disk with this source. The
 * alias of a running device cannot be changed. A disk that the live view alone has is added to the
 * persistent one, with this alias and at the same place.
 */
public final class AdoptRequest extends DiskRequest<ChangeOutcome> {

  private final VolumeRef volume;

  public AdoptRequest(
      DomainAccess domain, VolumeRef volume, ObservationLog observations, RequestContext context) {
    super(domain, new SourceSelector(volume), observations, context);
    this.volume = volume;
  }

  @Override
  protected Step<ChangeOutcome> decide(Snapshot snapshot, Map<View, Disk> found)
      throws FaultException {
    Optional<Step<ChangeOutcome>> obstacle = obstacle(snapshot, found);
    if (obstacle.isPresent()) {
      return obstacle.get();
    }
    Disk persistent = found.get(View.PERSISTENT);
    if (persistent != null && alias().equals(persistent.alias())) {
      Optional<VolumeSearch.Mismatch> mismatch =
          VolumeSearch.locate(snapshot.views(), volume, Namesakes.STOP).mismatch();
      if (mismatch.isPresent()) {
        return refused(mismatch.get().reason(), mismatch.get().explanation(), List.of());
      }
      return done(new Changed(persistent.targetDev(), changed(), observations.observation()));
    }
    Disk live = found.get(View.LIVE);
    if (persistent != null) {
      return update(snapshot, persistent);
    } else if (live == null) {
      throw new IllegalStateException("no obstacle, and no disk");
    }
    return add(snapshot, live, found);
  }

  private String alias() {
    return volume.identity().alias();
  }

  private Optional<Step<ChangeOutcome>> obstacle(Snapshot snapshot, Map<View, Disk> found) {
    if (found.isEmpty()) {
      return Optional.of(
          refused(
              Rejected.Reason.NOT_ATTACHED,
              "the domain has no disk with the source " + volume.identity().name(),
              List.of()));
    }
    if (snapshot.views().persistent() == null) {
      return Optional.of(
          rejected(
              Rejected.Reason.BAD_REQUEST,
              "a transient domain has no persistent view in which its disk could get the volume's"
                  + " alias; detach the disk with the tool that attached it, or name it to repair"
                  + " (Repair.detach)"));
    }
    Disk live = found.get(View.LIVE);
    if (found.values().stream().anyMatch(ExactDiskSelector::mayHaveCookies)) {
      return Optional.of(
          conflict("libvirt does not show the cookies of a source that is read by HTTP or FTP"));
    }
    if (live != null && live.mirror() != null) {
      return Optional.of(conflict("a block job copies the disk to another one"));
    }
    for (DomainView view : snapshot.views().present()) {
      Optional<Disk> other =
          view.disks().stream()
              .filter(disk -> !volume.identity().names(disk.source()))
              .filter(
                  disk ->
                      volume.makes(disk.serial())
                          || disk.otherLayers().anyMatch(volume.identity()::names))
              .findFirst();
      if (other.isPresent()) {
        return Optional.of(
            conflict(
                other.get().targetDev() + " has the volume's serial, or lies on its source, too"));
      }
    }
    Disk persistent = found.get(View.PERSISTENT);
    if (live != null && persistent != null && !live.targetDev().equals(persistent.targetDev())) {
      return Optional.of(conflict("the two views have it under different target devs"));
    }
    for (Map.Entry<View, Disk> entry : found.entrySet()) {
      Disk disk = entry.getValue();
      if (disk.hasOwnAlias() && !alias().equals(disk.alias())) {
        return Optional.of(
            conflict(
                disk.targetDev()
                    + " has the alias of another volume: it has the same name in another cluster,"
                    + " or a block copy has brought it there"));
      }
      String serial = disk.serial();
      if (serial != null && !volume.makes(serial)) {
        return Optional.of(
            refused(
                Rejected.Reason.CONFLICT,
                "the guest knows the disk by the serial " + serial + ": adopt it under that id",
                List.of(new Difference(entry.getKey(), "serial", volume.id(), serial))));
      }
    }
    return Optional.empty();
  }

  private Step<ChangeOutcome> conflict(String explanation) {
    return refused(Rejected.Reason.CONFLICT, explanation, List.of());
  }

  /** What the views say is final when the daemon has said what every storage pool is. */
  private Step<ChangeOutcome> refused(
      Rejected.Reason reason, String explanation, List<Difference> differences) {
    Optional<Step<ChangeOutcome>> first = whilePoolsAreUnanswered(explanation);
    return first.isPresent() ? first.get() : rejected(reason, explanation, differences);
  }

  /** A change that would leave the views in conflict is not made. */
  private Optional<Step<ChangeOutcome>> before(DomainViews afterwards) throws FaultException {
    Supplier<Step<ChangeOutcome>> verdict = unlessDone();
    if (verdict != null) {
      return Optional.of(verdict.get());
    }
    Optional<VolumeSearch.Mismatch> mismatch =
        VolumeSearch.locate(afterwards, volume, Namesakes.STOP).mismatch();
    return mismatch.isPresent()
        ? Optional.of(refused(mismatch.get().reason(), mismatch.get().explanation(), List.of()))
        : whileOccupied();
  }

  /** The live view alone has it. */
  private Step<ChangeOutcome> add(Snapshot snapshot, Disk live, Map<View, Disk> found)
      throws FaultException {
    if (leaving(snapshot, found)
        || mayLeaveWhenResumed(snapshot, found, live.bus())
        || outstanding(snapshot, live).isPresent()) {
      return pause(
          Unavailable.Reason.UNPLUG_IN_PROGRESS,
          "the disk is in the live view only: the guest was asked to release it, or may have been");
    }
    Optional<String> obstacle =
        OtherView.obstacle(snapshot.views(), View.LIVE, live, alias())
            .map(why -> "the disk cannot be added to the persistent view: " + why);
    if (obstacle.isPresent()) {
      return conflict(obstacle.get());
    }
    String element =
        DomainXmlReader.withAlias(
            OtherView.element(snapshot, View.LIVE, live.targetDev()), alias());
    if (OtherView.isTransient(element)) {
      return conflict(OtherView.TRANSIENT);
    }
    DomainView persistent = snapshot.views().of(View.PERSISTENT).orElseThrow();
    Optional<Step<ChangeOutcome>> first =
        before(
            new DomainViews(
                snapshot.views().live(),
                pools.resolve(persistent.with(DomainXmlReader.readDisk(element)))));
    if (first.isPresent()) {
      return first.get();
    }
    changing();
    try {
      domain.attachDevice(element, Set.of(View.PERSISTENT));
      return againUnlessDone(
          () -> conflict("libvirt said that the persistent view has the disk, and it has not"));
    } catch (FaultException e) {
      observations.fault(e.fault());
      return byVerdict(classify(e.fault()), e.fault());
    }
  }

  /** libvirt finds the disk to update by its target dev. */
  private Step<ChangeOutcome> update(Snapshot snapshot, Disk persistent) throws FaultException {
    String xml = snapshot.persistentXml();
    if (xml == null) {
      throw new IllegalStateException("a disk of a view without XML");
    }
    String element = OtherView.elementIn(snapshot, View.PERSISTENT, persistent.targetDev());
    String adopted = DomainXmlReader.withAlias(element, alias());
    Optional<Step<ChangeOutcome>> first =
        before(
            new DomainViews(
                snapshot.views().live(),
                pools.resolve(
                    DomainXmlReader.readDomain(xml.replace(element, adopted), View.PERSISTENT))));
    if (first.isPresent()) {
      return first.get();
    }
    changing();
    try {
      domain.updateDevice(adopted, Set.of(View.PERSISTENT));
      return againUnlessDone(
          () -> conflict("libvirt said that the disk has the alias, and it does not show it"));
    } catch (FaultException e) {
      observations.fault(e.fault());
      return byVerdict(classify(e.fault()), e.fault());
    }
  }

  @Override
  protected ChangeOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
