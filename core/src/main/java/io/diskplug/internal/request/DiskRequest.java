// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.RunState;
import io.diskplug.domain.View;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.coordination.Lease;
import io.diskplug.internal.coordination.OneUnplug;
import io.diskplug.internal.coordination.PendingUnplugs;
import io.diskplug.internal.coordination.PendingUnplugs.Unplug;
import io.diskplug.internal.coordination.QuarantineNotes;
import io.diskplug.internal.coordination.SlotQuarantine;
import io.diskplug.internal.coordination.UnplugAnnotations;
import io.diskplug.internal.coordination.UnplugPolicy;
import io.diskplug.internal.engine.Backoff;
import io.diskplug.internal.engine.LongWait;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.Classification;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.ghost.GhostWatch;
import io.diskplug.internal.match.DiskSelector;
import io.diskplug.internal.match.VolumeSearch;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.port.DomainHandle.Subscription;
import io.diskplug.internal.qemu.UnexpectedAnswerException;
import io.diskplug.internal.reason.Reasons;
import io.diskplug.outcome.Attempts;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A request on one disk: what attach and detach have in common.
 *
 * @param <O> the outcomes it can come to
 */
public abstract class DiskRequest<O> extends Request<O> {

  /** Events can be lost: the views are read again after this long without one. */
  protected static final Duration LOOK_AGAIN = Duration.ofMillis(250);

  /** What a last reading, with its proof, takes at most. */
  protected static final Duration LAST_LOOK = Duration.ofSeconds(1);

  protected final DiskSelector selector;
  private final PendingUnplugs unplugs;
  protected final LongWait longWait;
  protected final GhostWatch ghosts;
  private final Lease asking;
  protected final QuarantineNotes freedSlotNotes;
  private final OneUnplug oneUnplug;

  /** The disks that the guest is to release before it is asked for this one, in this round. */
  private List<String> inTheWay = List.of();

  private @Nullable Long plugWaitsUntil;

  /** Whether the lease was raised in the last round: then the guest may be asked in this one. */
  private boolean raised;

  /** Whether it was, in this round. */
  private boolean mayAsk;

  /** The name of the unplug request that was made last. */
  private String request = "";

  /** Whether another process was seen to be about to ask in this round. */
  private boolean othersAsk;

  /** Whether a note of a slot was written that may have come behind the last unplug request. */
  private boolean slotNoted;

  /** Until when the finished request waits for notes that are needed; null before. */
  private @Nullable Long notesStayUntil;

  /** The keys of the notes that were taken away in this round. */
  private final Set<String> takenAway = new HashSet<>();

  private VolumeSearch.Result found = new VolumeSearch.Result(Map.of());
  private final long begun;
  private @Nullable Long leavingUntil;
  private @Nullable Subscription subscription;

  // The watch calls back in rounds, which begin when the request is made.
  @SuppressWarnings("this-escape")
  protected DiskRequest(
      DomainAccess domain,
      DiskSelector selector,
      ObservationLog observations,
      RequestContext context) {
    super(domain, observations, context);
    this.selector = selector;
    reasons.about(selector.unplugKey());
    this.unplugs = context.memory().pendingUnplugs();
    this.longWait = new LongWait(scheduler, context.random(), domain::remaining);
    this.ghosts =
        new GhostWatch(
            domain,
            selector,
            pools,
            context.kinds(),
            observations,
            context.memory(),
            context.mayAskQemu(),
            context.release().evictsGhosts(),
            Backoff.betweenLooks(context.random()),
            longWait,
            this::changing);
    this.asking = Lease.ofAsking(domain, context.memory(), selector.unplugKey());
    this.begun = scheduler.nanoTime();
    this.freedSlotNotes = new QuarantineNotes(domain, selector.unplugKey(), context.memory());
    this.oneUnplug = OneUnplug.besides(domain, selector, context.memory(), context.mayAskQemu());
  }

  @Override
  protected final void look(Snapshot snapshot) {
    found = selector.locate(snapshot.views());
    if (found.present().containsKey(View.LIVE)) {
      ghosts.reset();
    }
    observations.saw(snapshot.status(), found);
  }

