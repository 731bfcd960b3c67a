// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import java.util.Arrays;
import java.util.stream.IntStream;

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

  /** The numbers, in ascending order. */
  public IntStream stream() {
    return Arrays.stream(numbers);
  }

  /** Collects numbers, in any order and more than once. */
  static final class Builder {

    private int[] collected = new int[8];
    private int count;

    void add(int number) {
      if (count == collected.length) {
        collected = Arrays.copyOf(collected, 2 * count);
      }
      collected[count] = number;
      count++;
    }

    IndexSet build() {
      if (count == 0) {
        return EMPTY;
      }
      Arrays.sort(collected, 0, count);
      int distinct = 1;
      for (int i = 1; i < count; i++) {
        if (collected[i] != collected[i - 1]) {
          collected[distinct] = collected[i];
          distinct++;
        }
      }
      return new IndexSet(Arrays.copyOf(collected, distinct));
    }
  }
}
