// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.fault.FaultClassifier;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Waiver;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What the requests of an executor share.
 *
 * @param classifier says what faults mean
 * @param random spreads pauses
 * @param scheduler the time
 * @param memory what this process remembers of unplug requests
 * @param attempts what was tried in vain
 * @param storage asked before and after QEMU opens a volume, and after it was to close it
 * @param required what a detach must have seen
 * @param waived what the caller waives
 */
record RequestContext(
    FaultClassifier classifier,
    RandomGenerator random,
    Scheduler scheduler,
    ProcessMemory memory,
    PastAttempts attempts,
    StorageProbes storage,
    Proof required,
    Set<Waiver> waived) {

  /** Copies the set. */
  RequestContext {
    waived = Set.copyOf(waived);
  }

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
            memory,
            attempts,
            StorageProbes.none(),
            Proof.XML,
            waived)
        : this;
  }

  /**
   * The same for requests that waive more.
   *
   * @param more what is waived besides
   */
  RequestContext waiving(Set<Waiver> more) {
    Set<Waiver> all = new HashSet<>(waived);
    all.addAll(more);
    return new RequestContext(
        classifier, random, scheduler, memory, attempts, storage, required, all);
  }
}
