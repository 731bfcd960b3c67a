// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;

/**
 * One thing to mend, named by what an inspection has shown. It is looked for again, and left alone
 * if it is not the same any more.
 */
public sealed interface Repair
    permits Repair.Add, Repair.Remove, Repair.Detach, Repair.Evict, Repair.Forget {

  /**
   * Adds a disk that one view has to the other, at the same place, with the same element.
   *
   * @param to the view that it is added to: {@link View#PERSISTENT} keeps it over the next start,
   *     {@link View#LIVE} plugs it into the running guest
   * @param disk the disk as the other view has it
   */
  record Add(View to, Disk disk) implements Repair {}

  /**
   * Removes a disk that one of two views has and the other has not. From the live view it is
   * removed as a detach does: the guest is asked, and QEMU after it.
   *
   * @param from the view that has it
   * @param disk the disk as that view has it
   */
  record Remove(View from, Disk disk) implements Repair {}

  /**
   * Detaches a disk from every view that has it, whosever it is: the only way in which this library
   * removes a disk of another tool that was not adopted. It is done as a detach of a volume is. A
   * view whose disk differs in target dev, source, serial, address or user alias keeps it: that one
   * has to be named by itself.
   *
   * @param disk the disk as one of the views has it
   */
  record Detach(Disk disk) implements Repair {}

  /**
   * Takes out of QEMU what no view explains, after it was proven again.
   *
   * @param ghost as it was listed
   */
  record Evict(Ghost ghost) implements Repair {}

  /**
   * Forgets an unplug that is noted in the domain, and is stale or of a disk that is gone. A note
   * that is not stale, and whose disk the live view still has, is {@code Rejected(CONFLICT)}.
   *
   * @param key the note, as {@link NotedUnplug#key} names it
   */
  record Forget(String key) implements Repair {}
}
