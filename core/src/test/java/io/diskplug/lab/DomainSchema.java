// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * The RELAX NG schema of domain XML that libvirt installs, and xmllint, which knows RELAX NG; the
 * JDK does not.
 */
public final class DomainSchema {

  private static final Path DIRECTORY = Path.of("/usr/share/libvirt/schemas");
  private static final Path DOMAIN = DIRECTORY.resolve("domain.rng");

  private DomainSchema() {}

  /** Ends the test where the parts are missing: skipped on a developer's machine, failed in CI. */
  public static void require() {
    boolean tool =
        List.of(System.getenv("PATH").split(":")).stream()
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "xmllint")));
    if (!tool || !Files.exists(DOMAIN)) {
      String missing = "no xmllint or no " + DOMAIN + ": bin/lab up installs them";
      if (System.getenv("CI") != null || System.getenv("DISKPLUG_LAB_DIR") != null) {
        throw new AssertionError(missing);
      }
      Assumptions.abort(missing);
    }
  }

  /**
   * Whether the installed schema has a value. What came later than the installed libvirt is not.
   */
  public static boolean knows(String value) {
    try {
      return Files.readString(DIRECTORY.resolve("storagecommon.rng"))
          .contains("<value>" + value + "</value>");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Whether a domain with these disks is valid. One run of xmllint for all of them: it takes longer
   * to read the schema than to check a hundred disks.
   *
   * @throws AssertionError if not; it has what xmllint says, and the disks
   */
  public static void check(List<String> disks) {
    String domain =
        """
        <domain type="qemu">
          <name>disks</name>
          <memory>65536</memory>
          <os><type>hvm</type></os>
          <devices>
        %s
          </devices>
        </domain>
        """
            .formatted(String.join("\n", disks));
    try {
      Path file = Files.createTempFile("diskplug-schema", ".xml");
      try {
        Files.writeString(file, domain);
        Process process =
            new ProcessBuilder(
                    "xmllint", "--noout", "--relaxng", DOMAIN.toString(), file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        int exit = process.waitFor();
        if (exit != 0) {
          throw new AssertionError("xmllint: exit code " + exit + "\n" + output + domain);
        }
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
