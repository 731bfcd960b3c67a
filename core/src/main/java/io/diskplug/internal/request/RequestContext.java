// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.request;

import io.diskplug.internal.coordination.ProcessMemory;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.internal.reason.PastAttempts;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Waiver;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What the requests of an executor share.
 *
 * @param classifier says what faults mean
 * @param kinds the kinds of storage that requests are served for
 * @param random spreads pauses
 * @param scheduler the time
 * @param memory what this process remembers of unplug requests
 * @param attempts what was tried in vain
 * @param storage asked before and after QEMU opens a volume, and after it was to close it
 * @param release what the caller allows and demands of a detach
 * @param waived what the caller waives
 */
public record RequestContext(
    FaultClassifier classifier,
    StorageKinds kinds,
    RandomGenerator random,
    Scheduler scheduler,
    ProcessMemory memory,
    PastAttempts attempts,
    StorageProbes storage,
    ReleaseRules release,
    Set<Waiver> waived) {

  /** Copies the set. */
  public RequestContext {
    waived = Set.copyOf(waived);
  }

  /** Whether the monitor may be used. */
  public boolean mayAskQemu() {
    return release.monitor();
  }

  /**
   * The same for a volume that another client is known to have open: that no client has it open
   * will not be proven.
   */
  public RequestContext whileUsedElsewhere() {
    return release.required() != Proof.XML
        ? new RequestContext(
            classifier,
            kinds,
            random,
            scheduler,
            memory,
            attempts,
            StorageProbes.none(),
            new ReleaseRules(release.monitor(), release.evictsGhosts(), Proof.XML),
            waived)
        : this;
  }

  /**
   * The same for requests that waive more.
   *
   * @param more what is waived besides
   */
  public RequestContext waiving(Set<Waiver> more) {
    Set<Waiver> all = new HashSet<>(waived);
    all.addAll(more);
    return new RequestContext(
        classifier, kinds, random, scheduler, memory, attempts, storage, release, all);
  }
}
