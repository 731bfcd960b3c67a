// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import java.util.Locale;

/** Where the tables go. */
final class Console {

  private Console() {}

  static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }
}
