// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.plug;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.coordination.PendingUnplugs.Unplug;
import io.diskplug.internal.coordination.UnplugPolicy;
import io.diskplug.internal.engine.Backoff;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.Classification;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.match.DiskSelector;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.request.DiskRequest;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.internal.storage.StorageAdvice;
import io.diskplug.internal.storage.StorageReasons;
import io.diskplug.internal.storage.StorageRelease;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Observation;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.StorageProbe;
import io.diskplug.spi.StorageProbe.Refused;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Detaches a disk from both views, and verifies that QEMU has released it, or that no client of the
 * storage has it open.
 *
 * <p>In the live view a detach is a request, which the guest answers when it likes. One request is
 * outstanding at a time; it is repeated only after a while, for a guest that was still booting
 * forgets it.
 *
 * @param <O> the outcomes it can come to
 */
public class DetachRequest<O> extends DiskRequest<O> {

  /** What it comes to, in the terms of the request that asked. */
  public interface Answers<O> {
    /** It is proven that nothing has it open; {@code already} if nothing was found to be done. */
    O detached(boolean already, Proof proof, Observation observed);

    /** The guest, QEMU or a client of the storage has not let go yet. */
    O pending(WaitingFor waitingFor, Observation observed);

    /** It was not carried out, or not surely. */
    O notDone(NotDone outcome);
  }

  /** The answers to a request to detach a volume. */
  public record OfVolume(VolumeRef volume) implements Answers<DetachOutcome> {
    @Override
    public DetachOutcome detached(boolean already, Proof proof, Observation observed) {
      return already ? new AlreadyDetached(proof, observed) : new Detached(proof, observed);
    }

    @Override
    public DetachOutcome pending(WaitingFor waitingFor, Observation observed) {
      return new Pending(volume, waitingFor, observed);
    }

    @Override
    public DetachOutcome notDone(NotDone outcome) {
      return outcome;
    }
  }

  private final Answers<O> answers;
  private final Backoff repetitions;
  private final StorageRelease release;

  /** Whether the volume was there when this request began: then it did not come too late. */
  private boolean wasThere;

  public DetachRequest(
      DomainAccess domain,
      DiskSelector selector,
      Answers<O> answers,
      ObservationLog observations,
      RequestContext context) {
    super(domain, selector, observations, context);
    this.answers = answers;
    this.repetitions =
        new Backoff(
            context.random(), UnplugPolicy.FIRST_REPETITION, UnplugPolicy.LONGEST_REPETITION);
    this.release =
        new StorageRelease(
            selector
                .knownVolume()
                .map(
                    volume ->
                        StorageAdvice.afterDetach(
                            volume, domain, context.storage(), scheduler, signal))
                .filter(StorageAdvice::isToBeHad)
                .orElse(null),
            domain,
            observations,
            scheduler,
            Backoff.betweenLooks(context.random()),
            longWait);
  }

  @Override
  protected Step<O> decide(Snapshot snapshot, Map<View, Disk> present) throws FaultException {
    if (!isProvable(snapshot)) {
      return unprovable(snapshot, "no probe can ask the storage of this volume");
    }
    if (present.isEmpty()) {
      return absent(snapshot);
    }
    wasThere = true;
    release.forget();
    Supplier<Step<O>> verdict = unlessDone();
    if (verdict != null) {
      return verdict.get();
    }
    Set<View> toSend = EnumSet.copyOf(present.keySet());
    Disk live = present.get(View.LIVE);
    Optional<Unplug> outstanding = Optional.empty();
    if (live != null) {
      subscribe();
      outstanding = outstanding(snapshot, live);
      if (outstanding.isEmpty() && leaving(snapshot, present)) {
        return pause(
            Unavailable.Reason.UNPLUG_IN_PROGRESS,
            "the disk is in the live view only: an earlier unplug request may be under way");
      }
      if (isTakenOver(live, present.get(View.PERSISTENT))) {
        // What is in the persistent view says whose the live one is.
        toSend.remove(View.PERSISTENT);
      }
      if (outstanding.filter(unplug -> scheduler.nanoTime() - unplug.repeatAt() < 0).isPresent()) {
        toSend.remove(View.LIVE);
      }
    }
    if (toSend.isEmpty()) {
      return waitForGuest(snapshot, outstanding);
    }
    Optional<Step<O>> occupied = whileOccupied();
    if (occupied.isPresent()) {
      return occupied.get();
    }
    if (live != null && live.alias() != null && toSend.contains(View.LIVE)) {
      Optional<Step<O>> first = whileOtherUnplugIsOutstanding(snapshot, live);
      if (first.isEmpty()) {
        first = beforeAsking(snapshot, live);
      }
      if (first.isPresent()) {
        return first.get();
      }
    }
    return send(snapshot, present, toSend);
  }

