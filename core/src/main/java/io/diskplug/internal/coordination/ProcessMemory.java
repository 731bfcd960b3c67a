// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import io.diskplug.internal.engine.Scheduler;
import java.util.random.RandomGenerator;

/**
 * What this process remembers of the domains of a daemon: above all the unplug requests, its own
 * and those of other processes.
 *
 * @param scheduler the time
 * @param pendingUnplugs the unplug requests that no guest has answered yet
 * @param firstSeen what other processes have noted
 * @param slotQuarantine the PCI slots that were freed a short while ago
 * @param aliasQuarantine the names of devices that were taken out of QEMU a short while ago
 * @param experimentalMachines the domains whose machine type was warned of
 */
public record ProcessMemory(
    Scheduler scheduler,
    PendingUnplugs pendingUnplugs,
    FirstSeen firstSeen,
    SlotQuarantine slotQuarantine,
    AliasQuarantine aliasQuarantine,
    ExperimentalMachines experimentalMachines) {

  /**
   * Nothing is remembered yet.
   *
   * @param random draws what tells this process from others
   */
  public static ProcessMemory empty(Scheduler scheduler, RandomGenerator random) {
    return new ProcessMemory(
        scheduler,
        new PendingUnplugs(scheduler),
        new FirstSeen(scheduler, random),
        new SlotQuarantine(scheduler),
        new AliasQuarantine(scheduler),
        new ExperimentalMachines());
  }
}
