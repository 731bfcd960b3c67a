// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.repair;

import io.diskplug.domain.Disk;
import io.diskplug.fault.Call;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.DomainAccess.Busy;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.alloc.Allocator;
import io.diskplug.internal.coordination.UnplugAnnotations;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.ghost.GhostProof;
import io.diskplug.internal.match.ExactDiskSelector;
import io.diskplug.internal.match.Unresolved;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.qemu.QemuView;
import io.diskplug.internal.qemu.UnexpectedAnswerException;
import io.diskplug.internal.request.Request;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.internal.storage.InspectedStorage;
import io.diskplug.outcome.Ghost;
import io.diskplug.outcome.InspectOutcome;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.NotedUnplug;
import io.diskplug.outcome.PartlyInspected;
import io.diskplug.outcome.Proof;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a domain and asks QEMU, and says what there is. */
public final class InspectRequest extends Request<InspectOutcome> {

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

  /** What comes and goes for so long is told as it was seen last. */
  private static final int MOST_LOOKS = 20;

  /** Within two seconds an inspection says at least what libvirt shows: this and the next. */
  private static final Duration PATIENCE_WITH_QEMU = Duration.ofMillis(1500);

  /** The question for a long job waits behind some jobs, an internal snapshot among them. */
  private static final Duration PATIENCE_WITH_JOB = Duration.ofMillis(400);

  private final GhostProof proof;

  /** Null if the storages are not asked, as where the inspection is a part of a repair. */
  private final @Nullable InspectedStorage storage;

  private int looks;

  /** For how long it was waited to learn whether QEMU answers. */
  private Duration waited = Duration.ZERO;

  private @Nullable Inspected last;

  /** What was seen while the domain could not be read. */
  private @Nullable PartlyInspected partly;

  public InspectRequest(DomainAccess domain, ObservationLog observations, RequestContext context) {
    this(domain, observations, context, false);
  }

  /**
   * Nothing is read yet.
   *
   * @param asksStorages whether the storages of the disks are asked, too
   */
  public InspectRequest(
      DomainAccess domain,
      ObservationLog observations,
      RequestContext context,
      boolean asksStorages) {
    super(domain, observations, context);
    this.proof = new GhostProof(domain);
    this.storage =
        asksStorages ? new InspectedStorage(domain, context.storage(), scheduler, signal) : null;
  }

  @Override
  protected boolean isServedInAnyState() {
    return true;
  }

  /** A change may run beside it, and have read the domain later. */
  @Override
  protected void remember(Snapshot snapshot) {
    if (isPartOfRepair()) {
      super.remember(snapshot);
    } else {
      context.memory().slotQuarantine().sawBeside(domain.uuid(), snapshot);
    }
  }

  private boolean isPartOfRepair() {
    return storage == null;
  }

  @Override
  protected Step<InspectOutcome> decide(Snapshot snapshot) {
    partly = null;
    Set<Disk> unresolved = new LinkedHashSet<>(Unresolved.in(snapshot.views()));
    unresolved.addAll(context.kinds().unknown(snapshot.views()));
    observations.sawUnresolved(unresolved);
    if (!snapshot.status().active()) {
      return done(report(snapshot, null, List.of(), List.of(), proofWithoutQemu(snapshot), null));
    }
    if (!context.mayAskQemu()) {
      return afterStorages(withoutQemu(snapshot, "the monitor may not be used"));
    }
    if (storage != null && last == null) {
      last = storage.in(withoutQemu(snapshot, "QEMU has not answered in time"));
    }
    try {
      // A wedged domain is inspected the sooner.
      Optional<Busy> occupied = occupied();
      if (occupied.isEmpty()) {
        return askQemu(snapshot);
      }
      Inspected unasked = withoutQemu(snapshot, occupied.get().why());
      return occupied.get().mayEndSoon()
          ? lookAgain(occupied.get(), unasked)
          : afterStorages(unasked);
    } catch (FaultException e) {
      observations.fault(e.fault());
      return afterStorages(withoutQemu(snapshot, e.fault().toString()));
    } catch (UnexpectedAnswerException e) {
      return afterStorages(withoutQemu(snapshot, String.valueOf(e.getMessage())));
    }
  }

  /** Whether QEMU answers is known soon. Meanwhile the storages are asked. */
  private Step<InspectOutcome> lookAgain(Busy busy, Inspected unasked) {
    waited = waited.plus(LOOK_WHETHER_HIDDEN);
    InspectedStorage asked = storage;
    if (asked != null) {
      Optional<Duration> unused = asked.ask(unasked.disks());
      last = asked.in(unasked);
    }
    return whileBusy(busy);
  }