  /** A disk of another tool that was adopted has our alias in the persistent view alone. */
  private static boolean isTakenOver(Disk live, @Nullable Disk persistent) {
    return persistent != null
        && persistent.hasOwnAlias()
        && !Objects.equals(persistent.alias(), live.alias());
  }

  private Step<O> waitForGuest(Snapshot snapshot, Optional<Unplug> outstanding) {
    observations.events().waiting(waitingFor());
    longWait.isFor(waitingFor());
    return new Step.Wait<>(signal, unlessDue(LOOK_AGAIN, snapshot, outstanding));
  }

  /** Asks for the disk to be removed, in one call where one names it in all the views. */
  private Step<O> send(Snapshot snapshot, Map<View, Disk> present, Set<View> views)
      throws FaultException {
    boolean live = views.contains(View.LIVE);
    Disk disk = present.get(live ? View.LIVE : View.PERSISTENT);
    if (disk == null) {
      throw new IllegalStateException("asked to detach from a view without the disk");
    }
    String alias = disk.alias();
    Set<View> scope = EnumSet.of(live ? View.LIVE : View.PERSISTENT);
    if (views.size() == 2 && alias != null) {
      Disk other = present.get(View.PERSISTENT);
      if (other != null && alias.equals(other.alias())) {
        scope.add(View.PERSISTENT);
      }
    }
    boolean repeated = live && outstanding(snapshot, disk).isPresent();
    if (live) {
      asks(snapshot, disk, repetitions.next());
    }
    changing();
    try {
      if (alias != null && live) {
        unplug(alias, scope, unplugNote(snapshot, disk), repeated);
      } else if (alias != null) {
        domain.detachDeviceByAlias(alias, scope);
      } else {
        // libvirt waits for the guest.
        domain.detachDevice(elementOf(snapshot, disk), scope);
        return again();
      }
      return readBack(snapshot);
    } catch (FaultException e) {
      observations.fault(e.fault());
      return afterFault(e.fault(), disk, live, repeated);
    }
  }

  /**
   * A disk without a user alias has no alias in the persistent view. libvirt then goes by the
   * target dev alone, which was read just before, together with the source that makes it the right
   * disk.
   */
  private static String elementOf(Snapshot snapshot, Disk disk) {
    String xml = snapshot.persistentXml();
    if (xml == null) {
      throw new IllegalStateException("a live disk without an alias: " + disk.targetDev());
    }
    return DomainXmlReader.diskXml(xml, disk.targetDev())
        .orElseThrow(() -> new IllegalStateException("no disk element for " + disk.targetDev()));
  }

  /**
   * What follows a request that failed.
   *
   * @param disk the disk that was to be detached
   * @param live whether from the live view
   * @param repeated whether an earlier request is outstanding
   */
  private Step<O> afterFault(LibvirtFault fault, Disk disk, boolean live, boolean repeated)
      throws FaultException {
    Classification meaning = classify(fault);
    if (leavesItToEarlierRequest(meaning, fault, disk, repeated)) {
      return again();
    }
    boolean isNotMade = live && !repeated && !isSent(meaning, fault);
    if (isNotMade) {
      asksNoMore();
    }
    // Before the notes, whose calls may fail for the same reason: the next round has to know.
    Step<O> next = byVerdict(meaning, fault);
    // A connection that was lost says nothing about the request.
    if (meaning.condition() != Condition.CONNECTION_LOST) {
      takeMarkAway();
      if (isNotMade) {
        takeNoteAway();
      }
    }
    return next;
  }

  /** Neither view has the volume. QEMU, or a client that the storage sees, may have it. */
  private Step<O> absent(Snapshot snapshot) throws FaultException {
    unplugIsDone(snapshot);
    if (asksQemu(snapshot)) {
      Optional<Step<O>> unanswered = askQemu(snapshot);
      if (unanswered.isPresent()) {
        return unanswered.get();
      }
      if (ghosts.held()) {
        wasThere = true;
        observations.events().waiting(WaitingFor.QEMU);
        return new Step.Wait<>(signal, ghosts.nextLook(snapshot));
      }
      ghosts.lease().lower(snapshot);
      // What QEMU said holds for the start it was asked in.
      if (!domain.run().equals(OptionalInt.of(snapshot.status().id()))) {
        return again();
      }
    }
    Proof proof = withoutStorage(snapshot);
    return proof.isAtLeast(required()) ? released(snapshot, proof) : whenStorageSaysSo(snapshot);
  }

  /** The weakest proof with which this is done. */
  protected Proof required() {
    return context.release().required();
  }

