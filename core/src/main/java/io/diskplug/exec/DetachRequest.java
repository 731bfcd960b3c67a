// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.RunState;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.exec.QemuJson.UnexpectedAnswerException;
import io.diskplug.exec.VolumeSearch.Found;
import io.diskplug.exec.VolumeSearch.Location;
import io.diskplug.fault.Classification;
import io.diskplug.fault.FaultClassifier;
import io.diskplug.fault.FaultException;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.fault.Verdict;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DomainHandle.Subscription;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Takes a volume out of every view, and out of QEMU.
 *
 * <p>In the live view a detach is a request, which the guest answers when it likes. One request is
 * outstanding at a time; it is repeated only after a while, for a guest that was still booting
 * forgets it.
 */
final class DetachRequest extends Request<DetachOutcome> {

  /** Events can be lost: the views are read again after this long without one. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

  /** QEMU closes an image a moment after the device is gone. */
  private static final Duration ASK_QEMU_AGAIN = Duration.ofMillis(20);

  /** PCIe hot-plug blinks for five seconds before it acts: a request before that is a nuisance. */
  private static final Duration FIRST_REPETITION = Duration.ofSeconds(10);

  private static final Duration LONGEST_REPETITION = Duration.ofSeconds(60);

  /**
   * How long a disk that is in the live view only is left alone before it is asked for: it may be
   * about to go. A request that meets the guest's release makes libvirt 9.0 believe that the device
   * is gone while QEMU still has it, and leave its block nodes open.
   */
  private static final Duration EARLIER_REQUEST = Duration.ofSeconds(1);

  /** How often a fault that says nothing is worth another try. */
  private static final int MOST_UNEXPLAINED = 5;

  private final ReleaseProof required;
  private final Time time;
  private final Backoff repetitions;
  private @Nullable Subscription subscription;

  /** The start of the domain that has an unplug request of ours, and when to repeat it. */
  private int requestedOf = -1;

  private long repeatAt;
  private boolean requested;

  /** Whether the volume was there when this request began: then it did not come too late. */
  private boolean wasThere;

  private boolean refused;
  private boolean qemuHolds;
  private int unexplained;
  private @Nullable Long earlierRequestUntil;

  DetachRequest(
      BoundedDomain domain,
      VolumeRef volume,
      Trace trace,
      FaultClassifier classifier,
      RandomGenerator random,
      Time time,
      ReleaseProof required) {
    super(domain, volume, trace, classifier, random);
    this.time = time;
    this.required = required;
    this.repetitions = new Backoff(random, FIRST_REPETITION, LONGEST_REPETITION);
  }

  @Override
  Step<DetachOutcome> decide(Snapshot snapshot, Map<View, Location> locations)
      throws FaultException, CallUnfinishedException, InterruptedException {
    Map<View, Disk> present = new EnumMap<>(View.class);
    locations.forEach(
        (view, location) -> {
          if (location instanceof Found found) {
            present.put(view, found.disk());
          }
        });
    if (present.isEmpty()) {
      return absent(snapshot);
    }
    wasThere = true;
    Set<View> toSend = EnumSet.copyOf(present.keySet());
    if (present.containsKey(View.LIVE)) {
      subscribe();
      boolean liveOnly = snapshot.status().persistent() && !present.containsKey(View.PERSISTENT);
      if (liveOnly && !requested && mayBeReleasing()) {
        return pause(
            Unavailable.Reason.UNPLUG_IN_PROGRESS,
            "the disk is in the live view only: an earlier unplug request may be under way");
      }
      if (outstanding(snapshot.status())) {
        toSend.remove(View.LIVE);
      }
    }
    return toSend.isEmpty() ? waitForGuest() : send(snapshot, present, toSend);
  }

  private void subscribe() throws FaultException {
    if (subscription == null) {
      subscription = domain.handle().subscribe(signal::raise);
    }
  }

  private boolean mayBeReleasing() {
    long now = time.nanoTime();
    if (earlierRequestUntil == null) {
      earlierRequestUntil = now + EARLIER_REQUEST.toNanos();
    }
    return now - earlierRequestUntil < 0;
  }

  private boolean outstanding(DomainStatus status) {
    return requested && requestedOf == status.id() && time.nanoTime() - repeatAt < 0;
  }

