// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The promises that were broken, counted. Safe for use by several threads. */
final class Violations {

  private final Journal journal;
  private final Map<Promise, Integer> counts = new EnumMap<>(Promise.class);
  private final Set<String> known = new HashSet<>();

  Violations(Journal journal) {
    this.journal = journal;
  }

  synchronized void add(Promise promise, String evidence) {
    // What lasts is seen again and again.
    if (!known.add(promise + evidence)) {
      return;
    }
    counts.merge(promise, 1, Integer::sum);
    journal.say("VIOLATION", "VIOLATION of " + promise + ": " + evidence);
  }

  synchronized int count(Promise promise) {
    return counts.getOrDefault(promise, 0);
  }

  synchronized boolean isEmpty() {
    return counts.isEmpty();
  }
}
