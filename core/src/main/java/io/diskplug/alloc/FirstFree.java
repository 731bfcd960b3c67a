// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.IndexSet;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Finds the smallest number that is free in every set. What is taken never becomes free, so that a
 * later search begins where the last one ended.
 */
final class FirstFree {

  private final List<IndexSet> taken;
  private final IntPredicate alsoTaken;
  private int from;

  FirstFree(List<IndexSet> taken, IntPredicate alsoTaken) {
    this.taken = taken;
    this.alsoTaken = alsoTaken;
  }

  /** The smallest free number. */
  int find() {
    int candidate;
    do {
      candidate = from;
      for (int i = 0; i < taken.size(); i++) {
        from = taken.get(i).nextFree(from);
      }
      if (alsoTaken.test(from)) {
        from++;
      }
    } while (from != candidate);
    return from;
  }
}
