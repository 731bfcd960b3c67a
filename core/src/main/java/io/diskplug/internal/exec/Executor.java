// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.LongJobs;
import io.diskplug.internal.coordination.ProcessMemory;
import io.diskplug.internal.engine.Deadline;
import io.diskplug.internal.engine.Lanes;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.engine.Task;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.internal.match.Namesakes;
import io.diskplug.internal.match.VolumeSelector;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.observe.RequestEvents;
import io.diskplug.internal.place.DiskElements;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.reason.PastAttempts;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.internal.request.change.GrowRequest;
import io.diskplug.internal.request.change.LimitRequest;
import io.diskplug.internal.request.plug.AttachRequest;
import io.diskplug.internal.request.plug.AttachSequence;
import io.diskplug.internal.request.plug.DetachRequest;
import io.diskplug.internal.request.plug.PlanRequest;
import io.diskplug.internal.request.repair.AddRequest;
import io.diskplug.internal.request.repair.AdoptRequest;
import io.diskplug.internal.request.repair.EvictRequest;
import io.diskplug.internal.request.repair.ForgetRequest;
import io.diskplug.internal.request.repair.InspectRequest;
import io.diskplug.internal.request.repair.RemoveRequest;
import io.diskplug.internal.request.repair.RepairSequence;
import io.diskplug.internal.storage.StorageAdvice;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.InspectOutcome;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.PlanOutcome;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairOutcome;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.VolumeUses;
import io.diskplug.outcome.Waiver;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.PlugListener.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs requests: their turns in the lanes of their domains, on workers that calls may be lost with.
 * Safe for use by several threads.
 */
public final class Executor implements AutoCloseable {

  /** A guest that has this many requests waiting needs attention, and not one more request. */
  private static final int MOST_REQUESTS_PER_DOMAIN = 64;

  /** More than a daemon works off in the deadlines that people set. */
  private static final int MOST_REQUESTS = 4096;

  /** QEMU rounds a size up to whole ones. */
  private static final int SECTOR = 512;

  private final Scheduler scheduler;
  private final ListenerDispatcher dispatcher;
  private final RequestContext context;
  private final Job.Surroundings around;
  private final Set<RunningRequest<?>> running;
  private final AtomicBoolean closed;

  /**
   * An executor on a hypervisor, which stays the caller's to close.
   *
   * @param hypervisor the port
   * @param classifier says what faults mean
   * @param kinds the kinds of storage that requests are served for
   * @param release what the caller allows and demands of a detach
   * @param storage asked before and after QEMU opens a volume, and after it was to close it
   * @param scheduler time and threads; closed together with the executor
   * @param random spreads pauses; must be safe for use by several threads
   * @param dispatcher is told what becomes of requests; closed together with the executor
   */
  public Executor(
      HypervisorPort hypervisor,
      FaultClassifier classifier,
      StorageKinds kinds,
      ReleaseRules release,
      StorageProbes storage,
      Scheduler scheduler,
      RandomGenerator random,
      ListenerDispatcher dispatcher) {
    this.scheduler = scheduler;
    this.dispatcher = dispatcher;
    this.context =
        new RequestContext(
            classifier,
            kinds,
            random,
            scheduler,
            ProcessMemory.empty(scheduler, random),
            new PastAttempts(scheduler),
            storage,
            release,
            Set.of());
    this.around =
        new Job.Surroundings(
            hypervisor,
            classifier,
            scheduler,
            new Lanes(scheduler, MOST_REQUESTS_PER_DOMAIN),
            new LongJobs(scheduler));
    this.running = ConcurrentHashMap.newKeySet();
    this.closed = new AtomicBoolean();
  }

  private Executor(Executor same, RequestContext context) {
    this.scheduler = same.scheduler;
    this.dispatcher = same.dispatcher;
    this.context = context;
    this.around = same.around;
    this.running = same.running;
    this.closed = same.closed;
  }

  /**
   * The same executor, for requests that waive more than those of this one. It shares everything
   * with this one: either is closed with the other.
   *
   * @param more what is waived besides
   */
  public Executor waiving(Set<Waiver> more) {
    return new Executor(this, context.waiving(more));
  }

  /**
   * Attaches.
   *
   * @param ref the domain
   * @param source the disk
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive, or the source's element is not
   *     that of its volume and bus
   */
  public RequestHandle<AttachOutcome> attach(DomainRef ref, DiskSource source, Duration budget) {
    Disk wanted = DiskElements.wanted(source);
    return submit(
        Kind.ATTACH,
        ref,
        source.volume(),
        budget,
        (domain, observations) -> attach(domain, source, wanted, observations),
        outcome -> outcome);
  }