  @Override
  protected final Step<O> decide(Snapshot snapshot) throws FaultException {
    Optional<VolumeSearch.Mismatch> mismatch = found.mismatch();
    ghosts.heedOthers(snapshot);
    if (!ghosts.held() && !ghosts.isSettling()) {
      lower(ghosts.lease(), snapshot);
    }
    othersAsk = asking.isRaisedElsewhere(snapshot);
    mayAsk = raised && !othersAsk && asking.isRaised(snapshot);
    raised = false;
    if (!mayAsk) {
      lower(asking, snapshot);
    }
    inTheWay = List.of();
    takenAway.clear();
    if (mismatch.isEmpty()) {
      return decide(snapshot, found.present());
    }
    Optional<Step<O>> first = whilePoolsAreUnanswered(mismatch.get().explanation());
    return first.isPresent()
        ? first.get()
        : mismatch(mismatch.get().reason(), mismatch.get().explanation(), List.of());
  }

  /**
   * Lowers a lease, unless a job holds the domain: the next round lowers it, and other processes
   * take it for stale after some seconds. What the request is about need not wait for that.
   */
  private void lower(Lease lease, Snapshot snapshot) throws FaultException {
    unlessBusy(() -> lease.lower(snapshot));
  }

  private void unlessBusy(NoteCall call) throws FaultException {
    try {
      call.make();
    } catch (FaultException e) {
      if (classify(e.fault()).condition() != Condition.DOMAIN_BUSY) {
        throw e;
      }
      observations.fault(e.fault());
    }
  }

  /**
   * Decides on what was just read.
   *
   * @param snapshot the domain
   * @param present the disk in each view that has it
   */
  protected abstract Step<O> decide(Snapshot snapshot, Map<View, Disk> present)
      throws FaultException;

  /** Whether the views tell of every disk whether it is the one that is sought. */
  protected final boolean everySourceIsTold() {
    return found.everySourceIsTold();
  }

  /** What was read is not the volume as it should be, and cannot be dealt with. */
  protected Step<O> mismatch(
      Rejected.Reason reason, String explanation, List<Difference> differences) {
    return rejected(reason, explanation, differences);
  }

  /**
   * Whether the disk may be about to leave: it is in the live view only, as an unplug request
   * leaves it, and was not watched for long enough.
   */
  protected final boolean leaving(Snapshot snapshot, Map<View, Disk> present) {
    if (!snapshot.status().persistent() || !present.keySet().equals(Set.of(View.LIVE))) {
      return false;
    }
    long now = scheduler.nanoTime();
    if (leavingUntil == null) {
      // Half of the deadline at most, so that a short one does not keep the request from acting.
      leavingUntil =
          now + Math.min(UnplugPolicy.LEAVING.toNanos(), domain.remaining().toNanos() / 2);
    }
    return now - leavingUntil < 0;
  }

  /**
   * libvirt reports the detach of another tool as done after some seconds, with the disk in the
   * live view only. A guest that is paused then releases it when it runs again.
   */
  protected static boolean mayLeaveWhenResumed(
      Snapshot snapshot, Map<View, Disk> present, DiskBus bus) {
    return isStopped(snapshot.status().state())
        && present.keySet().equals(Set.of(View.LIVE))
        && bus != DiskBus.SCSI;
  }

  private static boolean isStopped(RunState state) {
    return state == RunState.PAUSED || state == RunState.PM_SUSPENDED || state == RunState.CRASHED;
  }

  /** The watch over a disk that may be about to leave begins anew. */
  protected final void watchAnew() {
    leavingUntil = null;
  }

  private String unplugKey() {
    return selector.unplugKey();
  }

  /** Remembers an unplug request, before it is made. */
  protected final void asks(Snapshot snapshot, Disk live, Duration repeatAfter) {
    request = unplugs.name(context.memory().firstSeen().token());
    DomainView view = snapshot.views().live();
    unplugs.made(
        domain.uuid(),
        unplugKey(),
        device(live),
        snapshot.status(),
        repeatAfter,
        request,
        view == null ? Set.of() : SlotQuarantine.devices(view));
  }

