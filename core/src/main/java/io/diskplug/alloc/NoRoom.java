// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.internal.collect.LazyList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Why a disk cannot be placed.
 *
 * @param what what is missing, for example {@code no free hot-pluggable PCI slot}
 * @param capacity how many disks the buses in question could hold in all
 * @param holders who holds the places, one entry for each; worked out when it is first looked at
 * @param advice what would help, the least trouble first
 */
public record NoRoom(String what, int capacity, List<String> holders, List<Advice> advice) {

  /** Copies the lists. */
  public NoRoom {
    holders = LazyList.copyOf(holders);
    advice = List.copyOf(advice);
  }

  /** What would help, for people. */
  public String remedy() {
    return advice.stream().map(Advice::text).collect(Collectors.joining("; or "));
  }

  /** What is missing, who holds it, and what would help. */
  @Override
  public String toString() {
    return what
        + " (of "
        + capacity
        + "); "
        + (holders.isEmpty() ? "" : "held: " + String.join(", ", holders) + "; ")
        + "what would help: "
        + remedy();
  }
}
