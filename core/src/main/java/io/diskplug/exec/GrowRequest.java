// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.FaultException;
import io.diskplug.outcome.ChangeOutcome;
import io.diskplug.outcome.Rejected;
import io.diskplug.spi.DomainHandle.DiskSize;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Lets the guest see the size to which a volume has grown. */
final class GrowRequest extends ChangeRequest {

  private static final String FORMAT = "type";

  private final long bytes;

  GrowRequest(
      BoundedDomain domain, VolumeRef volume, long bytes, Trace trace, RequestContext context) {
    super(domain, volume, trace, context);
    this.bytes = bytes;
  }

  @Override
  Step<ChangeOutcome> decide(Map<View, Disk> present) throws FaultException {
    Disk live = present.get(View.LIVE);
    if (live == null) {
      // No view says a size: QEMU finds it when it opens the volume.
      return changed(present, changed());
    }
    Optional<Step<ChangeOutcome>> occupied = whileOccupied();
    if (occupied.isPresent()) {
      return occupied.get();
    }
    DiskSize size = domain.size(live.targetDev());
    if (size.guestBytes() == bytes) {
      return changed(present, changed());
    }
    Supplier<Step<ChangeOutcome>> verdict = unlessDone();
    if (verdict != null) {
      return verdict.get();
    }
    long most = Math.max(size.guestBytes(), isRaw(live) ? size.storageBytes() : 0);
    if (most > bytes) {
      return rejected(
          Rejected.Reason.BAD_REQUEST,
          live.targetDev()
              + " has "
              + most
              + " bytes: with "
              + bytes
              + " what is beyond would be cut off");
    }
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
      trace.fault(e.fault());
      return byVerdict(classify(e.fault()), e.fault());
    }
  }

  /** Only then the size of a file is that of the disk in it. */
  private static boolean isRaw(Disk disk) {
    return disk.driver().getOrDefault(FORMAT, "raw").equals("raw");
  }
}
