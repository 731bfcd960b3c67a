// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.sim.Generation;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/**
 * The running lab: libvirtd, guests, Ceph and an iSCSI target, all of them real. Its directory is
 * in {@code DISKPLUG_LAB_DIR}; {@code bin/test} starts it.
 */
public final class Lab {

  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final long COMMAND_SECONDS = 120;

  private final Path directory;
  private final Properties env;

  private Lab(Path directory, Properties env) {
    this.directory = directory;
    this.env = env;
  }

  /**
   * The lab of this test class: its own if it is marked with {@link OwnLab}, else the one that all
   * share. If there is none, that is the end of the test: skipped on a developer's machine, failed
   * in CI.
   */
  public static Lab current() {
    Lab own = OwnLabExtension.current();
    return own == null ? shared() : own;
  }

  /** The lab that all tests share. */
  static Lab shared() {
    String directory = System.getenv("DISKPLUG_LAB_DIR");
    Path file = directory == null ? null : Path.of(directory, "lab.env");
    if (file == null || !Files.exists(file)) {
      String missing = "no lab: run bin/test, or bin/lab up and set DISKPLUG_LAB_DIR";
      if (System.getenv("CI") != null || directory != null) {
        throw new AssertionError(missing);
      }
      Assumptions.abort(missing);
    }
    return at(Path.of(directory));
  }

  /**
   * Brings up another lab beside this one, of the same release, without guests. It sees this lab's
   * files.
   *
   * @param storage whether it has a cluster and iSCSI targets of its own, and not libvirt alone
   */
  Lab beside(String name, boolean storage) {
    Path other = directory.resolveSibling(unique(name));
    List<String> up =
        new ArrayList<>(
            List.of(
                get("LAB_BIN"),
                "--dir",
                other.toString(),
                "--release",
                get("LAB_RELEASE"),
                "up",
                "--no-guests"));
    if (!storage) {
      up.add("--only-libvirt");
    }
    Result result = Result.of(up, COMMAND_SECONDS);
    if (result.exitCode() != 0) {
      throw new AssertionError("no second lab: " + result.output());
    }
    return at(other);
  }

  private static Lab at(Path directory) {
    Properties env = new Properties();
    try (Reader reader = Files.newBufferedReader(directory.resolve("lab.env"))) {
      env.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Lab(directory, env);
  }

  public String get(String key) {
    String value = env.getProperty(key);
    if (value == null) {
      throw new AssertionError("lab.env has no " + key);
    }
    return value;
  }

  /** The generation of the daemon and of QEMU. */
  public Generation generation() {
    return Generation.of(get("LAB_RELEASE"), libvirtVersion());
  }

  /** In what labs of other releases differ from it. */
  public LabFacts facts() {
    return LabFacts.of(libvirtVersion());
  }

  private long libvirtVersion() {
    return Long.parseLong(get("LIBVIRT_VERSION"));
  }

  public int port(String key) {
    return Integer.parseInt(get(key));
  }

  public String uri() {
    return get("LIBVIRT_URI");
  }

  public Path directory() {
    return directory;
  }

  /** A name that no other test of this lab uses. */
  public static String unique(String prefix) {
    return prefix + "-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet();
  }

  /**
   * A volume id in the length of {@code pvc-<uuid>} that differs from every other in what
   * virtio-blk shows of it.
   */
  public static String volumeId() {
    return unique("pvc") + "-27fd-4f3a-8e21";
  }

  /** Runs a command of {@code bin/lab} that must succeed, and returns what it printed. */
  public String run(String... arguments) {
    return tryRun(arguments).orFail("bin/lab " + String.join(" ", arguments));
  }

  /** Runs a command of {@code bin/lab}, and returns what came of it. */
  public Result tryRun(String... arguments) {
    List<String> command = new ArrayList<>(List.of(get("LAB_BIN"), "--dir", directory.toString()));
    command.addAll(Arrays.asList(arguments));
    return Result.of(command, COMMAND_SECONDS);
  }

  /** virsh, on the lab's libvirtd: another actor than the library. */
  public String virsh(String... arguments) {
    return tryVirsh(arguments).orFail("virsh " + String.join(" ", arguments));
  }

  /**
   * Another tool begins a backup. False if this generation takes none, and has refused it so.
   *
   * @param domain the name of the domain
   * @param definition the file with the {@code <domainbackup>}
   */
  public boolean beginsBackup(String domain, Path definition) {
    if (generation().takesBackups()) {
      virsh("backup-begin", domain, definition.toString());
      return true;
    }
    Result refused = tryVirsh("backup-begin", domain, definition.toString());
    if (refused.exitCode() == 0 || !refused.output().contains("not supported")) {
      throw new AssertionError("not refused: " + refused.output());
    }
    return false;
  }

  /**
   * virsh, where a failure is what is expected. As {@code bin/lab virsh} runs it, without the
   * script, which takes three times as long as virsh itself.
   */
  public Result tryVirsh(String... arguments) {
    List<String> command = new ArrayList<>(List.of("env", "LC_ALL=C", "LIBVIRT_AUTOSTART=0"));
    command.addAll(List.of("virsh", "-c", uri()));
    command.addAll(Arrays.asList(arguments));
    return Result.of(command, COMMAND_SECONDS);
  }

  /**
   * The XML of a domain without the element that says that it has no audio, where libvirt does not
   * know it.
   */
  public String known(String xml) {
    return facts().takesNoAudio() ? xml : xml.replace("<audio id='1' type='none'/>", "");
  }

  /** Defines a domain. */
  public void define(String xml) {
    Path file = file(unique("domain") + ".xml", 0);
    try {
      Files.writeString(file, known(xml));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    virsh("define", file.toString());
  }

  /** Makes an image larger or smaller. */
  public void resize(Path image, long bytes) {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where QEMU and libvirtd may make files. */
  public Path filesDirectory() {
    Path folder = directory.resolve("files");
    try {
      if (!Files.exists(folder)) {
        // Another process may make it at the same time.
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return folder;
  }

  /** A file for a disk, which QEMU may read and write. */
  public Path file(String name, long bytes) {
    try {
      Path file = Files.createFile(filesDirectory().resolve(name));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
      try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
        content.setLength(bytes);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What came of a command. */
  public record Result(int exitCode, String output) {

    private String orFail(String command) {
      if (exitCode != 0) {
        throw new AssertionError(command + " failed: " + output);
      }
      return output;
    }

    static Result of(List<String> command, long seconds) {
      try {
        Path output = Files.createTempFile("diskplug-command", ".out");
        try {
          Process process =
              new ProcessBuilder(command)
                  .redirectErrorStream(true)
                  .redirectOutput(output.toFile())
                  .start();
          if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("no end after " + seconds + " s: " + command);
          }
          return new Result(
              process.exitValue(), Files.readString(output, StandardCharsets.UTF_8).strip());
        } finally {
          Files.deleteIfExists(output);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
  }
}
