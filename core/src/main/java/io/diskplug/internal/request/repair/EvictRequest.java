// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.repair;

import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.coordination.Lease;
import io.diskplug.internal.coordination.OneUnplug;
import io.diskplug.internal.engine.Backoff;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.ghost.Eviction;
import io.diskplug.internal.ghost.GhostProof;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.port.DomainHandle.Subscription;
import io.diskplug.internal.qemu.QemuNode;
import io.diskplug.internal.qemu.QemuView;
import io.diskplug.internal.qemu.UnexpectedAnswerException;
import io.diskplug.internal.request.Request;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.outcome.Ghost;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.MendPending;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Takes a ghost out of QEMU that was listed, whatever volume it is of. */
public final class EvictRequest extends Request<MendOutcome> {

  private final Ghost ghost;
  private final GhostProof proof;
  private final Eviction eviction;
  private final Lease lease;
  private final OneUnplug oneUnplug;
  private final Backoff looks;
  private @Nullable Subscription subscription;
  private boolean deviceLeft;

  public EvictRequest(
      DomainAccess domain, Ghost ghost, ObservationLog observations, RequestContext context) {
    super(domain, observations, context);
    this.ghost = ghost;
    this.proof = new GhostProof(domain);
    this.eviction =
        new Eviction(domain, observations, context.memory().aliasQuarantine(), this::changing);
    this.lease = Lease.ofEviction(domain, context.memory(), ghost.name());
    this.oneUnplug =
        OneUnplug.besides(domain, ghost.name(), context.memory(), context.mayAskQemu());
    this.looks = Backoff.betweenLooks(context.random());
  }

  @Override
  protected Step<MendOutcome> decide(Snapshot snapshot) throws FaultException {
    if (!snapshot.status().active()) {
      return done(new Mended(changed(), proofWithoutQemu(snapshot), observations.observation()));
    }
    if (!context.mayAskQemu()) {
      return rejected(Rejected.Reason.BAD_REQUEST, "the monitor may not be used");
    }
    Optional<Step<MendOutcome>> occupied = whileOccupied();
    if (occupied.isPresent()) {
      return occupied.get();
    }
    if (subscription == null) {
      subscription = domain.subscribe(signal::raise);
    }
    if (lease.isNewElsewhere(snapshot)) {
      ghost
          .device()
          .ifPresent(it -> context.memory().aliasQuarantine().isAskedByAnother(domain.uuid(), it));
    }
    try {
      return evict(snapshot);
    } catch (UnexpectedAnswerException e) {
      return pause(Unavailable.Reason.QEMU_UNANSWERED, String.valueOf(e.getMessage()));
    }
  }

  private Step<MendOutcome> evict(Snapshot snapshot)
      throws FaultException, UnexpectedAnswerException {
    QemuView qemu = QemuView.read(domain::askQemu, context.kinds());
    Optional<Ghost> left =
        proof.look(snapshot, qemu).stream().filter(this::isWhatIsLeft).findFirst();
    if (left.isEmpty()) {
      if (isInQemu(qemu)) {
        lease.lower(snapshot);
        return rejected(
            Rejected.Reason.CONFLICT,
            "QEMU has it, and it is not the ghost that was listed: " + ghost);
      }
      ghost
          .device()
          .ifPresent(device -> context.memory().aliasQuarantine().isGone(domain.uuid(), device));
      if (ghost.device().filter(this::isSettling).isPresent()) {
        deviceLeft = false;
        return new Step.Wait<>(signal, looks.next());
      }
      lease.lower(snapshot);
      return done(new Mended(changed(), Proof.QEMU, observations.observation()));
    }
    if (!changed() && isUnknown(left.get())) {
      return rejected(
          Rejected.Reason.STORAGE_KIND_UNKNOWN,
          "what its block nodes have open is of no storage kind that is registered, so that it"
              + " cannot be told which volume it is: "
              + ghost);
    }
    deviceLeft = left.get().device().isPresent();
    if (proof.isSeenOften()) {
      if (!proof.isUndisturbed()) {
        return pause(Unavailable.Reason.DOMAIN_BUSY, "a block job runs");
      }
      List<String> first = deviceLeft ? oneUnplug.inTheWay(snapshot) : List.of();
      if (!first.isEmpty()) {
        if (!changed()) {
          // Nothing is asked yet. After that the lease says that the device may go at any time.
          lease.lower(snapshot);
        }
        return pause(
            Unavailable.Reason.UNPLUG_IN_PROGRESS,
            "the guest is to release another disk first: " + String.join("; ", first),
            looks.next());
      }
      List<String> devices = left.get().device().stream().toList();
      if (lease.isOurTurn(snapshot, devices) && proof.isStillUnexplained(left.get(), qemu, lease)) {
        eviction.proceed(devices, left.get().nodes());
      }
    }
    observations.events().waiting(deviceLeft ? waitingFor() : WaitingFor.QEMU);
    return new Step.Wait<>(signal, looks.next());
  }

  /** The ghost, or what an eviction has left of it. */
  private boolean isWhatIsLeft(Ghost other) {
    boolean ofAnother =
        ghost.source().isPresent()
            && other.source().isPresent()
            && !ghost.source().get().isSameAs(other.source().get());
    return !ofAnother
        && (other.device().isEmpty() || other.device().equals(ghost.device()))
        && ghost.nodes().containsAll(other.nodes())
        && (other.device().isPresent() || !other.nodes().isEmpty());
  }

  private static boolean isUnknown(Ghost ghost) {
    return ghost.source().isEmpty() && !ghost.nodes().isEmpty();
  }

  private boolean isSettling(String device) {
    return context.memory().aliasQuarantine().isSettling(domain.uuid(), device);
  }

  private boolean isInQemu(QemuView qemu) {
    Set<String> nodes = qemu.nodes().stream().map(QemuNode::name).collect(Collectors.toSet());
    return ghost.device().filter(qemu.devices()::contains).isPresent()
        || ghost.nodes().stream().anyMatch(nodes::contains);
  }

  @Override
  protected MendOutcome atTheDeadline() {
    if (!changed()) {
      return unverified();
    }
    if (!deviceLeft) {
      return new MendPending(WaitingFor.QEMU, observations.observation());
    }
    return new MendPending(waitingFor(), observations.observation());
  }

  @Override
  public void close() {
    super.close();
    if (subscription != null) {
      subscription.close();
    }
  }

  @Override
  protected MendOutcome notDone(NotDone outcome) {
    return outcome;
  }
}
