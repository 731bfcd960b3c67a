// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainViews;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.exec.VolumeSearch.Absent;
import io.diskplug.exec.VolumeSearch.Ambiguous;
import io.diskplug.exec.VolumeSearch.Location;
import io.diskplug.exec.VolumeSearch.SourceChanged;
import io.diskplug.fault.Classification;
import io.diskplug.fault.Condition;
import io.diskplug.fault.FaultClassifier;
import io.diskplug.fault.FaultException;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A request on one domain and one volume: what attach and detach have in common. It is advanced in
 * rounds by one thread at a time, and never waits by itself.
 *
 * @param <O> the outcomes it can come to
 */
abstract class Request<O> implements AutoCloseable {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /** When a storage or a busy domain is worth another look, as a hint for the caller. */
  static final Duration RETRY_SOON = Duration.ofSeconds(1);

  final BoundedDomain domain;
  final VolumeRef volume;
  final Trace trace;
  final Signal signal = new Signal();
  private final FaultClassifier classifier;
  private final Backoff pauses;
  private Unavailable.@Nullable Reason trouble;
  private String troubleText = "";

  /** Whether a call that changes the domain was made, whatever it returned. */
  private boolean changed;

  Request(
      BoundedDomain domain,
      VolumeRef volume,
      Trace trace,
      FaultClassifier classifier,
      RandomGenerator random) {
    this.domain = domain;
    this.volume = volume;
    this.trace = trace;
    this.classifier = classifier;
    this.pauses = new Backoff(random, FIRST_PAUSE, LONGEST_PAUSE);
  }

  /** Looks, decides, and makes at most one change. */
  final Step<O> round() throws CallUnfinishedException, InterruptedException {
    try {
      Optional<Snapshot> read = Snapshot.read(domain);
      if (read.isEmpty()) {
        return pause(Unavailable.Reason.DOMAIN_CHANGING, "the domain kept changing its state");
      }
      Snapshot snapshot = read.get();
      Map<View, Location> locations = locate(snapshot.views());
      trace.saw(snapshot.status(), locations.get(View.LIVE), locations.get(View.PERSISTENT));
      if (!snapshot.status().active() && snapshot.status().managedSave()) {
        return rejected(
            Rejected.Reason.MANAGED_SAVE,
            "the domain has a managed-save image, which holds the disks it had when it was saved;"
                + " start the domain, or remove the image");
      }
      for (Location location : locations.values()) {
        if (location instanceof SourceChanged changedSource) {
          return rejected(Rejected.Reason.SOURCE_CHANGED, changedSource.explanation());
        }
        if (location instanceof Ambiguous ambiguous) {
          return rejected(Rejected.Reason.CONFLICT, ambiguous.explanation());
        }
      }
      return decide(snapshot, locations);
    } catch (FaultException e) {
      trace.fault(e.fault());
      return unreadable(e.fault());
    }
  }

  private Map<View, Location> locate(DomainViews views) {
    Map<View, Location> locations = new EnumMap<>(View.class);
    views.present().forEach(view -> locations.put(view.view(), VolumeSearch.locate(view, volume)));
    return locations;
  }

  /**
   * Decides on what was just read. The locations are {@link Absent} or {@link VolumeSearch.Found},
   * one for each view that applies.
   */
  abstract Step<O> decide(Snapshot snapshot, Map<View, Location> locations)
      throws FaultException, CallUnfinishedException, InterruptedException;

  /** The outcome when the deadline has passed between two calls. */
  abstract O deadlinePassed();

  /** The same outcome in the type of this request. */
  abstract O notDone(NotDone outcome);

  @Override
  public void close() {}

  /** To be called before every call that changes the domain. */
  final void changing() {
    changed = true;
  }

  final boolean hasChanged() {
    return changed;
  }

  final Classification classify(LibvirtFault fault) {
    return classifier.classify(fault);
  }

  /** The outcome when a call has not returned before the deadline. */
  final O unfinished(CallUnfinishedException e) {
    if (!e.sent()) {
      return deadlinePassed();
    }
    return changed
        ? indeterminate(Indeterminate.Reason.CALL_OUTSTANDING, String.valueOf(e.getMessage()))
        : notDone(unavailable(Unavailable.Reason.DOMAIN_BUSY, String.valueOf(e.getMessage())));
  }

  final O interrupted() {
    return indeterminate(
        Indeterminate.Reason.INTERRUPTED, "the thread that waited for the request was interrupted");
  }

  final O closed() {
    String explanation = "this library was closed";
    return changed
        ? indeterminate(Indeterminate.Reason.CLOSED, explanation)
        : notDone(unavailable(Unavailable.Reason.CLOSED, explanation));
  }

  /** The lane did not take the request, because it is full or because the deadline passed. */
  final Step<O> laneBusy(boolean deadlinePassed) {
    if (deadlinePassed || changed) {
      return new Step.Wait<>(signal, FIRST_PAUSE);
    }
    return done(
        notDone(
            unavailable(Unavailable.Reason.LANE_BUSY, "too many requests wait for their turn")));
  }

  /** An earlier call on the domain has not returned: another one would only hang as well. */
  final Step<O> callOutstanding(String explanation) {
    return changed
        ? pause(Unavailable.Reason.CALL_OUTSTANDING, explanation)
        : done(notDone(unavailable(Unavailable.Reason.CALL_OUTSTANDING, explanation)));
  }

  final O indeterminate(Indeterminate.Reason reason, String explanation) {
    return notDone(new Indeterminate(reason, explanation, trace.observation()));
  }

  final Step<O> rejected(Rejected.Reason reason, String explanation) {
    return rejected(reason, explanation, List.of());
  }

  final Step<O> rejected(Rejected.Reason reason, String explanation, List<Difference> differences) {
    return done(notDone(new Rejected(reason, explanation, differences, trace.observation())));
  }

  final Unavailable unavailable(Unavailable.Reason reason, String explanation) {
    return new Unavailable(reason, explanation, RETRY_SOON, trace.observation());
  }

  /** What the deadline finds if nothing was changed: the last trouble, if there was any. */
  final Unavailable lastTrouble() {
    return trouble == null
        ? unavailable(
            Unavailable.Reason.LANE_BUSY, "the deadline passed before the request had its turn")
        : unavailable(trouble, troubleText);
  }

  /** Another round after a pause; the reason is told if the deadline comes first. */
  final Step<O> pause(Unavailable.Reason reason, String explanation) {
    trouble = reason;
    troubleText = explanation;
    return new Step.Wait<>(signal, pauses.next());
  }

  final Step<O> again() {
    return new Step.Again<>();
  }

  final Step<O> done(O outcome) {
    return new Step.Done<>(outcome);
  }

  /** A domain that cannot be read: gone, busy, or on the other side of a broken connection. */
  final Step<O> unreadable(LibvirtFault fault) {
    Condition condition = classify(fault).condition();
    return switch (condition) {
      case DOMAIN_NOT_FOUND ->
          rejected(
              Rejected.Reason.DOMAIN_NOT_FOUND,
              "the daemon knows no such domain; it may be undefined, or on another host");
      case NOT_PERMITTED -> rejected(Rejected.Reason.ACCESS_DENIED, fault.toString());
      default -> pause(Troubles.reason(condition), fault.toString());
    };
  }
}