  /** The unplug request came to nothing. */
  protected final void asksNoMore() {
    unplugs.over(domain.uuid(), unplugKey());
  }

  /** Every live device has an alias. */
  private static String device(Disk live) {
    return String.valueOf(live.alias());
  }

  /**
   * Waits until the guest has released the other disks that it was asked for. A repetition waits as
   * well, for it can be news to the guest, too (QEMU 8.0.1 and later). Of two disks that the guest
   * keeps, neither is in the way of the other when it was asked for half a minute ago.
   *
   * @return what to do first; nothing if the guest may be asked for this disk
   */
  protected final Optional<Step<O>> whileOtherUnplugIsOutstanding(Snapshot snapshot, Disk live)
      throws FaultException {
    if (!OneUnplug.concerns(snapshot, live.address())) {
      return Optional.empty();
    }
    List<String> first = oneUnplug.inTheWay(snapshot);
    if (first.isEmpty() && unplugs.takesTurn(domain.uuid(), unplugKey())) {
      return Optional.empty();
    }
    unplugs.turnIsOver(domain.uuid(), unplugKey());
    asking.lower(snapshot);
    Optional<Unplug> outstanding = outstanding(snapshot, live);
    WaitingFor waitingFor = waitingFor();
    if (outstanding.isEmpty()) {
      inTheWay = first;
      waitingFor = waitingForAnother();
    }
    observations.events().waiting(waitingFor);
    longWait.isFor(waitingFor);
    // A turn of this process is over soon, and no event says so.
    Duration look = first.isEmpty() ? LOOK_AGAIN : unlessDue(LOOK_AGAIN, snapshot, outstanding);
    return Optional.of(new Step.Wait<>(signal, look));
  }

  /**
   * How long to wait for what another party has to do: until something else is due at the latest.
   *
   * @param usual how long in the first seconds
   * @param outstanding the request of which the guest has not answered
   */
  protected final Duration unlessDue(
      Duration usual, Snapshot snapshot, Optional<Unplug> outstanding) {
    Stream<Duration> repetition =
        outstanding.stream()
            .map(unplug -> Duration.ofNanos(unplug.repeatAt() - scheduler.nanoTime()));
    return longWait.next(usual, Stream.concat(repetition, oneUnplug.endings(snapshot)));
  }

  /** A pause that is longer when the wait has lasted, but not beyond what is due. */
  protected final Step<O> pauseUnlessDue(
      String explanation, Snapshot snapshot, Optional<Unplug> outstanding) {
    return pause(
        Unavailable.Reason.UNPLUG_IN_PROGRESS,
        explanation,
        unlessDue(nextPause(), snapshot, outstanding));
  }

  /** Whether the guest was not asked for the disk, because it has to release another one first. */
  protected final boolean isOtherUnplugInTheWay() {
    return !inTheWay.isEmpty();
  }

  /** What keeps a disk that the guest was not asked for yet. */
  protected final WaitingFor waitingForAnother() {
    return waitingFor() == WaitingFor.GUEST ? WaitingFor.EARLIER_UNPLUG : waitingFor();
  }

  /**
   * Before a disk is plugged: waits, for a few seconds, until the guest has released the disk that
   * it was asked for. A plug meanwhile makes the guest eject the slot of that disk twice.
   *
   * @param place where the disk is to go
   */
  protected final Optional<Step<O>> whileGuestReleases(
      Snapshot snapshot, @Nullable DeviceAddress place) throws FaultException {
    if (!OneUnplug.concerns(snapshot, place) || isStopped(snapshot.status().state())) {
      return Optional.empty();
    }
    List<String> first = oneUnplug.inTheWayOfPlug(snapshot);
    if (first.isEmpty()) {
      return Optional.empty();
    }
    long now = scheduler.nanoTime();
    if (plugWaitsUntil == null) {
      long half = domain.remaining().toNanos() / 2;
      plugWaitsUntil = now + Math.min(UnplugPolicy.KEEPS_PLUGS.toNanos(), half);
    }
    if (now - plugWaitsUntil >= 0) {
      return Optional.empty();
    }
    subscribe();
    return Optional.of(
        await(
            Unavailable.Reason.UNPLUG_IN_PROGRESS,
            "the guest is to release another disk first: " + String.join("; ", first),
            LOOK_AGAIN));
  }

