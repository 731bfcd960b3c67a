// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.DomainAccess.Busy;
import io.diskplug.internal.access.PoolNames;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.coordination.SlotQuarantine;
import io.diskplug.internal.engine.Backoff;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.engine.Signal;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.engine.Task;
import io.diskplug.internal.fault.Classification;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.fault.Verdict;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.port.ControlState;
import io.diskplug.internal.reason.ReasonLog;
import io.diskplug.internal.reason.Reasons;
import io.diskplug.internal.reason.Standing;
import io.diskplug.internal.xml.read.DomainXmlException;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A task on one domain that reads it in each round, and so needs no memory of it.
 *
 * @param <O> the outcomes it can come to
 */
public abstract class Request<O> implements Task<O> {

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /** A detach of another client waits five seconds for the guest, and holds the job meanwhile. */
  private static final Duration LONG_JOB = Duration.ofSeconds(6);

  private static final Duration LOOK_WHETHER_READABLE = Duration.ofMillis(20);

  /** Less often, for each such look comes after a reading of the domain. */
  protected static final Duration LOOK_WHETHER_HIDDEN = Duration.ofMillis(100);

  /** How often a fault that says nothing is worth another try. */
  private static final int MOST_UNEXPLAINED = 3;

  protected final DomainAccess domain;
  protected final ObservationLog observations;
  protected final Signal signal = new Signal();
  protected final Scheduler scheduler;
  protected final RequestContext context;
  protected final PoolNames pools;
  private final Backoff pauses;
  protected final ReasonLog reasons;
  private Unavailable.@Nullable Reason trouble;
  private String troubleText = "";

  private int unexplained;

  /** Since when the domain could not be read because its job was taken. */
  private @Nullable Long unreadSince;

  /** What was read last, which tells the next round what to read. */
  private @Nullable DomainStatus lastStatus;

  /** What was read before a change, while it holds; see {@link #readBack}. */
  private @Nullable DomainStatus beforeChange;

  /** What to answer if the next reading shows that the failed call has had no effect. */
  private @Nullable Supplier<Step<O>> unlessDone;

  /**
   * What the request has come to while it tidies up: the answer, whatever ends the request, as long
   * as no reading shows other views than those that it was proven for.
   */
  private @Nullable O proven;

  private @Nullable DomainViews provenFor;

  private @Nullable DomainViews lastViews;

  /** Whether a call that changes the domain was made, whatever it returned. */
  private boolean changed;

  /** The same before the last of them. */
  private boolean changedBefore;

  protected Request(DomainAccess domain, ObservationLog observations, RequestContext context) {
    this.domain = domain;
    this.observations = observations;
    this.context = context;
    this.scheduler = context.scheduler();
    this.pools = new PoolNames(domain);
    this.pauses = new Backoff(context.random(), Backoff.FIRST_PAUSE, LONGEST_PAUSE);
    this.reasons =
        new ReasonLog(domain.uuid(), getClass().getSimpleName(), observations, context.attempts());
  }

  @Override
  public final Step<O> round() {
    try {
      Optional<ControlState> inTheWay =
          beforeChange == null ? domain.inTheWayOfReading() : Optional.empty();
      if (inTheWay.isPresent()) {
        return whileReadingWouldWait(inTheWay.get());
      }
      unreadSince = null;
      Optional<Snapshot> read = read();
      if (read.isEmpty()) {
        return pause(Unavailable.Reason.DOMAIN_CHANGING, "the domain kept changing its state");
      }
      Snapshot snapshot = read.get();
      lastStatus = snapshot.status();
      lastViews = snapshot.views();
      if (!lastViews.equals(provenFor)) {
        proven = null;
      }
      reasons.saw(snapshot);
      context.memory().experimentalMachines().saw(lastViews).ifPresent(observations::experimental);
      remember(snapshot);
      look(snapshot);
      Standing standing = standing(snapshot);
      if (standing instanceof Standing.Refused refused && !isServedInAnyState()) {
        // What was sent before the domain came into this state may be in what was saved.
        return changed
            ? done(indeterminate(Indeterminate.Reason.NOT_AS_PLANNED, refused.explanation()))
            : rejected(refused.reason(), refused.explanation());
      }
      if (standing instanceof Standing.Changing changing && !isServedInAnyState()) {
        return pause(Unavailable.Reason.DOMAIN_CHANGING, changing.explanation());
      }
      return decide(snapshot);
    } catch (FaultException e) {
      observations.fault(e.fault());
      return unreadable(e.fault());
    } catch (DomainXmlException e) {
      // A view that cannot be read says nothing of what is in it.
      return pause(Unavailable.Reason.UNREADABLE, String.valueOf(e.getMessage()));
    }
  }

