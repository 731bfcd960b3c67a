// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.storage;

import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.reason.ReasonLog;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Observation;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.StorageProbe.Reason;
import io.diskplug.spi.StorageProbe.Refused;
import java.time.Duration;
import java.util.List;

/** How what storages find is told to the caller. */
public final class StorageReasons {

  /** Ceph counts a client that was killed as one that watches, for half a minute. */
  public static final Duration IN_USE_RETRY = Duration.ofSeconds(30);

  private StorageReasons() {}

  /**
   * The outcome of a request that a storage speaks against.
   *
   * @param reasons counts what is not understood, so that it is tried less and less often
   */
  public static NotDone outcome(Refused refused, ReasonLog reasons, ObservationLog observations) {
    Observation observed = observations.observation();
    return switch (refused.reason()) {
      case UNREACHABLE, NOT_KNOWN ->
          reasons.endsARequest(unanswered(refused), refused.explanation());
      case IN_USE ->
          reasons.endsARequest(
              Unavailable.Reason.VOLUME_IN_USE, refused.explanation(), IN_USE_RETRY);
      case NOT_FOUND -> never(Rejected.Reason.VOLUME_NOT_FOUND, refused, observed);
      case ACCESS_DENIED -> never(Rejected.Reason.ACCESS_DENIED, refused, observed);
      case NOT_PRIMARY -> never(Rejected.Reason.NOT_PRIMARY, refused, observed);
      case UNSUPPORTED -> never(Rejected.Reason.BAD_REQUEST, refused, observed);
      case CANNOT_ASK -> never(Rejected.Reason.CANNOT_ASK_STORAGE, refused, observed);
    };
  }

  /** Why it is not known whether a client has a volume open. */
  public static Unavailable.Reason unanswered(Refused refused) {
    return refused.reason() == Reason.UNREACHABLE
        ? Unavailable.Reason.STORAGE_UNREACHABLE
        : Unavailable.Reason.STORAGE_UNANSWERED;
  }

  private static NotDone never(Rejected.Reason reason, Refused refused, Observation observed) {
    return new Rejected(reason, refused.explanation(), List.of(), observed);
  }
}
