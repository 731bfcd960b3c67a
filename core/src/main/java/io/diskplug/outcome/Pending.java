// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.VolumeRef;
import java.time.Duration;
import java.util.Optional;

/**
 * The unplug is not finished, and the volume is still in use. Calling detach again resumes it, from
 * any process. The unplug was requested, unless the guest has to release another disk first: {@link
 * WaitingFor#EARLIER_UNPLUG}, or {@link WaitingFor#PAUSED_GUEST} with attempts that name that disk.
 *
 * @param volume the volume
 * @param waitingFor what still has the volume
 * @param observed what was read
 */
public record Pending(VolumeRef volume, WaitingFor waitingFor, Observation observed)
    implements DetachOutcome {

  /** What still has the volume. */
  public enum WaitingFor {
    /** The guest: it is busy, still booting, or does not answer. */
    GUEST,
    /** The guest, and it is paused, suspended or crashed: it cannot answer before it runs again. */
    PAUSED_GUEST,
    /**
     * The guest, which was asked for another disk first and has not released it; this one it was
     * not asked for yet. A guest that learns of its disks by ACPI is asked for one at a time; one
     * that it does not release keeps the next one for 30 seconds at most. {@code
     * observed().attempts()} names the disk in the way.
     */
    EARLIER_UNPLUG,
    /** QEMU: the guest has let go, and QEMU still has the image open. */
    QEMU,
    /**
     * A client that the storage sees: no view shows the volume, and a client has it open. It may be
     * QEMU, or a client elsewhere; {@code observed().storage()} has what the storage says of it.
     */
    STORAGE;

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
    private static final Duration PAUSED = Duration.ofSeconds(30);

    /** A paused guest answers when an operator resumes it; the others may let go at any time. */
    Duration retryAfter() {
      return this == PAUSED_GUEST ? PAUSED : LOOK_AGAIN;
    }
  }

  @Override
  public Kind kind() {
    return Kind.RETRY;
  }

  @Override
  public Optional<Duration> retryAfter() {
    return Optional.of(waitingFor.retryAfter());
  }
}