  private boolean asksQemu(Snapshot snapshot) {
    return snapshot.status().active() && context.mayAskQemu();
  }

  /** The strongest proof that can be had without the storage. */
  private Proof withoutStorage(Snapshot snapshot) {
    // A disk whose source no view tells may be the volume.
    if (!everySourceIsTold()) {
      return Proof.XML;
    }
    if (!asksQemu(snapshot)) {
      return proofWithoutQemu(snapshot);
    }
    // Block nodes of a kind that cannot be told are not looked for.
    return context.kinds().objection(selector.identity()).isEmpty()
        ? strongestProof(snapshot)
        : Proof.XML;
  }

  private boolean isProvable(Snapshot snapshot) {
    return release.isPossible() || withoutStorage(snapshot).isAtLeast(required());
  }

  private Step<O> unprovable(Snapshot snapshot, String why) {
    return rejected(
        Rejected.Reason.PROOF_UNAVAILABLE,
        "a detach has to rest on "
            + required()
            + " at least, as the options demand; it would rest on "
            + withoutStorage(snapshot)
            + ", for "
            + why);
  }

  /**
   * Neither view has the volume, and this is the proof without the storage. Where it is weaker than
   * QEMU's answer, the storage is asked for a better one, and not waited for long.
   */
  private Step<O> released(Snapshot snapshot, Proof proof) throws FaultException {
    if (proof == Proof.QEMU || !release.isPossible()) {
      return detachedWithNotes(snapshot, proof);
    }
    Optional<StorageRelease.Answer> answer = release.answer(/* demanded= */ false);
    if (answer.isEmpty() && !release.patience().isZero()) {
      return waitForStorage(release.patience());
    }
    if (answer.isEmpty()) {
      release.isSilent();
    }
    boolean proven = answer.filter(StorageRelease.Closed.class::isInstance).isPresent();
    return detachedWithNotes(snapshot, proven ? Proof.STORAGE : proof);
  }

  /** Neither view has the volume, and without the storage the proof is weaker than is demanded. */
  private Step<O> whenStorageSaysSo(Snapshot snapshot) throws FaultException {
    Optional<StorageRelease.Answer> answer = release.answer(/* demanded= */ true);
    if (answer.isEmpty()) {
      return waitForStorage(release.left());
    }
    if (answer.get() instanceof StorageRelease.StillOpen open) {
      wasThere = true;
      observations.events().waiting(WaitingFor.STORAGE);
      return new Step.Wait<>(signal, open.nextLook());
    }
    if (answer.get() instanceof StorageRelease.Unknown unknown) {
      Refused refused = unknown.refused();
      // To wait would not help a probe that is not set up.
      return refused.reason() == StorageProbe.Reason.CANNOT_ASK
          ? done(answers.notDone(StorageReasons.outcome(refused, reasons, observations)))
          : pause(StorageReasons.unanswered(refused), refused.explanation());
    }
    return answer.get() instanceof StorageRelease.Missing
        ? unprovable(snapshot, "the storage has no volume of this name")
        : detachedWithNotes(snapshot, Proof.STORAGE);
  }

  private Step<O> detachedWithNotes(Snapshot snapshot, Proof proof) throws FaultException {
    O outcome = answers.detached(!wasThere, proof, observations.observation());
    hasProven(outcome);
    if (snapshot.status().active()) {
      Optional<Step<O>> first = whileNotesStay(freedSlotNotes.stayFor(snapshot));
      if (first.isPresent()) {
        // What is proven now is to be proven then.
        release.forget();
        return first.get();
      }
      takeAwayWhatIsNotNeededAnyMore(snapshot);
    }
    return done(outcome);
  }

  @Override
  protected O atTheDeadline() {
    if (ghosts.held()) {
      return pending(WaitingFor.QEMU);
    }
    if (release.held()) {
      return pending(WaitingFor.STORAGE);
    }
    if (isOutstanding()) {
      return pending(waitingFor());
    }
    if (isOtherUnplugInTheWay()) {
      return pending(waitingForAnother());
    }
    return unverified();
  }

  private O pending(WaitingFor waitingFor) {
    tellOfUnplug(waitingFor);
    return answers.pending(waitingFor, observations.observation());
  }

  private boolean isOutstanding() {
    return observations
        .status()
        .flatMap(status -> observations.live().flatMap(live -> ownOutstanding(status, live)))
        .isPresent();
  }

  /** libvirt asks the guest first, and saves the configuration then: that is what has failed. */
  private static boolean isSent(Classification meaning, LibvirtFault fault) {
    return meaning.condition() == Condition.OTHER && fault.code() == ErrorCode.SYSTEM_ERROR;
  }

  @Override
  protected O notDone(NotDone outcome) {
    return answers.notDone(outcome);
  }
}
