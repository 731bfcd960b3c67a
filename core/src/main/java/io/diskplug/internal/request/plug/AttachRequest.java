// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.plug;

import io.diskplug.alloc.NewController;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.View;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.coordination.PendingUnplugs.Unplug;
import io.diskplug.internal.coordination.UnplugPolicy;
import io.diskplug.internal.engine.Backoff;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.Classification;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.match.DiskComparison;
import io.diskplug.internal.match.LimitGroups;
import io.diskplug.internal.match.Namesakes;
import io.diskplug.internal.match.VolumeSelector;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.place.AttachVerification;
import io.diskplug.internal.place.DiskElements;
import io.diskplug.internal.place.LostPlaces;
import io.diskplug.internal.place.VolumePlacement;
import io.diskplug.internal.reason.Reasons;
import io.diskplug.internal.request.DiskRequest;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.internal.storage.StorageAdvice;
import io.diskplug.internal.storage.StorageReasons;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Refused;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Brings a volume into every view that applies. */
public final class AttachRequest extends DiskRequest<AttachOutcome> {

  private final DiskSource source;
  private final Backoff repetitions;

  /** The disk that is asked for, before it has a place. */
  private final Disk wanted;

  private final LostPlaces lost = new LostPlaces();
  private final ControllerPlugging controllers;

  /** Whether what libvirt said leaves it open that QEMU has something that no view shows. */
  private boolean suspicious;

  /** The disk as it was last sent, and the views for which libvirt said that it is attached. */
  private @Nullable Disk planned;

  private final Set<View> acceptedFor = EnumSet.noneOf(View.class);

  /** What the storage says of the volume. */
  private final StorageAdvice advice;

  /** Whether QEMU was asked if it is the one that uses the volume. */
  private boolean ghostsLookedFor;

  public AttachRequest(
      DomainAccess domain,
      DiskSource source,
      Disk wanted,
      ObservationLog observations,
      RequestContext context) {
    super(
        domain,
        new VolumeSelector(source.volume(), Namesakes.notAt(wanted.source().hosts())),
        observations,
        context);
    this.repetitions =
        new Backoff(
            context.random(),
            UnplugPolicy.FIRST_REPETITION_BEFORE_ATTACH,
            UnplugPolicy.LONGEST_REPETITION_BEFORE_ATTACH);
    this.source = source;
    this.wanted = wanted;
    this.controllers = new ControllerPlugging(observations);
    this.advice = StorageAdvice.beforeAttach(source, domain, context.storage(), scheduler, signal);
  }

  @Override
  protected Step<AttachOutcome> decide(Snapshot snapshot, Map<View, Disk> present)
      throws FaultException {
    controllers.look(snapshot);
    List<Difference> differences = DiskComparison.ofSubstance(wanted, present, source.volume());
    if (!differences.isEmpty()) {
      return mismatch(Rejected.Reason.CONFLICT, DiskComparison.conflict(differences), differences);
    }
    if (ghosts.lease().isRaisedElsewhere(snapshot)) {
      return pauseUnlessDue(
          "another process is about to take a ghost of the volume out of QEMU",
          snapshot,
          Optional.empty());
    }
    if (present.containsKey(View.LIVE) && othersAreAboutToAsk()) {
      return leaveToOthers(snapshot);
    }
    Optional<Step<AttachOutcome>> leaving = afterUnplug(snapshot, present);
    if (leaving.isPresent()) {
      return leaving.get();
    }
    Set<View> missing = snapshot.views().kinds();
    missing.removeAll(present.keySet());
    if (missing.isEmpty()) {
      return doneAfterNotes(
          snapshot,
          new AttachVerification(
                  source.volume(), wanted, planned, acceptedFor, snapshot.views(), observations)
              .outcome(present));
    }
    if (missing.stream().anyMatch(acceptedFor::contains)) {
      return mismatch(
          Rejected.Reason.CONFLICT,
          "libvirt said that the disk is attached, and it is not in the " + missing + " view",
          List.of());
    }
    // What was plugged in by this request, and could not be saved, looks the same and is known.
    if (planned == null && mayLeaveWhenResumed(snapshot, present, wanted.bus())) {
      watchAnew();
      return pause(
          Unavailable.Reason.UNPLUG_IN_PROGRESS,
          "the disk is in the live view only, and the guest is paused: it may have been asked to"
              + " release it");
    }
    if (leaving(snapshot, present)) {
      return pause(
          Unavailable.Reason.UNPLUG_IN_PROGRESS,
          "the disk is in the live view only: an earlier unplug request may be under way");
    }
    Optional<String> notPlugged = controllers.notAsPlugged(snapshot);
    if (notPlugged.isPresent()) {
      return done(indeterminate(Indeterminate.Reason.NOT_AS_PLANNED, notPlugged.get()));
    }
    Supplier<Step<AttachOutcome>> verdict = unlessDone();
    if (verdict != null) {
      return verdict.get();
    }
    suspicious |= ghosts.isSettling();
    if (suspicious && context.mayAskQemu() && missing.contains(View.LIVE)) {
      Optional<Step<AttachOutcome>> held = whileQemuHoldsIt(snapshot);
      if (held.isPresent()) {
        return held.get();
      }
      ghosts.lease().lower(snapshot);
      suspicious = false;
    }
    // A volume that the domain has open is in use by itself.
    Optional<Step<AttachOutcome>> objection =
        present.containsKey(View.LIVE) ? Optional.empty() : objection(missing);
    return objection.isPresent() ? objection.get() : place(snapshot, present, missing);
  }

