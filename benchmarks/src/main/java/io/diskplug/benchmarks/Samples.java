// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Durations in milliseconds, or ratios of them, in the order in which they were taken. */
final class Samples {

  private static final int PERCENT = 100;
  private static final double NANOS_PER_MILLI = 1e6;

  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  /** The time that has passed since {@link System#nanoTime} said so. */
  void addSince(long begin) {
    add((System.nanoTime() - begin) / NANOS_PER_MILLI);
  }

  void clear() {
    values.clear();
  }

  int count() {
    return values.size();
  }

  double median() {
    return percentile(PERCENT / 2);
  }

  /** The smallest value that so many percent of the values do not exceed. */
  double percentile(int percent) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int rank = (int) Math.ceil(sorted.size() * percent / (double) PERCENT);
    return sorted.get(Math.max(rank, 1) - 1);
  }

  /** Each value by the one of the same place in the others. */
  Samples dividedBy(Samples others) {
    Samples ratios = new Samples();
    for (int i = 0; i < Math.min(count(), others.count()); i++) {
      ratios.add(values.get(i) / others.values.get(i));
    }
    return ratios;
  }
}
