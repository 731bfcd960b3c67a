// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.lab.Lab;
import io.diskplug.lab.SecretHunt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Looks for the lab's keys in everything that was written. */
final class Secrets {

  private Secrets() {}

  /**
   * Reads what the controllers and the harness have written, and what libvirt and QEMU have.
   *
   * @return how many files were read
   */
  static int hunt(Lab lab, Path folder, List<Machine> machines, Violations violations) {
    List<Path> files = new ArrayList<>(filesIn(folder));
    files.addAll(filesIn(lab.directory().resolve("home/cache/libvirt/qemu/log")));
    files.add(lab.directory().resolve("log/libvirtd.log"));
    files.add(lab.directory().resolve("log/libvirtd.out"));
    int read = 0;
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        hunt(lab, file.toString(), text(file), violations);
        read++;
      }
    }
    for (Machine machine : machines) {
      hunt(lab, "XML of " + machine, lab.virsh("dumpxml", machine.name()), violations);
      hunt(
          lab, "XML of " + machine, lab.virsh("dumpxml", "--inactive", machine.name()), violations);
    }
    return read;
  }

  private static void hunt(Lab lab, String where, String text, Violations violations) {
    try {
      SecretHunt.assertNoSecretIn(lab, text);
    } catch (AssertionError e) {
      violations.add(Promise.S7, where + ": " + e.getMessage().strip());
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> filesIn(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