  /**
   * Says that this process is about to ask the guest for the disk, and waits until no other one is:
   * of two unplug requests that cross, the later one can meet the guest's release. Where the guest
   * is asked for one disk at a time, it waits for those who are about to ask for others, too.
   *
   * @return what to do first; nothing if the request may be made now
   */
  protected final Optional<Step<O>> beforeAsking(Snapshot snapshot, Disk live)
      throws FaultException {
    if (othersAsk) {
      return Optional.of(leaveToOthers(snapshot));
    }
    Lease.Neighbours neighbours =
        OneUnplug.concerns(snapshot, live.address())
            ? asking.neighbours(snapshot)
            : Lease.Neighbours.NONE;
    if (neighbours == Lease.Neighbours.LATER && mayAsk) {
      // They see this lease, and take theirs back.
      raised = true;
      return Optional.of(new Step.Wait<>(signal, Backoff.FIRST_PAUSE));
    }
    if (neighbours != Lease.Neighbours.NONE) {
      asking.lower(snapshot);
      return Optional.of(
          pauseUnlessDue(
              "another process is about to ask the guest to release another disk",
              snapshot,
              Optional.empty()));
    }
    if (mayAsk) {
      return Optional.empty();
    }
    if (!unlessNotTaken(() -> asking.raise(snapshot))) {
      return Optional.empty();
    }
    raised = true;
    return Optional.of(readBack(snapshot));
  }

  /** Whether another process is about to ask the guest for the disk. */
  protected final boolean othersAreAboutToAsk() {
    return othersAsk;
  }

  protected final Step<O> leaveToOthers(Snapshot snapshot) {
    return pauseUnlessDue(
        "another process is about to ask the guest to release the disk",
        snapshot,
        Optional.empty());
  }

  /** The unplug request was refused: no other process has to wait for this one. */
  protected final void takeMarkAway() throws FaultException {
    if (mayAsk) {
      boolean unused = unlessNotTaken(asking::takeBack);
    }
  }

  /** Before an unplug request, so that the answer cannot come first. */
  protected final void subscribe() {
    if (subscription == null) {
      subscription = domain.subscribe(signal::raise);
    }
  }

  @Override
  public final void close() {
    super.close();
    unplugs.turnIsOver(domain.uuid(), unplugKey());
    if (subscription != null) {
      subscription.close();
    }
  }

  /** The unplug request that the guest has not answered, made by this process or by another. */
  protected final Optional<Unplug> outstanding(Snapshot snapshot, Disk live) {
    Optional<Unplug> known = ownOutstanding(snapshot.status(), live);
    Optional<UnplugAnnotations.Note> noted = UnplugAnnotations.noted(snapshot, unplugKey(), live);
    if (noted.isEmpty()) {
      return known;
    }
    String last = noted.get().request();
    if (known.filter(unplug -> last.isEmpty() || last.equals(unplug.name())).isPresent()) {
      return known;
    }
    unplugs.madeByAnother(
        domain.uuid(),
        unplugKey(),
        device(live),
        snapshot.status(),
        left(noted.get()),
        last,
        history(noted.get()));
    return ownOutstanding(snapshot.status(), live);
  }