  /** What the storage says against the attach, or a wait for its answer. */
  private Optional<Step<AttachOutcome>> objection(Set<View> missing) {
    Optional<Finding> finding = advice.finding();
    if (finding.isEmpty()) {
      return Optional.of(waitForStorage(advice.left()));
    }
    if (!(finding.get() instanceof Refused refused)) {
      return Optional.empty();
    }
    boolean mayBeGhost =
        refused.reason() == StorageProbe.Reason.IN_USE
            && context.mayAskQemu()
            && missing.contains(View.LIVE);
    if (mayBeGhost && !ghostsLookedFor) {
      ghostsLookedFor = true;
      suspicious = true;
      advice.askAgain();
      return Optional.of(again());
    }
    return Optional.of(done(StorageReasons.outcome(refused, reasons, observations)));
  }

  /**
   * QEMU could not open the volume, and the storage is asked once more.
   *
   * @param condition what libvirt's fault means
   * @param otherwise the answer if the storage has nothing to add
   */
  private Step<AttachOutcome> secondOpinion(
      Condition condition, LibvirtFault fault, Supplier<Step<AttachOutcome>> otherwise) {
    advice.askAgain();
    return againUnlessDone(
        () -> {
          Optional<Finding> finding = advice.finding();
          if (finding.isEmpty()) {
            return waitForStorage(advice.left());
          }
          if (finding.get() instanceof Refused refused) {
            return done(StorageReasons.outcome(refused, reasons, observations));
          }
          return advice.isToBeHad() && condition == Condition.VOLUME_NOT_FOUND
              ? done(
                  unavailable(
                      Unavailable.Reason.FAULT, "the storage has the volume: " + explain(fault)))
              : otherwise.get();
        });
  }

  /**
   * An unplug that was requested is completed before anything else: a disk that the guest may
   * release at any time is not attached, whatever the views show.
   */
  private Optional<Step<AttachOutcome>> afterUnplug(Snapshot snapshot, Map<View, Disk> present)
      throws FaultException {
    Disk live = present.get(View.LIVE);
    if (live == null) {
      if (!freedSlotNotes.stayFor(snapshot).isZero()) {
        return Optional.of(
            pause(
                Unavailable.Reason.UNPLUG_IN_PROGRESS,
                "the guest has just released the disk, and may eject a slot once more"));
      }
      unplugIsDoneBeforePlug(snapshot);
      return Optional.empty();
    }
    boolean leftToLiveAlone = present.keySet().equals(Set.of(View.LIVE));
    if (!leftToLiveAlone
        && !isNoted(snapshot, live)
        && ownOutstanding(snapshot.status(), live).isEmpty()) {
      unplugIsOver(snapshot);
      return Optional.empty();
    }
    Optional<Unplug> outstanding = outstanding(snapshot, live);
    if (outstanding.isEmpty()) {
      return Optional.empty();
    }
    subscribe();
    if (scheduler.nanoTime() - outstanding.get().repeatAt() >= 0
        && live.alias() != null
        && whileOtherUnplugIsOutstanding(snapshot, live).isEmpty()) {
      // A guest that was booting has forgotten it.
      Optional<Step<AttachOutcome>> first = beforeAsking(snapshot, live);
      if (first.isPresent()) {
        return first;
      }
      asks(snapshot, live, repetitions.next());
      changing();
      try {
        unplug(live.alias(), EnumSet.of(View.LIVE), unplugNote(snapshot, live), true);
      } catch (FaultException e) {
        observations.fault(e.fault());
        boolean unused = leavesItToEarlierRequest(classify(e.fault()), e.fault(), live, true);
      }
    }
    longWait.isFor(waitingFor());
    return Optional.of(
        pauseUnlessDue(
            "the guest was asked to release the disk, and has not answered yet",
            snapshot,
            outstanding(snapshot, live)));
  }

