// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request.change;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.engine.Step;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.port.DomainHandle.DiskSize;
import io.diskplug.internal.request.RequestContext;
import io.diskplug.internal.storage.StorageAdvice;
import io.diskplug.internal.storage.StorageReasons;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Waiver;
import io.diskplug.spi.StorageProbe.Finding;
import io.diskplug.spi.StorageProbe.Ready;
import io.diskplug.spi.StorageProbe.Refused;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Lets the guest see the size to which a volume has grown. */
public final class GrowRequest extends ChangeRequest {

  private static final String FORMAT = "type";

  private final long bytes;

  private final StorageAdvice advice;

  /** The bytes that the storage says the volume has: QEMU may not have been told yet. */
  private long stored;

  public GrowRequest(
      DomainAccess domain,
      VolumeRef volume,
      long bytes,
      ObservationLog observations,
      RequestContext context) {
    super(domain, volume, observations, context);
    this.bytes = bytes;
    this.advice = StorageAdvice.sizeOf(volume, domain, context.storage(), scheduler, signal);
  }

  @Override
  protected Step<ChangeOutcome> decide(Map<View, Disk> present) throws FaultException {
    Disk live = present.get(View.LIVE);
    if (live == null) {
      // No view says a size: QEMU finds it when it opens the volume.
      return changed(present, changed());
    }
    if (live.source().encryption() != null) {
      return rejected(
          Rejected.Reason.BAD_REQUEST,
          live.targetDev()
              + " is encrypted: libvirt shows the size inside, and takes that of the image");
    }
    Optional<Step<ChangeOutcome>> occupied = whileOccupied();
    if (occupied.isPresent()) {
      return occupied.get();
    }
    // Before QEMU, which would wait for a storage that does not answer, and the domain with it.
    Optional<Step<ChangeOutcome>> objection = changed() ? Optional.empty() : objection();
    if (objection.isPresent()) {
      return objection.get();
    }
    DiskSize size = domain.size(live.targetDev());
    if (size.guestBytes() == bytes) {
      return changed(present, changed());
    }
    Supplier<Step<ChangeOutcome>> verdict = unlessDone();
    if (verdict != null) {
      return verdict.get();
    }
    // Once more: libvirt may have let the other question wait.
    objection = objection();
    if (objection.isPresent()) {
      return objection.get();
    }
    if (stored == 0 && mayBeLarger(live) && !context.waived().contains(Waiver.UNKNOWN_SIZE)) {
      return rejected(
          Rejected.Reason.SIZE_UNKNOWN,
          "the storage has not told how large the volume is: if it has more than "
              + bytes
              + " bytes, what is beyond would be cut off; what helps: a probe that can tell, or"
              + " Waiver.UNKNOWN_SIZE");
    }
    Optional<String> wrong = wrongSize(live, size);
    if (wrong.isPresent()) {
      return rejected(Rejected.Reason.BAD_REQUEST, wrong.get());
    }
    if (!isStillAt(live.targetDev())) {
      return again();
    }
    // The volume may have grown by the time that this is tried once more.
    advice.askAgain();
    changing();
    try {
      domain.resize(live.targetDev(), bytes);
      return againUnlessDone(
          () ->
              rejected(
                  Rejected.Reason.CONFLICT,
                  "libvirt said that "
                      + live.targetDev()
                      + " has "
                      + bytes
                      + " bytes, and QEMU shows another size"));
    } catch (FaultException e) {
      observations.fault(e.fault());
      return byVerdict(classify(e.fault()), e.fault());
    }
  }

  /** What the storage says against the change, or a wait for its answer. */
  private Optional<Step<ChangeOutcome>> objection() {
    Optional<Finding> finding = advice.finding();
    if (finding.isEmpty()) {
      return Optional.of(waitForStorage(advice.left()));
    }
    if (finding.get() instanceof Refused refused) {
      // What was sent has to be found out first.
      return Optional.of(
          changed()
              ? pause(StorageReasons.unanswered(refused), refused.explanation())
              : done(StorageReasons.outcome(refused, reasons, observations)));
    }
    stored = ((Ready) finding.get()).sizeBytes().orElse(0);
    return Optional.empty();
  }

  private Optional<String> wrongSize(Disk live, DiskSize size) {
    long most =
        Math.max(Math.max(size.guestBytes(), stored), isRaw(live) ? size.storageBytes() : 0);
    if (most > bytes) {
      return Optional.of(
          live.targetDev()
              + " has "
              + most
              + " bytes: with "
              + bytes
              + " what is beyond would be cut off");
    }
    // QEMU would make it larger itself, which cannot be undone.
    return stored > 0 && stored < bytes
        ? Optional.of(
            "the volume has "
                + stored
                + " bytes: it has to grow to "
                + bytes
                + " in its storage first")
        : Optional.empty();
  }

  /**
   * Whether the volume can have grown in its storage without QEMU's knowledge, and QEMU can make it
   * smaller. libvirt reads the size of a file or a device from the host, and no initiator changes
   * the size of a LUN.
   */
  private static boolean mayBeLarger(Disk disk) {
    return switch (disk.source().kind()) {
      case "file", "block", "iscsi" -> false;
      default -> true;
    };
  }

  /** Only then the size of a file is that of the disk in it. */
  private static boolean isRaw(Disk disk) {
    return disk.driver().getOrDefault(FORMAT, "raw").equals("raw");
  }
}