  @Override
  protected Step<InspectOutcome> unread(String why, boolean lasts) throws FaultException {
    if (isPartOfRepair()) {
      // A repair begins with all that there is, or not at all.
      return super.unread(why, lasts);
    }
    Inspected before = last;
    if (before != null) {
      // It was read by this request, and says more than what can be seen now.
      return lasts ? done(before) : super.unread(why, false);
    }
    PartlyInspected seen = new PartlyInspected(targetDevs(), why, observations.observation());
    partly = seen;
    return lasts ? done(seen) : super.unread(why, false);
  }

  /** The live target devs; empty if the daemon refuses to say. */
  private Optional<List<String>> targetDevs() throws FaultException {
    try {
      return Optional.of(domain.targetDevs());
    } catch (FaultException e) {
      switch (classify(e.fault()).condition()) {
        case CONNECTION_LOST, DOMAIN_NOT_FOUND, DOMAIN_NOT_RUNNING -> throw e;
        default -> {
          observations.fault(e.fault());
          return Optional.empty();
        }
      }
    }
  }

  @Override
  public Optional<InspectOutcome> inHand() {
    return Optional.ofNullable(last);
  }

  @Override
  public Optional<Duration> patience(Call call) {
    if (last == null) {
      return Optional.empty();
    }
    return switch (call) {
      case ASK_QEMU -> Optional.of(PATIENCE_WITH_QEMU.minus(waited));
      case READ_JOB -> Optional.of(PATIENCE_WITH_JOB);
      default -> Optional.empty();
    };
  }

  private Step<InspectOutcome> askQemu(Snapshot snapshot)
      throws FaultException, UnexpectedAnswerException {
    QemuView qemu = QemuView.read(domain::askQemu, context.kinds());
    List<Ghost> suspects = proof.look(snapshot, qemu);
    if (suspects.isEmpty()) {
      return afterStorages(report(snapshot, qemu, List.of(), List.of(), Proof.QEMU, null));
    }
    Inspected unproven = report(snapshot, qemu, List.of(), suspects, Proof.QEMU, null);
    last = storage == null ? unproven : storage.in(unproven);
    if (proof.isSeenOften()) {
      return afterStorages(
          proof.isUndisturbed()
              ? report(snapshot, qemu, suspects, List.of(), Proof.QEMU, null)
              : unproven);
    }
    return ++looks < MOST_LOOKS ? new Step.Wait<>(signal, BETWEEN_LOOKS) : afterStorages(unproven);
  }

  /** The domain is read again when the storages have answered. */
  private Step<InspectOutcome> afterStorages(Inspected found) {
    InspectedStorage asked = storage;
    if (asked == null) {
      return done(found);
    }
    Optional<Duration> wait = asked.ask(found.disks());
    Inspected told = asked.in(found);
    last = told;
    return wait.isPresent() ? new Step.Wait<>(signal, wait.get()) : done(told);
  }

  private Inspected withoutQemu(Snapshot snapshot, String why) {
    return report(snapshot, null, List.of(), List.of(), Proof.XML, why);
  }

  private Inspected report(
      Snapshot snapshot,
      @Nullable QemuView qemu,
      List<Ghost> ghosts,
      List<Ghost> suspects,
      Proof restsOn,
      @Nullable String whyNotAsked) {
    return new Inspected(
        DiskReports.of(snapshot.views(), qemu, disk -> isUnplugPending(snapshot, disk)),
        UnplugAnnotations.of(snapshot).stream().map(note -> unplug(snapshot, note)).toList(),
        ghosts,
        suspects,
        Allocator.capacity(snapshot.views()),
        restsOn,
        Optional.ofNullable(whyNotAsked),
        observations.observation());
  }

  private boolean isUnplugPending(Snapshot snapshot, Disk live) {
    String alias = live.alias();
    if (alias == null || !live.source().isNamed()) {
      return false;
    }
    String key = new ExactDiskSelector(live).unplugKey();
    return UnplugAnnotations.of(snapshot).stream()
            .anyMatch(note -> note.counts() && note.isAbout(live))
        || context
            .memory()
            .pendingUnplugs()
            .outstanding(domain.uuid(), key, alias, snapshot.status())
            .isPresent();
  }

  private static NotedUnplug unplug(Snapshot snapshot, UnplugAnnotations.Note note) {
    return new NotedUnplug(
        note.key(),
        !note.counts(),
        note.live(snapshot),
        note.isOfFreedSlot(snapshot) ? Optional.ofNullable(note.slot()) : Optional.empty());
  }

  @Override
  protected InspectOutcome atTheDeadline() {
    Inspected seen = last;
    if (seen != null) {
      return seen;
    }
    PartlyInspected unread = partly;
    return unread == null || !isWaitingForDomain() ? unverified() : unread;
  }

  @Override
  protected InspectOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
