// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** The random choices for one domain. They depend on the seed and the domain's number only. */
final class Dice {

  private final Random random;

  Dice(long seed, int domain) {
    // Mixed, because neighbouring seeds give java.util.Random similar first numbers.
    long mixed = new SplittableRandom(seed).nextLong() + domain;
    this.random = new Random(new SplittableRandom(mixed).nextLong());
  }

  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  /** A number between two, both included. */
  int between(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  @SafeVarargs
  final <T> T pickOf(T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
