// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table at the end. */
final class Report {

  private final StringBuilder text = new StringBuilder("| what | how much |\n|---|---|\n");

  void row(String what, Object value) {
    text.append("| ").append(what).append(" | ").append(value).append(" |\n");
  }

  void seconds(String what, double seconds) {
    row(what, String.format(Locale.ROOT, "%.0f s", seconds));
  }

  void rows(String title, Map<String, Integer> counts) {
    row("**" + title + "**", "");
    counts.forEach(this::row);
  }

  void repeats(String what, List<Integer> sorted) {
    row(
        what,
        "median " + sorted.get(sorted.size() / 2) + ", at most " + sorted.get(sorted.size() - 1));
  }

  void violations(Violations violations) {
    row("**violations**", "");
    for (Promise promise : Promise.values()) {
      row(promise.toString(), violations.count(promise));
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
