// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.change;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.match.Namesakes;
import io.diskplug.internal.match.VolumeSearch;
import io.diskplug.internal.match.VolumeSelector;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.request.Request;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Rejected;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Changes something of a disk that stays where it is. */
abstract class ChangeRequest extends Request<ChangeOutcome> {

  private final VolumeSelector selector;
  private VolumeSearch.Result found = new VolumeSearch.Result(Map.of());

  /** As it was read last; it vouches for a live disk that was adopted. */
  private @Nullable DomainView persistent;

  protected ChangeRequest(
      DomainAccess domain, VolumeRef volume, ObservationLog observations, RequestContext context) {
    super(domain, observations, context);
    this.selector = new VolumeSelector(volume, Namesakes.STOP);
    reasons.about(selector.unplugKey());
  }

  @Override
  protected final void look(Snapshot snapshot) {
    found = selector.locate(snapshot.views());
    persistent = snapshot.views().persistent();
    observations.saw(snapshot.status(), found);
  }

  @Override
  protected final Step<ChangeOutcome> decide(Snapshot snapshot) throws FaultException {
    Optional<VolumeSearch.Mismatch> mismatch = found.mismatch();
    if (mismatch.isPresent()) {
      Optional<Step<ChangeOutcome>> first = whilePoolsAreUnanswered(mismatch.get().explanation());
      return first.isPresent()
          ? first.get()
          : rejected(mismatch.get().reason(), mismatch.get().explanation());
    }
    Map<View, Disk> present = found.present();
    if (!present.isEmpty()) {
      return decide(present);
    }
    String missing =
        "the domain does not have the "
            + selector.description()
            + (changed() ? " any more; what was sent may have come to another disk" : "");
    Optional<Step<ChangeOutcome>> first = whilePoolsAreUnanswered(missing);
    return first.isPresent() ? first.get() : rejected(Rejected.Reason.NOT_ATTACHED, missing);
  }

  /**
   * Whether the live view has the disk by now where it had it when the request looked. libvirt
   * knows a disk by its target dev alone, which may be another's soon after.
   */
  protected final boolean isStillAt(String targetDev) throws FaultException {
    DomainView live = pools.resolve(DomainXmlReader.readDomain(domain.xml(View.LIVE), View.LIVE));
    Disk now = selector.locate(new DomainViews(live, persistent)).present().get(View.LIVE);
    return now != null && now.targetDev().equals(targetDev);
  }

  /**
   * Decides on what was just read.
   *
   * @param present the disk in each view that has it; at least one has
   */
  protected abstract Step<ChangeOutcome> decide(Map<View, Disk> present) throws FaultException;

  protected final Step<ChangeOutcome> changed(Map<View, Disk> present, boolean byThisRequest) {
    Disk disk = present.values().iterator().next();
    return done(new Changed(disk.targetDev(), byThisRequest, observations.observation()));
  }

  @Override
  protected final ChangeOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
