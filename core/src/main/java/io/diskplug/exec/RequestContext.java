// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.fault.FaultClassifier;
import io.diskplug.outcome.Proof;
import java.util.random.RandomGenerator;

/**
 * What the requests of an executor share.
 *
 * @param classifier says what faults mean
 * @param random spreads pauses
 * @param scheduler the time
 * @param unplugs the unplug requests that no guest has answered yet
 * @param sightings what other processes have noted
 * @param freedSlots the PCI slots that were freed a moment ago
 * @param evicted the names of devices that were taken out of QEMU a moment ago
 * @param attempts what was tried in vain
 * @param longJobs the domains that may have a long job
 * @param storage asked before and after QEMU opens a volume, and after it was to close it
 * @param required what a detach must have seen
 */
record RequestContext(
    FaultClassifier classifier,
    RandomGenerator random,
    Scheduler scheduler,
    Unplugs unplugs,
    Sightings sightings,
    FreedSlots freedSlots,
    Evicted evicted,
    PastAttempts attempts,
    LongJobs longJobs,
    StorageProbes storage,
    Proof required) {

  /** Whether the monitor may be used. */
  boolean mayAskQemu() {
    return required == Proof.QEMU;
  }

  /** Whether a detach has to ask the storage. */
  boolean mustAskStorage() {
    return required == Proof.STORAGE;
  }

  /**
   * The same for a volume that somebody else is known to have: that nobody has it open will not be
   * proven.
   */
  RequestContext whileUsedElsewhere() {
    return mustAskStorage()
        ? new RequestContext(
            classifier,
            random,
            scheduler,
            unplugs,
            sightings,
            freedSlots,
            evicted,
            attempts,
            longJobs,
            storage,
            Proof.XML)
        : this;
  }
}
