// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.RunState;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.Holder;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The PCI slots of domains that were freed a short while ago. A guest that works on several unplug
 * requests ejects a slot once more for each request that it is told of meanwhile, and an ejection
 * takes whatever is in the slot by then ({@code hw/acpi/pcihp.c} of QEMU): a disk that is plugged
 * into such a slot is gone seconds later.
 *
 * <p>A slot was freed if an earlier reading of this process shows a device in it, whichever client
 * has unplugged it, or if a note says so that another process has left. Safe for use by several
 * threads.
 */
public final class SlotQuarantine {

  private static final String WHY = "freed a moment ago: the guest may eject it once more";

  private final Scheduler scheduler;
  private final Map<UUID, Seen> domains = new ConcurrentHashMap<>();

  SlotQuarantine(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /**
   * A domain as it was last seen.
   *
   * @param start in which start
   * @param at when
   * @param taken the slots that had a device
   * @param freed those that have none any more
   */
  private record Seen(
      int start, long at, Set<DeviceAddress> taken, Map<DeviceAddress, Freed> freed) {}

  /**
   * A slot without a device.
   *
   * @param since when it was first seen so, or the guest was last seen paused
   * @param busyUntil until when the guest was seen to have other unplug requests to work on
   * @param busy whether it has had some at every look since then. What it is asked for later, when
   *     it has nothing to do, does not concern this slot any more.
   */
  private record Freed(long since, long busyUntil, boolean busy) {

    Freed seen(boolean busyNow, long now) {
      return busy && busyNow ? new Freed(since, now, true) : new Freed(since, busyUntil, false);
    }
  }

  /** The devices with a PCI slot, each with its name, for another one may come to the slot. */
  public static Set<String> devices(DomainView live) {
    Set<String> devices = new HashSet<>();
    for (Holder holder : live.holders()) {
      if (holder.address() instanceof PciAddress slot) {
        devices.add(slot + " " + holder.alias());
      }
    }
    return devices;
  }

  /** Takes note of what was just read. */
  public void saw(UUID domain, Snapshot snapshot) {
    DomainView live = snapshot.views().live();
    if (live == null) {
      domains.remove(domain);
      return;
    }
    long now = forgetOld();
    Set<DeviceAddress> taken = taken(live);
    Set<DeviceAddress> noted = new HashSet<>();
    UnplugAnnotations.ofFreedSlots(snapshot).stream()
        .map(UnplugAnnotations.Note::slot)
        .filter(Objects::nonNull)
        .forEach(noted::add);
    boolean paused = snapshot.status().state() == RunState.PAUSED;
    boolean busy = UnplugAnnotations.areUnplugsOutstanding(snapshot);
    int start = snapshot.status().id();
    domains.compute(
        domain,
        (uuid, before) -> {
          Map<DeviceAddress, Freed> freed = new HashMap<>();
          Freed fresh = new Freed(now, now, true);
          if (before != null && before.start() == start) {
            freed.putAll(before.freed());
            before.taken().forEach(slot -> freed.put(slot, fresh));
          }
          noted.forEach(slot -> freed.putIfAbsent(slot, fresh));
          freed.keySet().removeAll(taken);
          freed.replaceAll((slot, old) -> paused ? fresh : old.seen(busy, now));
          freed
              .entrySet()
              .removeIf(
                  slot ->
                      !noted.contains(slot.getKey())
                          && now - slot.getValue().since() > UnplugPolicy.SLOT_AVOIDED.toNanos());
          return new Seen(start, now, taken, freed);
        });
  }

  /**
   * Takes note of what was read beside other requests on the domain, which may have read it later:
   * a slot that had a device here, and has none in the next reading, was freed in between at the
   * latest.
   */
  public void sawBeside(UUID domain, Snapshot snapshot) {
    DomainView live = snapshot.views().live();
    if (live == null) {
      return;
    }
    long now = forgetOld();
    int start = snapshot.status().id();
    Set<DeviceAddress> taken = taken(live);
    domains.compute(
        domain,
        (uuid, before) -> {
          if (before == null || before.start() < start) {
            return new Seen(start, now, taken, Map.of());
          }
          if (before.start() > start) {
            return before;
          }
          taken.addAll(before.taken());
          return new Seen(start, before.at(), taken, before.freed());
        });
  }

  private long forgetOld() {
    long now = scheduler.nanoTime();
    domains.values().removeIf(seen -> now - seen.at() > UnplugPolicy.REMEMBERED.toNanos());
    return now;
  }

  private static Set<DeviceAddress> taken(DomainView live) {
    Set<DeviceAddress> taken = new HashSet<>();
    live.holders().stream()
        .map(Holder::address)
        .filter(PciAddress.class::isInstance)
        .forEach(taken::add);
    return taken;
  }

  /**
   * How long the guest may still eject a slot once more, if it was told of anything else while it
   * was to release that one; zero for a slot that is not known as free, or taken again. A guest
   * that was not seen to work off its unplug requests for half a minute has forgotten them.
   */
  public Duration ejectedAgainFor(UUID domain, DeviceAddress slot) {
    Seen seen = domains.get(domain);
    Freed freed = seen == null ? null : seen.freed().get(slot);
    if (freed == null) {
      return Duration.ZERO;
    }
    long now = scheduler.nanoTime();
    Duration avoided = UnplugPolicy.SLOT_AVOIDED.minusNanos(now - freed.since());
    Duration ejected = UnplugPolicy.SLOT_EJECTED_AGAIN.minusNanos(now - freed.busyUntil());
    Duration left = avoided.compareTo(ejected) < 0 ? avoided : ejected;
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Those of the slots to be avoided that the guest may eject now, and why. */
  public Map<DeviceAddress, String> ejectedAgain(UUID domain) {
    Map<DeviceAddress, String> ejected = of(domain);
    ejected.keySet().removeIf(slot -> ejectedAgainFor(domain, slot).isZero());
    return ejected;
  }

  /** The slots to be avoided, and why. */
  public Map<DeviceAddress, String> of(UUID domain) {
    Seen seen = domains.get(domain);
    Map<DeviceAddress, String> avoided = new HashMap<>();
    if (seen != null) {
      seen.freed().keySet().forEach(slot -> avoided.put(slot, WHY));
    }
    return avoided;
  }
}
