// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What happened when: every random decision, fault, request and outcome, one line each, in seconds
 * since the beginning. Safe for use by several threads.
 */
final class Journal implements AutoCloseable {

  private final long start = System.nanoTime();
  private final PrintWriter out;

  Journal(Path file) {
    try {
      out = new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8), true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  synchronized void note(String who, String what) {
    out.printf(Locale.ROOT, "%9.3f %-12s %s%n", seconds(), who, what);
  }

  /** The same, for whoever watches too. */
  void say(String who, String what) {
    note(who, what);
    System.err.printf(Locale.ROOT, "chaos [%5.1f s] %s%n", seconds(), what);
  }

  @Override
  public void close() {
    out.close();
  }
}