  /**
   * The daemon works on the domain for another call, or waits for its QEMU. A reading would wait
   * with it, and hold a worker of the daemon meanwhile. What is over soon is looked for again soon.
   */
  private Step<O> whileReadingWouldWait(ControlState control) throws FaultException {
    long now = scheduler.nanoTime();
    if (unreadSince == null) {
      unreadSince = now;
    }
    Optional<String> occupied =
        domain.occupiedMonitor(control).filter(busy -> !busy.mayEndSoon()).map(Busy::why);
    boolean isNew = occupied.isEmpty() && now - unreadSince < DomainAccess.LONG_COMMAND.toNanos();
    DomainStatus status = domain.status();
    observations.saw(status);
    // The job of a start or of a migration that arrives: the state says more than the job does.
    if (Standing.of(status, context.waived()) instanceof Standing.Changing changing
        && !isServedInAnyState()) {
      return isNew
          ? await(Unavailable.Reason.DOMAIN_CHANGING, changing.explanation(), LOOK_WHETHER_READABLE)
          : pause(Unavailable.Reason.DOMAIN_CHANGING, changing.explanation());
    }
    String why = occupied.orElse("the daemon works on the domain for another call");
    if (isNew) {
      return await(Unavailable.Reason.DOMAIN_BUSY, why, LOOK_WHETHER_READABLE);
    }
    return unread(why, occupied.isPresent() || now - unreadSince >= LONG_JOB.toNanos());
  }

  /**
   * The domain cannot be read yet.
   *
   * @param why the reason in words
   * @param lasts whether that is not over soon: QEMU has not answered a command for long, or a job
   *     holds the domain for longer than most do
   */
  protected Step<O> unread(String why, boolean lasts) throws FaultException {
    return pause(Unavailable.Reason.DOMAIN_BUSY, why);
  }

  private Optional<Snapshot> read() throws FaultException {
    DomainStatus holds = beforeChange;
    beforeChange = null;
    Optional<Snapshot> readBack =
        holds == null ? Optional.empty() : Snapshot.readBack(domain, holds);
    Optional<Snapshot> read = readBack.isPresent() ? readBack : Snapshot.read(domain, lastStatus);
    return read.isEmpty() ? read : Optional.of(pools.resolve(read.get()));
  }

  /**
   * A conflict that may come from a storage pool of which the daemon has said nothing: it is asked
   * again, unless the part of libvirt that knows the pools does not run.
   *
   * @param conflict what the views say without that
   * @return what to do first; empty if the daemon has said all
   */
  protected final Optional<Step<O>> whilePoolsAreUnanswered(String conflict) {
    if (pools.unanswered().isEmpty()) {
      return Optional.empty();
    }
    String explanation =
        "the daemon has not said what the storage pools "
            + String.join(", ", pools.unanswered().keySet())
            + " are; without that, "
            + conflict;
    for (LibvirtFault fault : pools.unanswered().values()) {
      observations.fault(fault);
      Classification meaning = classify(fault);
      if (meaning.condition() == Condition.DAEMON_INCOMPLETE) {
        String incomplete =
            explanation + ": " + Reasons.explain(fault.toString(), meaning.condition());
        return Optional.of(
            changed
                ? done(indeterminate(Indeterminate.Reason.NOT_AS_PLANNED, incomplete))
                : rejected(Reasons.rejection(meaning.condition()), incomplete));
      }
    }
    return Optional.of(pause(Unavailable.Reason.STORAGE_UNANSWERED, explanation));
  }

