// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.DomainRef;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for the lab's keys and passwords in everything that a process says: its log at TRACE, its
 * outcomes, its stack traces and what a failing test prints.
 */
public final class SecretHunt {

  private static final Logger log = LoggerFactory.getLogger(SecretHunt.class);

  private SecretHunt() {}

  /**
   * Attaches in another process, and fails there as a test fails: with all it has.
   *
   * @param probes ask the storage first
   */
  public static void failLoudly(
      String uri, String domain, Supplier<? extends DiskSource> disk, StorageProbe... probes) {
    Duration deadline = Duration.ofSeconds(20);
    try (DiskPlug plug = DiskPlug.connect(uri, Options.defaults().withStorageProbes(probes))) {
      for (StorageProbe probe : probes) {
        System.out.println(probe + ": " + probe.beforeAttach(disk.get(), deadline));
      }
      DiskSource source = disk.get();
      AttachOutcome outcome = plug.attach(DomainRef.name(domain), source, deadline);
      System.out.println(source);
      try {
        assertThat(outcome).as(source + " on " + plug).isNull();
      } catch (AssertionError e) {
        log.error("the assertion failed, as it should", e);
      }
      System.out.println(plug.detach(DomainRef.name(domain), source.volume(), deadline));
    }
  }

  /** No secret of the lab is in the text. */
  public static void assertNoSecretIn(Lab lab, String text) {
    List<String> secrets = secrets(lab.directory().resolve("secret"));
    // Never an assertion on the secrets or the text themselves: its message would show them.
    assertThat(secrets.size()).as("number of secrets").isGreaterThan(4);
    for (String secret : secrets) {
      assertThat(text.contains(secret)).as("a secret of the lab is in the output").isFalse();
    }
  }

  /** No secret of the lab is in what its daemons have logged by now, nor in {@code lab.env}. */
  public static void assertNoSecretInLogsOf(Lab lab) {
    Path root = lab.directory();
    assertNoSecretInFiles(
        lab,
        root.resolve("log"),
        root.resolve("home/cache/libvirt/qemu/log"),
        root.resolve("lab.env"));
  }

  /** No secret of the lab is in these files, and in those below these folders. */
  public static void assertNoSecretInFiles(Lab lab, Path... places) {
    for (Path place : places) {
      try (Stream<Path> below = Files.walk(place)) {
        List<Path> files = below.filter(Files::isRegularFile).toList();
        assertThat(files).as("files in %s", place).isNotEmpty();
        for (Path file : files) {
          // Not all of it is text.
          assertNoSecretIn(lab, Files.readString(file, StandardCharsets.ISO_8859_1));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static List<String> secrets(Path folder) {
    List<String> secrets = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".key") || name.endsWith(".password")) {
          String secret = Files.readString(file, StandardCharsets.UTF_8).strip();
          secrets.add(secret);
          secrets.add(Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return secrets;
  }
}
