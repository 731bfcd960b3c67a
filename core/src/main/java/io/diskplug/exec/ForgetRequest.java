// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.fault.FaultException;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;

/** Takes the note of an unplug away that means nothing any more. */
final class ForgetRequest extends Request<MendOutcome> {

  private final String alias;

  ForgetRequest(BoundedDomain domain, String alias, Trace trace, RequestContext context) {
    super(domain, trace, context);
    this.alias = alias;
  }

  @Override
  void look(Snapshot snapshot) {
    trace.saw(snapshot.status());
  }

  @Override
  Step<MendOutcome> decide(Snapshot snapshot) throws FaultException {
    if (!Intents.isThere(snapshot, alias)) {
      return done(new Mended(changed(), Proof.XML, trace.observation()));
    }
    if (Intents.isNoted(snapshot, alias) && isLive(snapshot)) {
      return rejected(
          Rejected.Reason.CONFLICT,
          "the guest was asked for the disk in this run; a detach or an attach completes it");
    }
    changing();
    domain.note(Intents.namespace(alias), null);
    return again();
  }

  private boolean isLive(Snapshot snapshot) {
    return snapshot.views().live() != null
        && snapshot.views().live().disks().stream()
            .anyMatch(disk -> InspectRequest.names(disk).contains(alias));
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
