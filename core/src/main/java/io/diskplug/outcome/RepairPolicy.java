// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a repair may do. It may add without being told each disk, where it is allowed to; it removes
 * nothing that is not named. Immutable: each {@code with} method returns another one.
 *
 * @param addToPersistent whether orphans of this library in the live view alone are added to the
 *     persistent one
 * @param plugLive whether orphans of this library in the persistent view alone are plugged into the
 *     running guest
 * @param named what was named
 */
public record RepairPolicy(boolean addToPersistent, boolean plugLive, List<Repair> named) {

  /** A repair with this policy does nothing. */
  public static final RepairPolicy NOTHING = new RepairPolicy(false, false, List.of());

  /** Copies the list, each entry once. */
  public RepairPolicy {
    Set<Repair> once = new LinkedHashSet<>(named);
    named = List.copyOf(once);
  }

  /**
   * Orphans of this library that are in the live view alone ({@link DiskReport#isOrphan}) are added
   * to the persistent one, unless they are named for removal.
   */
  public RepairPolicy withOrphansAddedToPersistent() {
    return new RepairPolicy(true, plugLive, named);
  }

  /**
   * Orphans of this library that are in the persistent view alone are plugged into the running
   * guest, unless they are named for removal. A detach that was interrupted by a restart of the
   * daemon leaves one, too: say this only where the controller knows that the volumes are wanted.
   */
  public RepairPolicy withOrphansPluggedLive() {
    return new RepairPolicy(addToPersistent, true, named);
  }

  /**
   * Also this.
   *
   * @param repair what to mend
   */
  public RepairPolicy with(Repair repair) {
    return with(List.of(repair));
  }

  /**
   * Also these, in this order.
   *
   * @param repairs what to mend
   */
  public RepairPolicy with(List<? extends Repair> repairs) {
    Set<Repair> all = new LinkedHashSet<>(named);
    all.addAll(repairs);
    return new RepairPolicy(addToPersistent, plugLive, List.copyOf(all));
  }
}