  private Step<DetachOutcome> waitForGuest() {
    return new Step.Wait<>(signal, LOOK_AGAIN);
  }

  /** Asks for the disk to be removed, in one call where one names it in all the views. */
  private Step<DetachOutcome> send(Snapshot snapshot, Map<View, Disk> present, Set<View> views)
      throws CallUnfinishedException, InterruptedException {
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
    changing();
    if (live) {
      requested = true;
      refused = false;
      requestedOf = snapshot.status().id();
      repeatAt = time.nanoTime() + repetitions.next().toNanos();
    }
    try {
      if (alias != null) {
        domain.detachDeviceByAlias(alias, scope);
      } else {
        domain.detachDevice(elementOf(snapshot, disk), scope);
      }
      return again();
    } catch (FaultException e) {
      trace.fault(e.fault());
      return afterFault(e.fault(), live);
    }
  }

  /**
   * A disk without a user alias has no alias in the persistent view. libvirt then goes by the
   * target dev alone, which was read a moment ago together with the source that makes it the right
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

  private Step<DetachOutcome> afterFault(LibvirtFault fault, boolean live) {
    Classification meaning = classify(fault);
    switch (meaning.condition()) {
      case UNPLUG_IN_PROGRESS -> {
        // The request is outstanding, whoever made it.
        return again();
      }
      case GUEST_REFUSED -> {
        refused = true;
        return waitForGuest();
      }
      default -> requested = requested && !live;
    }
    if (meaning.verdict() == Verdict.FATAL) {
      return rejected(Troubles.rejection(meaning.condition()), fault.toString());
    }
    Unavailable.Reason reason = Troubles.reason(meaning.condition());
    if (reason == Unavailable.Reason.FAULT && ++unexplained >= MOST_UNEXPLAINED) {
      return done(unavailable(reason, fault.toString()));
    }
    return pause(reason, fault.toString());
  }

  /** Neither view has the volume: has QEMU? */
  private Step<DetachOutcome> absent(Snapshot snapshot)
      throws FaultException, CallUnfinishedException, InterruptedException {
    if (!snapshot.status().active()) {
      return detached(Proof.QEMU);
    }
    if (required == ReleaseProof.XML) {
      return detached(Proof.XML);
    }
    try {
      qemuHolds = QemuView.read(domain).holds(volume);
    } catch (FaultException e) {
      trace.fault(e.fault());
      return switch (classify(e.fault()).condition()) {
        case DOMAIN_NOT_RUNNING, QEMU_GONE, DOMAIN_NOT_FOUND, CONNECTION_LOST ->
            unreadable(e.fault());
        default -> pause(Unavailable.Reason.QEMU_UNANSWERED, e.fault().toString());
      };
    } catch (UnexpectedAnswerException e) {
      return pause(Unavailable.Reason.QEMU_UNANSWERED, String.valueOf(e.getMessage()));
    }
    trace.qemuHolds(qemuHolds);
    if (qemuHolds) {
      wasThere = true;
      return new Step.Wait<>(signal, ASK_QEMU_AGAIN);
    }
    // What QEMU said holds for the start it was asked in.
    return domain.status().id() == snapshot.status().id() ? detached(Proof.QEMU) : again();
  }

  private Step<DetachOutcome> detached(Proof proof) {
    return done(
        wasThere
            ? new Detached(proof, trace.observation())
            : new AlreadyDetached(proof, trace.observation()));
  }

  @Override
  DetachOutcome deadlinePassed() {
    if (refused) {
      return unavailable(Unavailable.Reason.GUEST_REFUSED, "the guest refused to release the disk");
    }
    if (qemuHolds) {
      return new Pending(WaitingFor.QEMU, trace.observation());
    }
    if (requested && trace.sawLive()) {
      boolean paused =
          trace.status().map(DomainStatus::state).filter(RunState.PAUSED::equals).isPresent();
      return new Pending(paused ? WaitingFor.PAUSED_GUEST : WaitingFor.GUEST, trace.observation());
    }
    return hasChanged()
        ? indeterminate(
            Indeterminate.Reason.DEADLINE, "the deadline passed before the result was verified")
        : lastTrouble();
  }

  @Override
  DetachOutcome notDone(NotDone outcome) {
    return outcome;
  }

  @Override
  public void close() {
    if (subscription != null) {
      subscription.close();
    }
  }
}