  private Step<AttachOutcome> place(Snapshot snapshot, Map<View, Disk> present, Set<View> missing)
      throws FaultException {
    Optional<String> otherLimits = LimitGroups.obstacle(snapshot.views(), missing, wanted);
    if (otherLimits.isPresent()) {
      return rejected(Rejected.Reason.CONFLICT, otherLimits.get());
    }
    VolumePlacement place =
        find(snapshot, present, context.memory().slotQuarantine().of(domain.uuid()));
    if (place instanceof VolumePlacement.Found tooSoon && mayBeEjected(tooSoon.firstAddress())) {
      // All that is free was freed a while ago; some of it longer ago.
      place =
          find(snapshot, present, context.memory().slotQuarantine().ejectedAgain(domain.uuid()));
    }
    if (place instanceof VolumePlacement.Found found) {
      Optional<Step<AttachOutcome>> inTheWay =
          whileFreedSlotIsInTheWay(snapshot, found.firstAddress());
      if (inTheWay.isPresent()) {
        return inTheWay.get();
      }
      Optional<Step<AttachOutcome>> first =
          found.firstViews(missing).contains(View.LIVE)
              ? whileGuestReleases(snapshot, found.firstAddress())
              : Optional.empty();
      if (first.isEmpty()) {
        first = whileOccupied();
      }
      if (first.isPresent()) {
        return first.get();
      }
      return found.controllers().isEmpty()
          ? attach(snapshot, found.placement(), present, missing)
          : plug(snapshot, found.controllers().get(0));
    }
    VolumePlacement.None none = (VolumePlacement.None) place;
    return mismatch(none.reason(), none.explanation(), List.of());
  }

  private VolumePlacement find(
      Snapshot snapshot, Map<View, Disk> present, Map<DeviceAddress, String> avoided) {
    return VolumePlacement.find(
        snapshot.views(), present, source, lost.occupied(avoided), context.waived());
  }

  /** Plugs a controller. The next round finds it there, and goes on with the disk. */
  private Step<AttachOutcome> plug(Snapshot snapshot, NewController controller)
      throws FaultException {
    observations.events().pluggingController(controller);
    controllers.sending(snapshot, controller);
    changing();
    try {
      domain.attachController(DiskElements.write(controller), controller.views());
      controllers.accepted(controller);
      return readBack(snapshot);
    } catch (FaultException e) {
      observations.fault(e.fault());
      Classification meaning = classify(e.fault());
      return switch (meaning.condition()) {
        // Another process, or another tool, was faster: what it has plugged is there now.
        case INDEX_TAKEN, ALIAS_TAKEN -> raced(e.fault());
        case ADDRESS_TAKEN -> {
          lost.address(controller.address());
          yield raced(e.fault());
        }
        case NAME_TAKEN_IN_QEMU -> {
          lost.aliasOf(controller);
          yield raced(e.fault());
        }
        default -> byVerdict(meaning, e.fault());
      };
    }
  }

  private Step<AttachOutcome> attach(
      Snapshot snapshot, Placement placement, Map<View, Disk> present, Set<View> scope) {
    String xml = DiskElements.write(source, placement, snapshot.views(), present, scope);
    planned = DomainXmlReader.readDisk(xml);
    observations.events().planned(placement);
    if (placement.address() instanceof DriveAddress drive) {
      controllers.sendingDisk(snapshot, drive.controller());
    }
    changing();
    try {
      domain.attachDevice(xml, scope);
      acceptedFor.addAll(scope);
      return readBack(snapshot);
    } catch (FaultException e) {
      observations.fault(e.fault());
      return afterFault(e.fault(), placement);
    }
  }

  /** What the next round shall do if it finds the volume still missing. */
  private Step<AttachOutcome> afterFault(LibvirtFault fault, Placement placement) {
    Classification meaning = classify(fault);
    return switch (meaning.condition()) {
      case TARGET_TAKEN -> {
        lost.target(placement.targetDev());
        yield raced(fault);
      }
      case ADDRESS_TAKEN -> {
        lost.address(placement.address());
        yield raced(fault);
      }
      case NAME_TAKEN_IN_QEMU -> {
        suspicious = true;
        yield raced(fault);
      }
      case CONNECTION_LOST -> {
        suspicious = true;
        yield byVerdict(meaning, fault);
      }
      // The caller knows better than we do how long its storage may be away, or in use.
      case STORAGE_UNREACHABLE, STORAGE_NOT_CONNECTED, VOLUME_IN_USE ->
          secondOpinion(meaning.condition(), fault, () -> answer(meaning, fault));
      case VOLUME_NOT_FOUND, ACCESS_DENIED, SECRET_MISSING ->
          secondOpinion(
              meaning.condition(),
              fault,
              () -> rejected(Reasons.rejection(meaning.condition()), explain(meaning, fault)));
      default -> byVerdict(meaning, fault);
    };
  }

  private Step<AttachOutcome> raced(LibvirtFault fault) {
    return lost.mayRaceAgain() ? again() : pause(Unavailable.Reason.FAULT, explain(fault));
  }

  /** After libvirt has accepted the disk, what is read back is our business and not a conflict. */
  @Override
  protected Step<AttachOutcome> mismatch(
      Rejected.Reason reason, String explanation, List<Difference> differences) {
    return acceptedFor.isEmpty()
        ? super.mismatch(reason, explanation, differences)
        : done(indeterminate(Indeterminate.Reason.NOT_AS_PLANNED, explanation));
  }

  @Override
  protected AttachOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
