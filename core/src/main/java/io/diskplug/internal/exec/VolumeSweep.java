// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import io.diskplug.domain.DomainRef;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.engine.Deadline;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.observe.RequestEvents;
import io.diskplug.internal.port.KnownDomain;
import io.diskplug.internal.reason.Reasons;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.internal.request.find.FindRequest;
import io.diskplug.internal.request.find.FindRequest.NotSeen;
import io.diskplug.internal.request.find.FindRequest.Seen;
import io.diskplug.internal.request.find.FindRequest.Sight;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.outcome.VolumeUses;
import io.diskplug.outcome.VolumeUses.InDomain;
import io.diskplug.spi.PlugListener.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a volume in all domains of the daemon: a few at a time, each in the lane of its
 * inspections, so that changes wait for none of this and it waits for no change.
 *
 * <p>A domain whose call hangs keeps its place of those few, because the call keeps its worker. The
 * others go on in the places that are left.
 */
final class VolumeSweep implements RunningRequest<VolumeUses> {

  /** So many workers at most, of those that all requests on the daemon share. */
  private static final int AT_A_TIME = 4;

  /** What cannot be read for so long is told as such, so that the answer need not wait for it. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Job.Surroundings around;
  private final RequestContext context;
  private final VolumeRef volume;
  private final Deadline deadline;
  private final DomainListing listing;
  private final CompletableFuture<VolumeUses> outcome = new CompletableFuture<>();

  // All that follows is guarded by this.
  private final Deque<KnownDomain> waiting = new ArrayDeque<>();
  private final Map<Job<Sight>, KnownDomain> underWay = new HashMap<>();
  private final List<InDomain> found = new ArrayList<>();
  private final Map<String, NotDone> unread = new HashMap<>();
  private int places = AT_A_TIME;
  private int read;
  private boolean isListed;
  private @Nullable Ending ending;

  /**
   * Why no other domain is begun with.
   *
   * @param reason why, for a program
   * @param explanation why, for a person
   */
  private record Ending(Unavailable.Reason reason, String explanation) {}

  VolumeSweep(Job.Surroundings around, RequestContext context, VolumeRef volume, Duration budget) {
    this.around = around;
    this.context = context;
    this.volume = volume;
    this.deadline = Deadline.after(around.scheduler()::nanoTime, budget);
    this.listing = new DomainListing(around);
    CompletableFuture<DomainListing.Listed> unused = listing.outcome().whenComplete(this::listed);
  }

  @Override
  public CompletableFuture<VolumeUses> outcome() {
    return outcome;
  }

  @Override
  public void start() {
    Scheduler.Timer timer = around.scheduler().after(deadline.remaining(), this::endAtTheDeadline);
    CompletableFuture<VolumeUses> unused = outcome.whenComplete((uses, problem) -> timer.cancel());
    listing.start();
  }

  @Override
  public void turnAway() {
    listing.end("too many requests wait for their turn");
  }

  @Override
  public void interrupt() {
    end(new Ending(Unavailable.Reason.INTERRUPTED, Reasons.INTERRUPTED), Job::interrupt);
    listing.end(Reasons.INTERRUPTED);
  }

  @Override
  public void close() {
    end(new Ending(Unavailable.Reason.CLOSED, Reasons.CLOSED), Job::close);
    listing.end(Reasons.CLOSED);
  }

  /** The domains under way have no later deadline of their own. */
  private void endAtTheDeadline() {
    end(
        new Ending(Unavailable.Reason.NOT_BEGUN, "the deadline passed before the domain was read"),
        job -> {});
    listing.endAtTheDeadline();
  }

  private void listed(DomainListing.Listed listed, @Nullable Throwable problem) {
    if (problem != null) {
      outcome.completeExceptionally(problem);
    } else if (listed.problem() != null) {
      outcome.complete(
          new VolumeUses(volume, List.of(), 0, Map.of(), Optional.of(listed.problem())));
    } else {
      synchronized (this) {
        isListed = true;
        waiting.addAll(listed.domains());
      }
      proceed();
    }
  }

