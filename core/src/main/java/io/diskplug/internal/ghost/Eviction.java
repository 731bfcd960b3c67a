// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.ghost;

import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.coordination.AliasQuarantine;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.qemu.QemuView;
import io.diskplug.internal.qemu.UnexpectedAnswerException;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Takes a proven ghost out of QEMU: its device first, which the guest has to release, and when that
 * is gone the block nodes. Does the next step each time it is told to go on.
 */
public final class Eviction {

  private final DomainAccess domain;
  private final ObservationLog observations;
  private final AliasQuarantine evicted;
  private final Runnable changing;
  private boolean nodesDeleted;

  /**
   * An eviction on a domain.
   *
   * @param changing told before each change of QEMU
   */
  public Eviction(
      DomainAccess domain,
      ObservationLog observations,
      AliasQuarantine evicted,
      Runnable changing) {
    this.domain = domain;
    this.observations = observations;
    this.evicted = evicted;
    this.changing = changing;
  }

  /**
   * The next step.
   *
   * @param devices the devices that are still there
   * @param nodes the nodes that are still there, the uppermost first
   */
  public void proceed(Collection<String> devices, List<String> nodes)
      throws FaultException, UnexpectedAnswerException {
    nodesDeleted = false;
    if (devices.isEmpty()) {
      boolean gone = !nodes.isEmpty();
      for (Iterator<String> left = nodes.iterator(); left.hasNext() && gone; ) {
        gone = change("blockdev-del", "node-name", left.next());
      }
      nodesDeleted = gone;
      return;
    }
    for (String device : devices) {
      if (evicted.mayAsk(domain.uuid(), device)) {
        change("device_del", "id", device);
      }
    }
  }

  /** Whether QEMU has accepted the deletion of all that was left, in the last step. */
  boolean hasDeletedNodes() {
    return nodesDeleted;
  }

  /** What QEMU refuses stays as it is, and is seen again in the next round. */
  private boolean change(String command, String argument, String name)
      throws FaultException, UnexpectedAnswerException {
    changing.run();
    String answer =
        domain.changeQemu(
            "{\"execute\":\"%s\",\"arguments\":{\"%s\":\"%s\"}}"
                .formatted(command, argument, name));
    Optional<String> refusal = QemuView.refusal(answer);
    refusal.ifPresentOrElse(
        words -> observations.notEvicted(command + " " + name + ": " + words),
        () -> observations.evicted(name));
    return refusal.isEmpty();
  }
}