  /** For how long the guest is left alone with what another process has asked for. */
  private Duration left(UnplugAnnotations.Note noted) {
    Instant last = noted.last();
    String which = noted.key() + " " + noted.request() + " " + last;
    Duration age =
        context
            .memory()
            .firstSeen()
            .age(
                "asked " + domain.uuid() + " " + which, last, UnplugPolicy.LEAST_BEFORE_REPETITION);
    Duration left = UnplugPolicy.LEAST_BEFORE_REPETITION.minus(age);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private PendingUnplugs.History history(UnplugAnnotations.Note noted) {
    Duration ago =
        noted.since() == null ? Duration.ZERO : Duration.between(noted.since(), scheduler.now());
    // The clock of the host that has asked may be ahead.
    long before = ago.isNegative() ? 0 : ago.toNanos();
    return new PendingUnplugs.History(noted.asked(), scheduler.nanoTime() - before, null, false);
  }

  /**
   * After an unplug request that was refused: an earlier one may be outstanding, or the guest may
   * have answered it meanwhile. Then the refusal is kept, and the lease is taken away.
   *
   * @param repeated whether an earlier request is known
   * @return whether it is so
   */
  protected final boolean leavesItToEarlierRequest(
      Classification meaning, LibvirtFault fault, Disk live, boolean repeated)
      throws FaultException {
    boolean isUnanswered = meaning.condition() == Condition.UNPLUG_IN_PROGRESS;
    if (!isUnanswered && !(repeated && meaning.condition() == Condition.DEVICE_MISSING)) {
      return false;
    }
    unplugs.answered(domain.uuid(), unplugKey(), device(live), fault.toString(), isUnanswered);
    takeMarkAway();
    return true;
  }

  /** Says in the observation how often and since when the guest was asked, or why it was not. */
  protected final void tellOfUnplug(WaitingFor waitingFor) {
    if (!inTheWay.isEmpty()) {
      observations.attempts(
          new Attempts(
              1,
              Duration.ofNanos(scheduler.nanoTime() - begun),
              observations.lastFault().map(LibvirtFault::toString),
              "the guest is to release another disk first: "
                  + String.join("; ", inTheWay)
                  + "; "
                  + Reasons.advice(waitingFor, false)));
      return;
    }
    observations
        .status()
        .flatMap(status -> observations.live().flatMap(live -> ownOutstanding(status, live)))
        .map(Unplug::history)
        .ifPresentOrElse(
            of ->
                observations.attempts(
                    new Attempts(
                        of.times(),
                        Duration.ofNanos(scheduler.nanoTime() - of.firstAt()),
                        Optional.ofNullable(of.lastAnswer()),
                        Reasons.advice(waitingFor, of.earlierUnanswered()))),
            () ->
                observations.attempts(
                    new Attempts(
                        1,
                        Duration.ofNanos(scheduler.nanoTime() - begun),
                        observations.lastAnswer(),
                        Reasons.advice(waitingFor, false))));
  }

  /** That of this process. */
  protected final Optional<Unplug> ownOutstanding(DomainStatus status, Disk live) {
    return unplugs.outstanding(domain.uuid(), unplugKey(), device(live), status);
  }

  /** Whether one is noted in the domain, by whomever. */
  protected final boolean isNoted(Snapshot snapshot, Disk live) {
    return UnplugAnnotations.noted(snapshot, unplugKey(), live).isPresent();
  }

  /** Whether a request for a disk of it is, of whichever start. */
  protected final boolean isNoted(Snapshot snapshot) {
    return UnplugAnnotations.isThere(snapshot, unplugKey());
  }

  /** What is to be noted in the domain before the disk is unplugged. */
  protected final DomainAccess.Note unplugNote(Snapshot snapshot, Disk live) {
    Optional<Unplug> made = ownOutstanding(snapshot.status(), live);
    return new DomainAccess.Note(
        UnplugAnnotations.namespace(unplugKey()),
        UnplugAnnotations.element(
            snapshot.status(),
            live,
            request,
            made.map(of -> of.history().times()).orElse(1),
            made.map(of -> clock(of.history().firstAt())).orElse(null),
            made.map(of -> clock(of.madeAt())).orElse(null)),
        fault -> isInTheWay(classify(fault).condition()));
  }

  /**
   * Asks the guest for a disk.
   *
   * @param repeated whether it was asked before
   */
  protected final void unplug(
      String alias, Set<View> scope, DomainAccess.Note note, boolean repeated)
      throws FaultException {
    if (repeated && context.mayAskQemu()) {
      domain.repeatDetachByAlias(alias, scope, note);
    } else {
      domain.detachDeviceByAlias(alias, scope, note);
    }
  }

  /** The wall clock at some time in the past. */
  private Instant clock(long nanoTime) {
    long ago = scheduler.nanoTime() - nanoTime;
    return scheduler.now().minusNanos(ago).truncatedTo(ChronoUnit.SECONDS);
  }

  /** No unplug request is outstanding any more. */
  protected final void unplugIsOver(Snapshot snapshot) throws FaultException {
    asksNoMore();
    if (!found.present().containsKey(View.LIVE)) {
      asking.clear(snapshot);
    }
    if (isNoted(snapshot)) {
      takeNoteAway();
    }
    unlessBusy(() -> takeAwayOthers(snapshot));
  }

  private void takeAwayOthers(Snapshot snapshot) throws FaultException {
    for (UnplugAnnotations.Note note : freedSlotNotes.othersThatMayGo(snapshot)) {
      takeAway(note.key());
    }
  }

  /** The guest has released the disk. The note may have to stay. */
  protected final void unplugIsDone(Snapshot snapshot) throws FaultException {
    if (freedSlotNotes.ownThatStays(snapshot).isPresent()) {
      asksNoMore();
      asking.clear(snapshot);
    } else {
      unplugIsOver(snapshot);
    }
  }

  /**
   * Takes away the notes that were needed when the round began, and are not any more: QEMU or the
   * storage may have taken long to answer.
   */
  protected final void takeAwayWhatIsNotNeededAnyMore(Snapshot snapshot) throws FaultException {
    if (isNoted(snapshot) && freedSlotNotes.ownThatStays(snapshot).isEmpty()) {
      takeNoteAway();
    }
    takeAwayOthers(snapshot);
    // A process that waits in vain for the guest leaves its lease, and may never be asked again.
    boolean unused = unlessNotTaken(() -> ghosts.lease().takeAwayStale(snapshot));
  }

  /**
   * The same of a disk that is about to be plugged again: a note of its own would mean that it is
   * to go. A slot that has to stay noted is noted by itself.
   */
  protected final void unplugIsDoneBeforePlug(Snapshot snapshot) throws FaultException {
    Optional<UnplugAnnotations.Note> stays = freedSlotNotes.ownThatStays(snapshot);
    PciAddress slot = stays.map(UnplugAnnotations.Note::slot).orElse(null);
    if (stays.isPresent() && slot != null) {
      slotNoted |=
          unlessNotTaken(
              () ->
                  domain.note(
                      UnplugAnnotations.namespace(slot),
                      UnplugAnnotations.element(snapshot.status(), stays.get())));
    }
    unplugIsOver(snapshot);
  }

  /**
   * The end of a request that may have noted a slot. The note goes if no unplug request is
   * outstanding any more: the last one may have looked for notes before this one was written.
   */
  protected final Step<O> doneAfterNotes(Snapshot snapshot, O outcome) throws FaultException {
    hasProven(outcome);
    if (slotNoted && !UnplugAnnotations.areUnplugsOutstanding(snapshot)) {
      Optional<Step<O>> first = whileNotesStay(freedSlotNotes.othersStayFor(snapshot));
      if (first.isPresent()) {
        return first.get();
      }
      takeAwayOthers(snapshot);
    }
    return done(outcome);
  }

  /**
   * Waits once for notes that are needed a little longer, if there is time. What stays because it
   * was not waited for is taken away by the next request.
   */
  protected final Optional<Step<O>> whileNotesStay(Duration stay) {
    long now = scheduler.nanoTime();
    if (notesStayUntil == null) {
      boolean isTime = domain.remaining().compareTo(stay.plus(LAST_LOOK)) > 0;
      notesStayUntil = isTime ? now + stay.toNanos() : now;
    }
    long left = notesStayUntil - now;
    return left <= 0
        ? Optional.empty()
        : Optional.of(new Step.Wait<>(signal, Duration.ofNanos(left)));
  }

  /**
   * Whether the guest may eject the slot once more into which a disk is to be plugged.
   *
   * @param place where the disk is to go
   * @return what to do instead
   */
  protected final Optional<Step<O>> whileFreedSlotIsInTheWay(
      Snapshot snapshot, @Nullable DeviceAddress place) {
    if (!mayBeEjected(place)) {
      return Optional.empty();
    }
    List<String> outstanding = UnplugAnnotations.outstanding(snapshot);
    return Optional.of(
        pause(
            Unavailable.Reason.UNPLUG_IN_PROGRESS,
            "the only place, "
                + place
                + ", was freed a moment ago"
                + (outstanding.isEmpty()
                    ? ""
                    : "; the guest may eject it once more while it works on " + outstanding)));
  }

  protected final boolean mayBeEjected(@Nullable DeviceAddress place) {
    return place != null
        && !context.memory().slotQuarantine().ejectedAgainFor(domain.uuid(), place).isZero();
  }

  /** The unplug request was refused, or has come to its end. */
  protected final void takeNoteAway() throws FaultException {
    takeAway(unplugKey());
  }

  private void takeAway(String key) throws FaultException {
    if (!takenAway.contains(key)) {
      boolean unused = unlessNotTaken(() -> domain.note(UnplugAnnotations.namespace(key), null));
      takenAway.add(key);
    }
  }

  /** A call on a note. */
  @FunctionalInterface
  private interface NoteCall {
    void make() throws FaultException;
  }

  /** Whether the call was made; not so where libvirt takes no notes. */
  private boolean unlessNotTaken(NoteCall call) throws FaultException {
    try {
      call.make();
      return true;
    } catch (FaultException e) {
      if (isInTheWay(classify(e.fault()).condition())) {
        throw e;
      }
      observations.fault(e.fault());
      return false;
    }
  }

  /**
   * Where libvirt takes no notes, the request is made without: other processes then see a disk that
   * is in the live view only. A domain that cannot be reached is another matter.
   */
  private static boolean isInTheWay(Condition condition) {
    return switch (condition) {
      case CONNECTION_LOST, DOMAIN_BUSY, DOMAIN_NOT_FOUND, DOMAIN_NOT_RUNNING, QEMU_GONE -> true;
      default -> false;
    };
  }

  /**
   * Asks QEMU whether it has the volume that the live view does not show.
   *
   * @return what to do where QEMU does not answer; else {@link GhostWatch#held} tells
   */
  protected final Optional<Step<O>> askQemu(Snapshot snapshot) {
    try {
      Optional<Step<O>> silent = whileQemuIsSilent();
      if (silent.isPresent()) {
        return silent;
      }
      ghosts.look(snapshot);
      return Optional.empty();
    } catch (FaultException e) {
      observations.fault(e.fault());
      return Optional.of(
          switch (classify(e.fault()).condition()) {
            case DOMAIN_NOT_RUNNING, QEMU_GONE, DOMAIN_NOT_FOUND, CONNECTION_LOST ->
                unreadable(e.fault());
            default -> pause(Unavailable.Reason.QEMU_UNANSWERED, e.fault().toString());
          });
    } catch (UnexpectedAnswerException e) {
      return Optional.of(pause(Unavailable.Reason.QEMU_UNANSWERED, String.valueOf(e.getMessage())));
    }
  }

  /**
   * Before a disk is plugged: what to do as long as QEMU has it though no view shows it, or had it
   * just before.
   */
  protected final Optional<Step<O>> whileQemuHoldsIt(Snapshot snapshot) {
    Optional<Step<O>> unanswered = askQemu(snapshot);
    return unanswered.isPresent() || !ghosts.held()
        ? unanswered
        : Optional.of(
            pause(
                Unavailable.Reason.VOLUME_IN_USE,
                "QEMU has the volume and no view shows it, as after a daemon that died",
                ghosts.nextLook(snapshot)));
  }

  /** libvirt's messages do not always name what they are about. */
  @Override
  protected final String explain(LibvirtFault fault) {
    return selector.description() + ": " + fault;
  }
}