  /** Begins with as many domains as there are places for; has the outcome if none is left. */
  private void proceed() {
    List<Job<Sight>> begun = new ArrayList<>();
    VolumeUses uses = null;
    synchronized (this) {
      if (ending != null) {
        giveUp(ending);
      }
      while (underWay.size() < places && !waiting.isEmpty()) {
        KnownDomain domain = waiting.remove();
        Job<Sight> job = job(domain);
        underWay.put(job, domain);
        begun.add(job);
      }
      if (places == 0) {
        giveUp(
            new Ending(
                Unavailable.Reason.NOT_BEGUN,
                "calls on " + AT_A_TIME + " other domains do not return, and more are not risked"));
      }
      if (isListed && underWay.isEmpty() && waiting.isEmpty()) {
        found.sort(Comparator.comparing(InDomain::name));
        uses = new VolumeUses(volume, found, read, unread, Optional.empty());
      }
    }
    if (uses != null) {
      outcome.complete(uses);
    }
    begun.forEach(Job::start);
  }

  private Job<Sight> job(KnownDomain domain) {
    Duration left = deadline.remaining();
    DomainRef ref = DomainRef.uuid(domain.uuid());
    Job<Sight> job =
        new Job<>(
            around,
            ref,
            left.compareTo(PATIENCE) < 0 ? left : PATIENCE,
            untold(ref),
            sight -> {},
            (access, observations) ->
                new FindRequest(domain.name(), access, volume, observations, context),
            NotSeen::new,
            InspectionLane::of);
    CompletableFuture<Sight> unused =
        job.outcome().whenComplete((sight, problem) -> answered(job, sight, problem));
    return job;
  }

  /** A listener is told of requests on a domain that a caller has named. */
  private RequestEvents untold(DomainRef ref) {
    return ListenerDispatcher.none()
        .begin(Kind.INSPECT, ref, Optional.of(volume), around.scheduler()::nanoTime);
  }

  private void answered(Job<Sight> job, @Nullable Sight sight, @Nullable Throwable problem) {
    if (problem != null) {
      outcome.completeExceptionally(problem);
    }
    boolean hangs = job.hangs();
    synchronized (this) {
      KnownDomain domain = underWay.remove(job);
      if (problem != null) {
        waiting.clear();
      }
      if (hangs) {
        places--;
      }
      if (domain != null && sight instanceof NotSeen unseen) {
        notSeen(domain, unseen.why());
      } else if (sight instanceof Seen seen) {
        read++;
        if (seen.domain().isShown() || seen.domain().mayHaveMoreThanIsShown()) {
          found.add(seen.domain());
        }
      }
    }
    proceed();
  }

  private void notSeen(KnownDomain domain, NotDone why) {
    boolean isGone =
        why instanceof Rejected rejected && rejected.reason() == Rejected.Reason.DOMAIN_NOT_FOUND;
    if (!isGone) {
      unread.put(domain.name(), why);
    }
  }

  /** Begins with no other domain, and has the outcome as soon as those under way are answered. */
  private void end(Ending why, Consumer<Job<Sight>> endOfThoseUnderWay) {
    List<Job<Sight>> jobs;
    synchronized (this) {
      if (ending == null) {
        ending = why;
      }
      jobs = List.copyOf(underWay.keySet());
    }
    jobs.forEach(endOfThoseUnderWay);
    proceed();
  }

  /** With the lock held. */
  private void giveUp(Ending why) {
    for (KnownDomain domain : waiting) {
      DomainRef ref = DomainRef.uuid(domain.uuid());
      ObservationLog observations = new ObservationLog(ref, untold(ref));
      observations.resolved(domain.uuid());
      unread.put(
          domain.name(),
          new Unavailable(
              why.reason(), why.explanation(), Reasons.RETRY_SOON, observations.observation()));
    }
    waiting.clear();
  }
}