  /** Whether the request is served though a saved state or another host's QEMU has disks. */
  protected boolean isServedInAnyState() {
    return false;
  }

  /** What the state of the domain that was read means for the request. */
  protected final Standing standing(Snapshot snapshot) {
    return Standing.of(snapshot.status(), context.waived());
  }

  /** The strongest proof of a release that the domain's state allows without the storage. */
  protected final Proof strongestProof(Snapshot snapshot) {
    return standing(snapshot) instanceof Standing.Served served ? served.proof() : Proof.XML;
  }

  /** The same where QEMU is not asked: that it runs is no proof of what it has. */
  protected final Proof proofWithoutQemu(Snapshot snapshot) {
    Proof strongest = strongestProof(snapshot);
    return strongest == Proof.QEMU ? Proof.XML : strongest;
  }

  /** Keeps for later requests on the domain what was just read. */
  protected void remember(Snapshot snapshot) {
    context.memory().slotQuarantine().saw(domain.uuid(), snapshot);
    snapshot
        .views()
        .of(View.LIVE)
        .ifPresent(
            live ->
                context
                    .memory()
                    .pendingUnplugs()
                    .saw(domain.uuid(), () -> SlotQuarantine.devices(live)));
  }

  /** Takes note of what was just read. */
  protected void look(Snapshot snapshot) {
    observations.saw(snapshot.status());
  }

  /** Decides on what was just read. */
  protected abstract Step<O> decide(Snapshot snapshot) throws FaultException;

  /** The same outcome in the type of this request. */
  protected abstract O notDone(NotDone outcome);

  @Override
  public void close() {
    signal.stop();
  }

  /**
   * Whether a call that changes the domain would only wait, holding a worker of the daemon: for a
   * long job of libvirt, or for a command that QEMU should have answered long ago.
   *
   * @return what to do instead
   */
  protected final Optional<Step<O>> whileOccupied() throws FaultException {
    return occupied().map(this::whileBusy);
  }

  /** The same for a call that takes the job briefly, and does not wait for a long job. */
  protected final Optional<Step<O>> whileQemuIsSilent() throws FaultException {
    return domain.occupiedMonitorOfLate().map(this::whileBusy);
  }

  /** Another round: after {@link #LOOK_WHETHER_HIDDEN} if it may say more, else after a pause. */
  protected final Step<O> whileBusy(Busy busy) {
    return busy.mayEndSoon()
        ? await(Unavailable.Reason.DOMAIN_BUSY, busy.why(), LOOK_WHETHER_HIDDEN)
        : pause(Unavailable.Reason.DOMAIN_BUSY, busy.why());
  }

  /**
   * Says so if libvirt would let a change wait for the end of a long job. The reason for which the
   * domain is paused does not show it: libvirt leaves DUMP or SNAPSHOT there if the processors
   * could not go on after the job.
   */
  private Optional<Busy> inLongJob() throws FaultException {
    DomainStatus status = lastStatus;
    return status == null
        ? Optional.empty()
        : domain.longJob(status).map(job -> new Busy(job, /* mayEndSoon= */ false));
  }

  /** Says so if a job holds the domain, or QEMU has not answered a command for long. */
  protected final Optional<Busy> occupied() throws FaultException {
    // The control interface answers at once; the question for a job waits behind a change.
    Optional<Busy> occupied = domain.occupiedMonitor();
    return occupied.isPresent() ? occupied : inLongJob();
  }

  /** Who has not let go of a disk that is still plugged. */
  protected final WaitingFor waitingFor() {
    RunState state = observations.status().map(DomainStatus::state).orElse(RunState.NO_STATE);
    return switch (state) {
      case PAUSED, CRASHED, PM_SUSPENDED -> WaitingFor.PAUSED_GUEST;
      default -> WaitingFor.GUEST;
    };
  }

