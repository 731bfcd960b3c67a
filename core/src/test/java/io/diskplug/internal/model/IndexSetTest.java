// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IndexSetTest {

  @Test
  void anEmptyOneHasEveryNumberFree() {
    assertThat(IndexSet.EMPTY.nextFree(0)).isZero();
    assertThat(IndexSet.EMPTY.nextFree(7)).isEqualTo(7);
    assertThat(IndexSet.EMPTY.contains(0)).isFalse();
    assertThat(set()).isSameAs(IndexSet.EMPTY);
  }

  @Test
  void findsTheNextFreeNumber() {
    IndexSet set = set(5, 0, 1, 2, 4, 1, 1, 5);
    assertThat(IntStream.range(0, 8).map(set::nextFree)).containsExactly(3, 3, 3, 3, 6, 6, 6, 7);
    assertThat(IntStream.range(0, 8).filter(set::contains)).containsExactly(0, 1, 2, 4, 5);
  }

  @Test
  void growsWithWhatItHolds() {
    IndexSet set = set(IntStream.range(0, 100).map(i -> 99 - i).toArray());
    assertThat(set.nextFree(0)).isEqualTo(100);
    assertThat(set.contains(99)).isTrue();
  }

  @Test
  void holdsFarNumbersCheaply() {
    IndexSet set = set(Integer.MAX_VALUE, 0);
    assertThat(set.nextFree(0)).isEqualTo(1);
    assertThat(set.contains(Integer.MAX_VALUE)).isTrue();
  }

  private static IndexSet set(int... numbers) {
    IndexSet.Builder builder = new IndexSet.Builder();
    for (int number : numbers) {
      builder.add(number);
    }
    return builder.build();
  }
}
