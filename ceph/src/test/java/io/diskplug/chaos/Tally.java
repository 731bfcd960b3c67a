// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import java.util.Map;
import java.util.TreeMap;

/** Counts things by name. Safe for use by several threads. */
final class Tally {

  private final Map<String, Integer> counts = new TreeMap<>();

  synchronized void count(String name) {
    counts.merge(name, 1, Integer::sum);
  }

  synchronized int of(String name) {
    return counts.getOrDefault(name, 0);
  }

  synchronized Map<String, Integer> all() {
    return new TreeMap<>(counts);
  }
}
