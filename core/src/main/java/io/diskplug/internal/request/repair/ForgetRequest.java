// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.repair;

import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.coordination.UnplugAnnotations;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.request.Request;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import java.util.Optional;
import java.util.function.Supplier;

/** Takes the note of an unplug away that means nothing any more. */
public final class ForgetRequest extends Request<MendOutcome> {

  private final String key;

  public ForgetRequest(
      DomainAccess domain, String key, ObservationLog observations, RequestContext context) {
    super(domain, observations, context);
    this.key = key;
  }

  @Override
  protected Step<MendOutcome> decide(Snapshot snapshot) throws FaultException {
    Optional<UnplugAnnotations.Note> found =
        UnplugAnnotations.of(snapshot).stream().filter(note -> note.key().equals(key)).findFirst();
    if (found.isEmpty()) {
      return done(new Mended(changed(), Proof.XML, observations.observation()));
    }
    if (found.get().isOutstanding(snapshot)) {
      return rejected(
          Rejected.Reason.CONFLICT,
          "the guest was asked for the disk, and has not released it; a detach or an attach"
              + " completes the unplug");
    }
    if (found.get().isOfFreedSlot(snapshot) && UnplugAnnotations.areUnplugsOutstanding(snapshot)) {
      return rejected(
          Rejected.Reason.CONFLICT,
          "it tells others of a slot that the guest may eject once more; it goes when the guest has"
              + " released "
              + UnplugAnnotations.outstanding(snapshot));
    }
    Supplier<Step<MendOutcome>> verdict = unlessDone();
    if (verdict != null) {
      return verdict.get();
    }
    Optional<Step<MendOutcome>> occupied = whileOccupied();
    if (occupied.isPresent()) {
      return occupied.get();
    }
    changing();
    try {
      domain.note(UnplugAnnotations.namespace(key), null);
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