  private Task<AttachOutcome> attach(
      DomainAccess domain, DiskSource source, Disk wanted, ObservationLog observations) {
    return new AttachSequence(
        new AttachRequest(domain, source, wanted, observations, context),
        signal ->
            StorageAdvice.afterAttach(
                source, domain, context.storage(), context.scheduler(), signal),
        () -> detach(domain, source.volume(), observations, context.whileUsedElsewhere()),
        observations);
  }

  /**
   * Attaches several disks, one after the other.
   *
   * @param ref the domain
   * @param sources the disks
   * @param budget how long they may take together; positive
   * @throws IllegalArgumentException if the budget is not positive, or a source's element is not
   *     that of its volume and bus; then nothing was submitted
   */
  public RequestHandle<List<AttachOutcome>> attachAll(
      DomainRef ref, List<? extends DiskSource> sources, Duration budget) {
    Deadline.requirePositive(budget);
    List<DiskSource> copy = List.copyOf(sources);
    copy.forEach(DiskElements::wanted);
    return RequestHandle.all(
        copy.stream().map(source -> attach(ref, source, budget)).toList(), scheduler);
  }

  /**
   * Detaches.
   *
   * @param ref the domain
   * @param volume the volume
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive
   */
  public RequestHandle<DetachOutcome> detach(DomainRef ref, VolumeRef volume, Duration budget) {
    return submit(
        Kind.DETACH,
        ref,
        volume,
        budget,
        (domain, observations) -> detach(domain, volume, observations, context),
        outcome -> outcome);
  }

  /**
   * Detaches several volumes. The guest is asked for each as soon as it may be, whatever becomes of
   * the others.
   *
   * @param ref the domain
   * @param volumes the volumes; one that is there more than once is detached once
   * @param budget how long they may take together; positive
   * @throws IllegalArgumentException if the budget is not positive; then nothing was submitted
   */
  public RequestHandle<List<DetachOutcome>> detachAll(
      DomainRef ref, List<VolumeRef> volumes, Duration budget) {
    Deadline.requirePositive(budget);
    List<VolumeRef> copy = List.copyOf(volumes);
    Map<VolumeRef, RequestHandle<DetachOutcome>> each = new HashMap<>();
    return RequestHandle.all(
        copy.stream()
            .map(volume -> each.computeIfAbsent(volume, one -> detach(ref, one, budget)))
            .toList(),
        scheduler);
  }

  private static Task<DetachOutcome> detach(
      DomainAccess domain, VolumeRef volume, ObservationLog observations, RequestContext context) {
    return new DetachRequest<>(
        domain,
        new VolumeSelector(volume, Namesakes.LISTED),
        new DetachRequest.OfVolume(volume),
        observations,
        context);
  }

  /**
   * Plans.
   *
   * @param ref the domain
   * @param disks the disks
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive, or a disk's element is not that
   *     of its volume and bus
   */
  public RequestHandle<PlanOutcome> plan(
      DomainRef ref, List<? extends DiskSource> disks, Duration budget) {
    List<DiskSource> copy = List.copyOf(disks);
    copy.forEach(DiskElements::wanted);
    return submit(
        Kind.PLAN,
        ref,
        null,
        budget,
        (domain, observations) -> new PlanRequest(domain, copy, observations, context),
        outcome -> outcome);
  }

  /**
   * Inspects.
   *
   * @param ref the domain
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive
   */
  public RequestHandle<InspectOutcome> inspect(DomainRef ref, Duration budget) {
    return submit(
        Kind.INSPECT,
        ref,
        null,
        budget,
        (domain, observations) -> new InspectRequest(domain, observations, context, true),
        outcome -> outcome);
  }

  /**
   * Repairs.
   *
   * @param ref the domain
   * @param policy what it may do
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive
   */
  public RequestHandle<RepairOutcome> repair(DomainRef ref, RepairPolicy policy, Duration budget) {
    return submit(
        Kind.REPAIR,
        ref,
        null,
        budget,
        (domain, observations) ->
            new RepairSequence(
                policy,
                new InspectRequest(domain, observations, context),
                repair -> mend(domain, repair, observations.another()),
                context.kinds(),
                domain,
                scheduler,
                observations),
        outcome -> outcome);
  }

