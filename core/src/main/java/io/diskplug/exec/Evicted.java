// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names of devices that this process takes out of QEMU past libvirt. libvirt handles the event
 * of a device that is gone when it gets to it, and drops from its view whatever disk has the name
 * by then ({@code processDeviceDeletedEvent}); it says nothing when it has. So a name is not used
 * again for a while. Safe for use by several threads.
 */
final class Evicted {

  /** A look is at most a second ago; an event waits for milliseconds. */
  private static final Duration SETTLING = Duration.ofSeconds(2);

  private final Scheduler scheduler;
  private final Map<Key, Long> lastSeen = new ConcurrentHashMap<>();

  private record Key(UUID domain, String device) {}

  Evicted(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** The device is still there, and is to go. */
  void saw(UUID domain, String device) {
    lastSeen.put(new Key(domain, device), scheduler.nanoTime());
  }

  /** Whether the device may be gone for too short a time for its name to be used again. */
  boolean isSettling(UUID domain, String device) {
    long now = scheduler.nanoTime();
    lastSeen.values().removeIf(seen -> now - seen > SETTLING.toNanos());
    return lastSeen.containsKey(new Key(domain, device));
  }
}
