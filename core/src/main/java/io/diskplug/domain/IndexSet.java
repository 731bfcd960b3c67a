// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.Arrays;
import java.util.List;

/**
 * A set of numbers, 0 or more, that does not change. Its size in memory depends on how many there
 * are, not on how large they are: a document may name any.
 */
public final class IndexSet {

  /** No number. */
  public static final IndexSet EMPTY = new IndexSet(new int[0]);

  /** Ascending, each once. */
  private final int[] numbers;

  private IndexSet(int[] numbers) {
    this.numbers = numbers;
  }

  static IndexSet of(List<Integer> numbers) {
    return numbers.isEmpty()
        ? EMPTY
        : new IndexSet(numbers.stream().mapToInt(Integer::intValue).sorted().distinct().toArray());
  }

  /**
   * The smallest number that is not in the set.
   *
   * @param from the smallest one to consider, 0 or more
   */
  public int nextFree(int from) {
    int free = from;
    for (int at = Arrays.binarySearch(numbers, from);
        at >= 0 && at < numbers.length && numbers[at] == free;
        at++) {
      free++;
    }
    return free;
  }

  /**
   * Whether the number is in the set.
   *
   * @param number 0 or more
   */
  public boolean contains(int number) {
    return Arrays.binarySearch(numbers, number) >= 0;
  }
}