  private Task<MendOutcome> mend(DomainAccess domain, Repair repair, ObservationLog observations) {
    return switch (repair.kind()) {
      case ADD ->
          new AddRequest(
              domain,
              repair.view().orElseThrow(),
              repair.disk().orElseThrow(),
              observations,
              context);
      case REMOVE, DETACH ->
          new RemoveRequest(
              domain, repair.view(), repair.disk().orElseThrow(), observations, context);
      case EVICT -> new EvictRequest(domain, repair.ghost().orElseThrow(), observations, context);
      case FORGET ->
          new ForgetRequest(domain, repair.unplug().orElseThrow(), observations, context);
    };
  }

  /**
   * Takes over a disk of another tool.
   *
   * @param ref the domain
   * @param volume the volume that the disk is
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive
   */
  public RequestHandle<ChangeOutcome> adopt(DomainRef ref, VolumeRef volume, Duration budget) {
    return submit(
        Kind.ADOPT,
        ref,
        volume,
        budget,
        (domain, observations) -> new AdoptRequest(domain, volume, observations, context),
        outcome -> outcome);
  }

  /**
   * Sets the limits of an attached disk.
   *
   * @param ref the domain
   * @param volume the volume
   * @param limits the limits
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive
   */
  public RequestHandle<ChangeOutcome> limit(
      DomainRef ref, VolumeRef volume, IoTune limits, Duration budget) {
    return submit(
        Kind.LIMIT,
        ref,
        volume,
        budget,
        (domain, observations) -> new LimitRequest(domain, volume, limits, observations, context),
        outcome -> outcome);
  }

  /**
   * Lets the guest see the size to which a volume has grown.
   *
   * @param ref the domain
   * @param volume the volume
   * @param bytes its new size in bytes, a positive multiple of {@value #SECTOR}
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive, or the size not a positive
   *     multiple of {@value #SECTOR}
   */
  public RequestHandle<ChangeOutcome> grow(
      DomainRef ref, VolumeRef volume, long bytes, Duration budget) {
    if (bytes <= 0 || bytes % SECTOR != 0) {
      throw new IllegalArgumentException(
          "the size " + bytes + " is not a positive multiple of " + SECTOR);
    }
    return submit(
        Kind.GROW,
        ref,
        volume,
        budget,
        (domain, observations) -> new GrowRequest(domain, volume, bytes, observations, context),
        outcome -> outcome);
  }

  /**
   * Looks for a volume in all domains of the daemon.
   *
   * @param volume the volume
   * @param budget how long it may take; positive
   * @throws IllegalArgumentException if the budget is not positive
   */
  public RequestHandle<VolumeUses> findVolume(VolumeRef volume, Duration budget) {
    Deadline.requirePositive(budget);
    return begin(new VolumeSweep(around, context, volume, budget));
  }

  /** The lane of a domain, or of a name. */
  private static UnaryOperator<Object> laneOf(Kind kind) {
    return kind == Kind.INSPECT ? InspectionLane::of : UnaryOperator.identity();
  }

  private <O extends Outcome> RequestHandle<O> submit(
      Kind kind,
      DomainRef ref,
      @Nullable VolumeRef volume,
      Duration budget,
      Job.Maker<O> maker,
      Function<NotDone, O> notDone) {
    Deadline.requirePositive(budget);
    RequestEvents events =
        dispatcher.begin(kind, ref, Optional.ofNullable(volume), scheduler::nanoTime);
    Job<O> job =
        new Job<>(around, ref, budget, events, events::finished, maker, notDone, laneOf(kind));
    Optional<String> objection =
        volume == null ? Optional.empty() : context.kinds().objection(volume.identity());
    if (objection.isPresent() && !closed.get()) {
      job.refuse(Rejected.Reason.STORAGE_KIND_UNKNOWN, objection.get());
      return handle(job);
    }
    return begin(job);
  }

  private <T> RequestHandle<T> begin(RunningRequest<T> request) {
    if (closed.get()) {
      request.close();
    } else if (running.size() >= MOST_REQUESTS) {
      request.turnAway();
    } else {
      running.add(request);
      CompletableFuture<T> unused =
          request.outcome().whenComplete((result, problem) -> running.remove(request));
      request.start();
      if (closed.get()) { // closed meanwhile: close() may not have seen this request
        request.close();
      }
    }
    return handle(request);
  }

  private <T> RequestHandle<T> handle(RunningRequest<T> request) {
    return new RequestHandle<>(request.outcome(), request::interrupt, scheduler);
  }

  /**
   * Takes no new requests, and answers those under way: their calls under way are abandoned on
   * their daemon threads. Waits for the listener alone, as {@link ListenerDispatcher#close} says.
   */
  @Override
  public void close() {
    closed.set(true);
    running.forEach(RunningRequest::close);
    scheduler.close();
    dispatcher.close();
  }
}
