// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LazyListTest {

  @Test
  void isMadeWhenItIsLookedAtAndOnce() {
    AtomicInteger made = new AtomicInteger();
    List<String> list =
        new LazyList<>(
            () -> {
              made.incrementAndGet();
              return List.of("a", "b");
            });
    assertThat(LazyList.copyOf(list)).isSameAs(list);
    assertThat(made).hasValue(0);
    assertThat(list).containsExactly("a", "b").hasSize(2);
    assertThat(list.get(1)).isEqualTo("b");
    assertThat(list).isEqualTo(List.of("a", "b"));
    assertThat(made).hasValue(1);
  }

  @Test
  void doesNotChange() {
    List<String> source = new ArrayList<>(List.of("a"));
    List<String> list = new LazyList<>(() -> source);
    assertThat(list).containsExactly("a");
    source.add("b");
    assertThat(list).containsExactly("a");
    assertThatThrownBy(() -> list.remove(0)).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void otherListsAreCopied() {
    List<String> source = new ArrayList<>(List.of("a"));
    List<String> copy = LazyList.copyOf(source);
    source.clear();
    assertThat(copy).containsExactly("a");
  }
}
