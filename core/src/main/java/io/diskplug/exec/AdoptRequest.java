// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.FaultException;
import io.diskplug.outcome.AdoptOutcome;
import io.diskplug.outcome.Adopted;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Rejected;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Gives the disk of another tool the alias of a volume, in the persistent view: from then on it is
 * found, whatever its serial and cluster, and libvirt refuses a second disk with this source. The
 * alias of a running device cannot be changed.
 */
final class AdoptRequest extends Request<AdoptOutcome> {

  private final VolumeRef volume;

  AdoptRequest(BoundedDomain domain, VolumeRef volume, Trace trace, RequestContext context) {
    super(domain, trace, context);
    this.volume = volume;
  }

  @Override
  Step<AdoptOutcome> decide(Snapshot snapshot) throws FaultException {
    Map<View, Disk> found = new EnumMap<>(View.class);
    for (DomainView view : snapshot.views().present()) {
      List<Disk> same =
          view.disks().stream()
              .filter(Disk::isPluggable)
              .filter(disk -> volume.identity().names(disk.source()))
              .toList();
      if (same.size() > 1) {
        return conflict("the " + view.view() + " view has the source more than once");
      }
      same.forEach(disk -> found.put(view.view(), disk));
    }
    Optional<Step<AdoptOutcome>> obstacle = obstacle(snapshot, found);
    if (obstacle.isPresent()) {
      return obstacle.get();
    }
    Disk persistent = found.get(View.PERSISTENT);
    if (persistent == null) {
      throw new IllegalStateException("no obstacle, and no disk");
    }
    if (alias().equals(persistent.alias())) {
      Optional<VolumeSearch.Mismatch> mismatch =
          VolumeSearch.locate(snapshot.views(), volume).mismatch();
      if (mismatch.isPresent()) {
        return rejected(mismatch.get().reason(), mismatch.get().explanation());
      }
      return done(
          new Adopted(
              persistent.targetDev(),
              Optional.ofNullable(persistent.address()),
              changed(),
              trace.observation()));
    }
    Supplier<Step<AdoptOutcome>> verdict = unlessDone();
    if (verdict != null) {
      return verdict.get();
    }
    Optional<Step<AdoptOutcome>> occupied = whileOccupied();
    return occupied.isPresent() ? occupied.get() : update(snapshot, persistent);
  }

  private String alias() {
    return volume.identity().alias();
  }

  private Optional<Step<AdoptOutcome>> obstacle(Snapshot snapshot, Map<View, Disk> found) {
    if (found.isEmpty()) {
      return Optional.of(
          rejected(
              Rejected.Reason.NOT_ATTACHED,
              "the domain has no disk with the source " + volume.identity().name()));
    }
    if (snapshot.views().persistent() == null) {
      return Optional.of(
          rejected(
              Rejected.Reason.BAD_REQUEST,
              "a transient domain has no persistent view in which its disk could be renamed"));
    }
    if (!found.containsKey(View.PERSISTENT)) {
      return Optional.of(
          conflict("the disk is in the live view only: add it to the persistent one first"));
    }
    Disk live = found.get(View.LIVE);
    if (SoughtDisk.mayHaveCookies(found.get(View.PERSISTENT))) {
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
                      volume.id().equals(disk.serial())
                          || disk.otherLayers().anyMatch(volume.identity()::names))
              .findFirst();
      if (other.isPresent()) {
        return Optional.of(
            conflict(
                other.get().targetDev() + " has the volume's serial, or lies on its source, too"));
      }
    }
    if (live != null && !live.targetDev().equals(found.get(View.PERSISTENT).targetDev())) {
      return Optional.of(conflict("the two views have it under different target devs"));
    }
    for (Map.Entry<View, Disk> entry : found.entrySet()) {
      Disk disk = entry.getValue();
      if (disk.hasOwnAlias() && !alias().equals(disk.alias())) {
        return Optional.of(
            conflict(disk.targetDev() + " is a volume of the same name in another cluster"));
      }
      String serial = disk.serial();
      if (serial != null && !serial.equals(volume.id())) {
        return Optional.of(
            rejected(
                Rejected.Reason.CONFLICT,
                "the guest knows the disk by the serial " + serial + ": adopt it under that id",
                List.of(new Difference(entry.getKey(), "serial", volume.id(), serial))));
      }
    }
    return Optional.empty();
  }

  private Step<AdoptOutcome> conflict(String explanation) {
    return rejected(Rejected.Reason.CONFLICT, explanation);
  }

  /** libvirt finds the disk to update by its target dev. */
  private Step<AdoptOutcome> update(Snapshot snapshot, Disk persistent) throws FaultException {
    String xml = snapshot.persistentXml();
    String element =
        DomainXmlReader.diskXml(xml == null ? "" : xml, persistent.targetDev())
            .orElseThrow(() -> new IllegalStateException("no element"));
    changing();
    try {
      domain.updateDevice(DomainXmlReader.withAlias(element, alias()), Set.of(View.PERSISTENT));
      return againUnlessDone(
          () -> conflict("libvirt said that the disk has the alias, and it does not show it"));
    } catch (FaultException e) {
      trace.fault(e.fault());
      return byVerdict(classify(e.fault()), e.fault());
    }
  }

  @Override
  AdoptOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
