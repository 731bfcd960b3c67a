// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files that a process has open, as the kernel tells. */
final class OpenFiles {

  private OpenFiles() {}

  static Set<Path> of(ProcessHandle process) {
    Path descriptors = Path.of("/proc", Long.toString(process.pid()), "fd");
    try (Stream<Path> links = Files.list(descriptors)) {
      return links.flatMap(OpenFiles::target).collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A descriptor can be closed between its listing and its reading. */
  private static Stream<Path> target(Path link) {
    try {
      return Stream.of(Files.readSymbolicLink(link));
    } catch (IOException e) {
      return Stream.of();
    }
  }
}