  /** To be called before every call that changes the domain. */
  protected final void changing() {
    proven = null;
    changedBefore = changed;
    changed = true;
  }

  @Override
  public final boolean changed() {
    return changed;
  }

  protected final Classification classify(LibvirtFault fault) {
    return context.classifier().classify(fault);
  }

  /** The outcome is known, and what is left to do must not keep it back. */
  protected final void hasProven(O outcome) {
    proven = outcome;
    provenFor = lastViews;
  }

  @Override
  public Optional<O> inHand() {
    return Optional.ofNullable(proven);
  }

  @Override
  public final O deadlinePassed() {
    return proven == null ? atTheDeadline() : proven;
  }

  /** The outcome at the deadline of a request that has proven nothing. */
  protected O atTheDeadline() {
    return unverified();
  }

  @Override
  public final O unfinished(Call call) {
    String explanation = call + " has not returned before the deadline";
    if (call.isChange()) {
      return indeterminate(Indeterminate.Reason.CALL_OUTSTANDING, explanation);
    }
    if (trouble == null) {
      trouble = Unavailable.Reason.DOMAIN_BUSY;
      troubleText = explanation;
    }
    return deadlinePassed();
  }

  @Override
  public final O interrupted() {
    if (proven != null) {
      return proven;
    }
    return changed
        ? indeterminate(Indeterminate.Reason.INTERRUPTED, Reasons.INTERRUPTED)
        : notDone(unavailable(Unavailable.Reason.INTERRUPTED, Reasons.INTERRUPTED));
  }

  /** The deadline passed, and nothing better can be said. */
  protected final O unverified() {
    return changed
        ? indeterminate(
            Indeterminate.Reason.DEADLINE,
            "the deadline passed before the result was verified"
                + (trouble == null ? "" : "; last in the way: " + troubleText))
        : notDone(lastTrouble());
  }

  @Override
  public final O closed() {
    if (proven != null) {
      return proven;
    }
    return changed
        ? indeterminate(Indeterminate.Reason.CLOSED, Reasons.CLOSED)
        : notDone(unavailable(Unavailable.Reason.CLOSED, Reasons.CLOSED));
  }

  protected final O indeterminate(Indeterminate.Reason reason, String explanation) {
    return notDone(new Indeterminate(reason, explanation, observations.observation()));
  }

  protected final Step<O> rejected(Rejected.Reason reason, String explanation) {
    return rejected(reason, explanation, List.of());
  }

  protected final Step<O> rejected(
      Rejected.Reason reason, String explanation, List<Difference> differences) {
    return done(
        notDone(new Rejected(reason, explanation, differences, observations.observation())));
  }

  protected final Unavailable unavailable(Unavailable.Reason reason, String explanation) {
    return reasons.endsARequest(reason, explanation);
  }

  /**
   * After a fault that the request has no answer of its own to: gives up, after one more look, on
   * what will not work and on what stays unexplained; pauses otherwise.
   */
  protected final Step<O> byVerdict(Classification meaning, LibvirtFault fault) {
    if (meaning.verdict() == Verdict.FATAL) {
      return againUnlessDone(() -> answer(meaning, fault));
    }
    if (Reasons.isBeforeAnyEffect(meaning.condition())) {
      return againUnlessDone(
          () -> {
            unlessDone = null;
            changed = changedBefore;
            return pause(Reasons.reason(meaning.condition()), explain(meaning, fault));
          });
    }
    Unavailable.Reason reason = Reasons.reason(meaning.condition());
    String explanation = explain(meaning, fault);
    if (reason == Unavailable.Reason.FAULT) {
      unexplained++;
      if (unexplained >= MOST_UNEXPLAINED || reasons.hasEndedARequest(reason, explanation)) {
        reasons.met(reason, explanation);
        return againUnlessDone(() -> answer(meaning, fault));
      }
    }
    return pause(reason, explanation);
  }

