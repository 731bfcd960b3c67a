// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.internal.model.IndexSet;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Finds the smallest number that is free in every set. What is taken never becomes free, so that
 * each search begins where the last one ended.
 */
final class FirstFree {

  private final List<IndexSet> taken;
  private final IntPredicate alsoTaken;
  private int number;

  /**
   * A search.
   *
   * @param taken the numbers that are taken from the start
   * @param alsoTaken further numbers that are taken, as of the moment of each search
   */
  FirstFree(List<IndexSet> taken, IntPredicate alsoTaken) {
    this.taken = taken;
    this.alsoTaken = alsoTaken;
  }

  /** The smallest free number up to the last; one more than that if there is none. */
  int find(int last) {
    int before;
    do {
      before = number;
      for (IndexSet set : taken) {
        number = set.nextFree(number);
      }
      if (number > last) {
        number = last + 1;
      } else if (alsoTaken.test(number)) {
        number++;
      }
    } while (number != before);
    return number;
  }
}
