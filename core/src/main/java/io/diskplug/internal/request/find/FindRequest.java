// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.find;

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
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.request.Request;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Unavailable;
import io.diskplug.outcome.VolumeUses;
import java.util.List;
import java.util.Optional;

/** Reads a domain, and says what it has of a volume, by the rules of a detach. */
public final class FindRequest extends Request<FindRequest.Sight> {

  /** What it comes to. */
  public sealed interface Sight {}

  /**
   * The domain was read.
   *
   * @param domain what it has
   */
  public record Seen(VolumeUses.InDomain domain) implements Sight {}

  /**
   * The domain was not read.
   *
   * @param why why
   */
  public record NotSeen(NotDone why) implements Sight {}

  private final String name;
  private final VolumeSelector volume;

  /**
   * Nothing is read yet.
   *
   * @param name the domain's name
   */
  public FindRequest(
      String name,
      DomainAccess domain,
      VolumeRef volume,
      ObservationLog observations,
      RequestContext context) {
    super(domain, observations, context);
    this.name = name;
    this.volume = new VolumeSelector(volume, Namesakes.LISTED);
  }

  @Override
  protected boolean isServedInAnyState() {
    return true;
  }

  /** A change may run beside it, and have read the domain later; and most domains get none. */
  @Override
  protected void remember(Snapshot snapshot) {}

  @Override
  protected Step<Sight> decide(Snapshot snapshot) {
    VolumeSearch.Result found = volume.locate(snapshot.views());
    observations.saw(snapshot.status(), found);
    return done(
        new Seen(
            new VolumeUses.InDomain(
                name,
                domain.uuid(),
                snapshot.status(),
                disk(found, View.LIVE),
                disk(found, View.PERSISTENT),
                found.mismatch().map(VolumeSearch.Mismatch::explanation),
                List.copyOf(found.unresolved()))));
  }

  private static Optional<Disk> disk(VolumeSearch.Result found, View view) {
    return found.locations().get(view) instanceof VolumeSearch.Hit hit
        ? Optional.of(hit.disk())
        : Optional.empty();
  }

  /** What keeps the daemon for long is told, and not waited for: others are to be read, too. */
  @Override
  protected Step<Sight> unread(String why, boolean lasts) throws FaultException {
    return lasts
        ? done(notDone(unavailable(Unavailable.Reason.DOMAIN_BUSY, why)))
        : super.unread(why, false);
  }

  @Override
  protected Sight notDone(NotDone outcome) {
    return new NotSeen(outcome);
  }
}
