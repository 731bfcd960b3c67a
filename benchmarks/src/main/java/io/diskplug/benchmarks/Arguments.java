// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

/** What a command line says. */
final class Arguments {

  private Arguments() {}

  /**
   * The number at a place.
   *
   * @throws IllegalArgumentException if there is none
   */
  static int number(String[] arguments, int at) {
    if (at == arguments.length) {
      throw new IllegalArgumentException("a number is missing");
    }
    return Integer.parseInt(arguments[at]);
  }
}
