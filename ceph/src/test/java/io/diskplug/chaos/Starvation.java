// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How long the threads of this process were ready to run and got no processor, by the kernel's
 * account. On a machine with nothing else to do it is next to nothing; what others take away is not
 * the library's.
 */
final class Starvation {

  private static final Path TASKS = Path.of("/proc/self/task");

  private Starvation() {}

  /** The waiting of each thread up to now, in nanoseconds, by the thread's id. */
  static Map<String, Long> now() {
    Map<String, Long> waited = new HashMap<>();
    try (Stream<Path> tasks = Files.list(TASKS)) {
      for (Path task : tasks.toList()) {
        try {
          String text = Files.readString(task.resolve("schedstat"), StandardCharsets.US_ASCII);
          List<String> words = List.of(text.strip().split(" ", -1));
          waited.put(task.getFileName().toString(), Long.parseLong(words.get(1)));
        } catch (IOException e) {
          // The thread has ended meanwhile.
        }
      }
    } catch (IOException e) {
      return Map.of();
    }
    return waited;
  }

  /** How long threads have waited since then, all together, in nanoseconds. */
  static long since(Map<String, Long> then) {
    return now().entrySet().stream()
        .mapToLong(entry -> entry.getValue() - then.getOrDefault(entry.getKey(), 0L))
        .sum();
  }
}