  /** The outcome of a request that ends with a fault. */
  protected final Step<O> answer(Classification meaning, LibvirtFault fault) {
    Condition condition = meaning.condition();
    String explanation = explain(meaning, fault);
    return meaning.verdict() == Verdict.FATAL
        ? rejected(Reasons.rejection(condition), explanation)
        : done(notDone(unavailable(Reasons.reason(condition), explanation)));
  }

  /** Another look, and this answer if it shows that the failed call has had no effect. */
  protected final Step<O> againUnlessDone(Supplier<Step<O>> answer) {
    unlessDone = answer;
    return again();
  }

  /** The answer to give if what was just read is not what was asked for, if there is one. */
  protected final @Nullable Supplier<Step<O>> unlessDone() {
    return unlessDone;
  }

  /** A fault and what would heal it, in words for an outcome. */
  protected final String explain(Classification meaning, LibvirtFault fault) {
    return Reasons.explain(explain(fault), meaning.condition());
  }

  /** A fault, in words for an outcome. */
  protected String explain(LibvirtFault fault) {
    return fault.toString();
  }

  /** Whether the request waits for a domain that is busy. */
  protected final boolean isWaitingForDomain() {
    return trouble == Unavailable.Reason.DOMAIN_BUSY;
  }

  /** What the deadline finds if nothing was changed: the last trouble, if there was any. */
  private Unavailable lastTrouble() {
    return trouble == null
        ? unavailable(
            Unavailable.Reason.LANE_BUSY, "the deadline passed before the request had its turn")
        : unavailable(trouble, troubleText);
  }

  /** Another round after a pause; the reason is told if the deadline comes first. */
  protected final Step<O> pause(Unavailable.Reason reason, String explanation) {
    return pause(reason, explanation, nextPause());
  }

  /** The next of the pauses, each of which is longer than the one before up to a bound. */
  protected final Duration nextPause() {
    return pauses.next();
  }

  /** The same after a pause of one's own. */
  protected final Step<O> pause(Unavailable.Reason reason, String explanation, Duration pause) {
    trouble = reason;
    troubleText = explanation;
    reasons.met(reason, explanation);
    observations.events().retrying(reason, explanation, pause);
    return new Step.Wait<>(signal, pause);
  }

  /** Another round when the signal is raised; the reason is told if the deadline comes first. */
  protected final Step<O> await(Unavailable.Reason reason, String explanation, Duration atMost) {
    trouble = reason;
    troubleText = explanation;
    return new Step.Wait<>(signal, atMost);
  }

  /** The lane is free until the storage has answered. */
  protected final Step<O> waitForStorage(Duration atMost) {
    return await(
        Unavailable.Reason.STORAGE_UNREACHABLE, "the storage has not answered yet", atMost);
  }

  protected final Step<O> again() {
    return new Step.Again<>();
  }

  /**
   * Another round after a change that libvirt has accepted at once. It is in the same turn of the
   * lane: what the domain was doing just before holds for it, and for it alone. After a fault and
   * after every wait, for a guest above all, it is read anew.
   */
  protected final Step<O> readBack(Snapshot before) {
    beforeChange = before.status();
    return again();
  }

  protected final Step<O> done(O outcome) {
    if (!(outcome instanceof NotDone)) {
      reasons.over();
    }
    return new Step.Done<>(outcome);
  }

  /** A domain that cannot be read: gone, busy, or on the other side of a broken connection. */
  protected final Step<O> unreadable(LibvirtFault fault) {
    Condition condition = classify(fault).condition();
    return switch (condition) {
      case DOMAIN_NOT_FOUND ->
          rejected(Rejected.Reason.DOMAIN_NOT_FOUND, Reasons.noSuchDomain(domain.uuid()));
      case NOT_PERMITTED -> rejected(Rejected.Reason.ACCESS_DENIED, fault.toString());
      default -> pause(Reasons.reason(condition), fault.toString());
    };
  }
}
