// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import java.util.ArrayList;
import java.util.List;

/**
 * What a repair may do. It may add without being told each disk, where it is allowed to; it removes
 * nothing that is not named. Immutable: each {@code with} method returns another one.
 */
public final class RepairPolicy {

  /** A repair with this policy does nothing. */
  public static final RepairPolicy NOTHING = new RepairPolicy(false, false, List.of());

  private final boolean addToPersistent;
  private final boolean plugLive;
  private final List<Repair> named;

  private RepairPolicy(boolean addToPersistent, boolean plugLive, List<Repair> named) {
    this.addToPersistent = addToPersistent;
    this.plugLive = plugLive;
    this.named = named;
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
    List<Repair> all = new ArrayList<>(named);
    all.addAll(repairs);
    return new RepairPolicy(addToPersistent, plugLive, all.stream().distinct().toList());
  }

  /** Whether orphans in the live view alone are added to the persistent one. */
  public boolean addsToPersistent() {
    return addToPersistent;
  }

  /** Whether orphans in the persistent view alone are plugged into the running guest. */
  public boolean plugsLive() {
    return plugLive;
  }

  /** What was named, in this order, each once. */
  public List<Repair> named() {
    return named;
  }

  @Override
  public String toString() {
    return "RepairPolicy[addsToPersistent="
        + addToPersistent
        + ", plugsLive="
        + plugLive
        + ", named="
        + named
        + "]";
  }
}
