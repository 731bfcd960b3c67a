// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import io.diskplug.internal.engine.Scheduler;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The devices that are taken out of QEMU past libvirt, by this process, whichever of its requests
 * does, or by another one.
 *
 * <p>libvirt handles the event of a device that is gone when it gets to it, and drops from its view
 * whatever disk has the name by then ({@code processDeviceDeletedEvent}); it says nothing when it
 * has. So the name is not used again for a while. Safe for use by several threads.
 */
public final class AliasQuarantine {

  private final Scheduler scheduler;
  private final Map<Key, State> devices = new ConcurrentHashMap<>();

  private record Key(UUID domain, String device) {}

  /**
   * A device.
   *
   * @param askedAt when the guest was asked for it
   * @param goneAt when QEMU was first seen without it; null if it was not
   */
  private record State(long askedAt, @Nullable Long goneAt) {}

  AliasQuarantine(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** Whether the guest is to be asked for a device that QEMU has; then it counts as asked. */
  public boolean mayAsk(UUID domain, String device) {
    long now = scheduler.nanoTime();
    devices.values().removeIf(state -> now - state.askedAt() > UnplugPolicy.REMEMBERED.toNanos());
    State after =
        devices.compute(
            new Key(domain, device),
            (key, state) ->
                state != null
                        && state.goneAt() == null
                        && now - state.askedAt() < UnplugPolicy.EVICTION_REPEATED.toNanos()
                    ? state
                    : new State(now, null));
    return after.askedAt() == now;
  }

  /**
   * Another process has raised its lease, and may have asked the guest for a device: even if its
   * lease is stale, the guest may release it now.
   */
  public void isAskedByAnother(UUID domain, String device) {
    long now = scheduler.nanoTime();
    devices.put(new Key(domain, device), new State(now, null));
  }

  /** QEMU was asked, and has no such device. */
  public void isGone(UUID domain, String device) {
    devices.computeIfPresent(
        new Key(domain, device),
        (key, state) ->
            state.goneAt() == null ? new State(state.askedAt(), scheduler.nanoTime()) : state);
  }

  /**
   * After how long the guest is to be asked for the device again, or the name can be used again;
   * not positive if that is so, empty if the guest was not asked.
   */
  public Optional<Duration> changesAfter(UUID domain, String device) {
    long now = scheduler.nanoTime();
    return Optional.ofNullable(devices.get(new Key(domain, device)))
        .map(
            state -> {
              Long goneAt = state.goneAt();
              return goneAt == null
                  ? UnplugPolicy.EVICTION_REPEATED.minusNanos(now - state.askedAt())
                  : UnplugPolicy.ALIAS_SETTLES.minusNanos(now - goneAt);
            });
  }

  /**
   * Whether the name cannot be used again yet: QEMU was not seen without the device, or only for a
   * short while.
   */
  public boolean isSettling(UUID domain, String device) {
    State state = devices.get(new Key(domain, device));
    if (state == null) {
      return false;
    }
    Long goneAt = state.goneAt();
    return goneAt == null || scheduler.nanoTime() - goneAt < UnplugPolicy.ALIAS_SETTLES.toNanos();
  }
}
