// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.repair;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.match.ExactDiskSelector;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.internal.request.plug.DetachRequest;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.MendPending;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Observation;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Removes the very disk that was named: one that one of two views has and the other has not, or one
 * from every view that has it.
 */
public final class RemoveRequest extends DetachRequest<MendOutcome> {

  /** The answers of a detach in the terms of a repair. */
  private static final Answers<MendOutcome> ANSWERS =
      new Answers<>() {
        @Override
        public MendOutcome detached(boolean already, Proof proof, Observation observed) {
          return new Mended(!already, proof, observed);
        }

        @Override
        public MendOutcome pending(WaitingFor waitingFor, Observation observed) {
          return new MendPending(waitingFor, observed);
        }

        @Override
        public MendOutcome notDone(NotDone outcome) {
          return outcome;
        }
      };

  /** The view whose leftover it is; null for a disk of every view. */
  private final @Nullable View from;

  public RemoveRequest(
      DomainAccess domain,
      Optional<View> from,
      Disk disk,
      ObservationLog observations,
      RequestContext context) {
    super(domain, new ExactDiskSelector(disk), ANSWERS, observations, context);
    this.from = from.orElse(null);
  }

  /** A leftover of the persistent view is in no QEMU. */
  @Override
  protected Proof required() {
    return from == View.PERSISTENT ? Proof.XML : super.required();
  }

  private static boolean isRelated(Disk one, Disk other) {
    String alias = one.userAlias();
    return one.source().isSameAs(other.source())
        || (alias != null && alias.equals(other.userAlias()));
  }

  @Override
  protected Step<MendOutcome> decide(Snapshot snapshot, Map<View, Disk> present)
      throws FaultException {
    if (from == null) {
      return super.decide(snapshot, present);
    }
    if (!present.isEmpty()
        && (!present.keySet().equals(Set.of(from)) || snapshot.views().kinds().size() < 2)) {
      return rejected(
          Rejected.Reason.CONFLICT,
          "the disk is no leftover of the "
              + from
              + " view: it is in "
              + present.keySet()
              + " of the views "
              + snapshot.views().kinds()
              + "; detach the volume, or name the disk with Repair.detach");
    }
    Optional<Disk> other =
        snapshot.views().of(from == View.LIVE ? View.PERSISTENT : View.LIVE).stream()
            .flatMap(view -> view.disks().stream())
            .filter(disk -> present.containsKey(from) && isRelated(present.get(from), disk))
            .findFirst();
    if (other.isPresent()) {
      return rejected(
          Rejected.Reason.CONFLICT,
          "the disk is no leftover of the "
              + from
              + " view: the other one has "
              + other.get().targetDev()
              + " with the same source or alias; detach the volume, or name the disk with"
              + " Repair.detach");
    }
    return super.decide(snapshot, present);
  }
}
