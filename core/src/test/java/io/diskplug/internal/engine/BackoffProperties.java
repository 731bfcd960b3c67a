// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BackoffProperties {

  @Property
  void eachPauseIsInTheUpperHalfOfARangeThatDoublesUpToItsBound(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 10_000) int firstMillis,
      @ForAll @IntRange(min = 1, max = 1_000) int factor) {
    Duration first = Duration.ofMillis(firstMillis);
    Duration most = first.multipliedBy(factor);
    Backoff backoff = new Backoff(new Random(seed), first, most);

    Duration range = first;
    for (int i = 0; i < 40; i++) {
      assertThat(backoff.next()).isBetween(range.dividedBy(2), range);
      range = range.multipliedBy(2).compareTo(most) < 0 ? range.multipliedBy(2) : most;
    }
  }

  @Property
  void theWholeUpperHalfIsDrawnFrom(@ForAll long seed) {
    Duration pause = Duration.ofSeconds(1);
    Backoff backoff = new Backoff(new Random(seed), pause, pause);

    int longer = 0;
    int shorter = 0;
    for (int i = 0; i < 100; i++) {
      if (backoff.next().compareTo(Duration.ofMillis(750)) > 0) {
        longer++;
      } else {
        shorter++;
      }
    }

    assertThat(longer).isPositive();
    assertThat(shorter).isPositive();
  }

  @Example
  void requestsThatFailedTogetherDoNotComeBackTogether() {
    Random random = new Random(7);
    Backoff one = new Backoff(random, Duration.ofSeconds(1), Duration.ofMinutes(1));
    Backoff other = new Backoff(random, Duration.ofSeconds(1), Duration.ofMinutes(1));

    assertThat(one.next()).isNotEqualTo(other.next());
  }
}
