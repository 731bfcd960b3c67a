// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.Holder;
import io.diskplug.domain.PciAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The PCI slots of domains that were freed a moment ago. A guest that works on several unplug
 * requests ejects a slot once more for each request that it is told of meanwhile, and an ejection
 * takes whatever is in the slot by then ({@code hw/acpi/pcihp.c} of QEMU): a disk that is plugged
 * into such a slot is gone seconds later.
 *
 * <p>A slot was freed if an earlier reading of this process shows a device in it, whoever has
 * unplugged it, or if a note says so that another process has left. Safe for use by several
 * threads.
 */
final class FreedSlots {

  /** Guests were seen to eject for four seconds; one that is busy, or swaps, takes longer. */
  private static final Duration AVOIDED = Duration.ofSeconds(30);

  /** A domain that nobody has looked at for so long is forgotten. */
  private static final Duration LONGEST = Duration.ofHours(1);

  /**
   * A guest that is told of another device while it is to release one ejects the slot of that once
   * more, behind the other one: 200 ms later, under QEMU's TCG.
   */
  private static final Duration EJECTED_AGAIN = Duration.ofMillis(500);

  private static final String WHY = "freed a moment ago: the guest may eject it once more";

  private final Scheduler scheduler;
  private final Map<UUID, Seen> domains = new ConcurrentHashMap<>();

  FreedSlots(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /**
   * A domain as it was last seen.
   *
   * @param start in which start
   * @param at when
   * @param taken the slots that had a device
   * @param freed when those that have none any more were first seen without
   * @param notes when notes of freed slots were first seen, by their requests
   */
  private record Seen(
      int start,
      long at,
      Set<DeviceAddress> taken,
      Map<DeviceAddress, Long> freed,
      Map<String, Long> notes) {}

  /** The PCI slots that have a device. */
  static Set<DeviceAddress> taken(DomainView live) {
    Set<DeviceAddress> taken = new HashSet<>();
    for (Holder holder : live.holders()) {
      if (holder.address() instanceof PciAddress slot) {
        taken.add(slot);
      }
    }
    return taken;
  }

  /** Takes note of what was just read. */
  void saw(UUID domain, Snapshot snapshot) {
    DomainView live = snapshot.views().live();
    if (live == null) {
      domains.remove(domain);
      return;
    }
    long now = scheduler.nanoTime();
    domains.values().removeIf(seen -> now - seen.at() > LONGEST.toNanos());
    Set<DeviceAddress> taken = taken(live);
    int start = snapshot.status().id();
    domains.compute(
        domain,
        (uuid, before) -> {
          Map<DeviceAddress, Long> freed = new HashMap<>();
          Map<String, Long> notes = new HashMap<>();
          boolean isSameRun = before != null && before.start() == start;
          if (isSameRun) {
            freed.putAll(before.freed());
            before.taken().forEach(slot -> freed.put(slot, now));
          }
          for (Intents.Note note : Intents.ofFreedSlots(snapshot)) {
            Long since = isSameRun ? before.notes().get(note.request()) : null;
            notes.put(note.request(), since == null ? now : since);
            if (note.slot() != null) {
              freed.put(note.slot(), now);
            }
          }
          freed.keySet().removeAll(taken);
          freed.values().removeIf(since -> now - since > AVOIDED.toNanos());
          return new Seen(start, now, taken, freed, notes);
        });
  }

  /**
   * How long the guest may still eject the slot of a note once more, if it was told of other
   * devices. Its note tells other processes to leave it alone.
   */
  Duration ejectedAgainFor(UUID domain, Intents.Note note) {
    Seen seen = domains.get(domain);
    Long since = seen == null ? null : seen.notes().get(note.request());
    Duration left =
        since == null ? EJECTED_AGAIN : EJECTED_AGAIN.minusNanos(scheduler.nanoTime() - since);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** The slots to be avoided, and why. */
  Map<DeviceAddress, String> of(UUID domain) {
    Seen seen = domains.get(domain);
    Map<DeviceAddress, String> avoided = new HashMap<>();
    if (seen != null) {
      seen.freed().keySet().forEach(slot -> avoided.put(slot, WHY));
    }
    return avoided;
  }
}
