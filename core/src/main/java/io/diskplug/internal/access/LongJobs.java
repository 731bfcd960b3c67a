// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.access;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.fault.ErrorCode;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The domains that may have a long job of libvirt, which lets a change wait for 30 seconds: those
 * that are paused, as a dump, a save and the end of a migration pause them, and those whose lock
 * could not be had the last time. Only they are asked for a job before a change. Safe for use by
 * several threads.
 */
public final class LongJobs {

  /** A domain that was not changed for so long is taken for one without a job. */
  private static final Duration LONGEST = Duration.ofHours(1);

  private final Scheduler scheduler;
  private final Map<UUID, Long> lockedAt = new ConcurrentHashMap<>();

  public LongJobs(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** A change or a note has failed: libvirt may have waited for the lock of the domain in vain. */
  void failed(UUID domain, LibvirtFault fault) {
    if (fault.code() == ErrorCode.OPERATION_TIMEOUT) {
      long now = scheduler.nanoTime();
      lockedAt.values().removeIf(at -> now - at > LONGEST.toNanos());
      lockedAt.put(domain, now);
    }
  }

  /** Whether the domain is worth asking. */
  boolean mayBe(UUID domain, DomainStatus status) {
    return status.state() == RunState.PAUSED || hasMissedTheLock(domain);
  }

  /** Whether the lock of the domain could not be had the last time. */
  boolean hasMissedTheLock(UUID domain) {
    return lockedAt.containsKey(domain);
  }

  /** The domain has no long job. */
  void none(UUID domain) {
    lockedAt.remove(domain);
  }
}
