// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import io.diskplug.domain.DomainRef;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A guest of the lab, made for a benchmark and removed after it, and what the lab offers it. */
final class LabGuest implements AutoCloseable {

  private static final Duration LONGEST_COMMAND = Duration.ofMinutes(2);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long LOOK_MILLIS = 5;
  private static final int LAST_BYTES = 4096;

  private final Path directory;
  private final Properties env;
  private final String name;
  private final UUID uuid;
  private final List<Path> files = new ArrayList<>();
  private final List<String> images = new ArrayList<>();

  private LabGuest(Path directory, Properties env, String name, UUID uuid) {
    this.directory = directory;
    this.env = env;
    this.name = name;
    this.uuid = uuid;
  }

  /** Boots a guest in the lab that {@code DISKPLUG_LAB_DIR} names. */
  static LabGuest boot(String machine) throws IOException {
    String place = System.getenv("DISKPLUG_LAB_DIR");
    if (place == null) {
      throw new IllegalStateException("no lab: run bin/lab up and set DISKPLUG_LAB_DIR");
    }
    Path directory = Path.of(place);
    Properties env = new Properties();
    try (Reader reader = Files.newBufferedReader(directory.resolve("lab.env"))) {
      env.load(reader);
    }
    String name = "bench-" + ProcessHandle.current().pid();
    String output = run(directory, env, "guest", "add", name, machine);
    String lastLine = output.substring(output.lastIndexOf('\n') + 1).strip();
    return new LabGuest(directory, env, name, UUID.fromString(lastLine));
  }

  /** Removes it when the process ends, however it does, Ctrl-C included. */
  void removeAtExit() {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    close();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                },
                "remove-guest"));
  }

  /** A value of {@code lab.env}. */
  String get(String key) {
    return get(env, key);
  }

  private static String get(Properties env, String key) {
    String value = env.getProperty(key);
    if (value == null) {
      throw new IllegalStateException("lab.env has no " + key);
    }
    return value;
  }

  UUID uuid() {
    return uuid;
  }

  DomainRef ref() {
    return DomainRef.uuid(uuid);
  }

  /** A file for a disk, which is deleted in the end. */
  Path file(long bytes) throws IOException {
    Path folder = directory.resolve("files");
    if (!Files.exists(folder)) {
      Files.createDirectory(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    Path file = Files.createFile(folder.resolve(name + "-" + files.size()));
    files.add(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
      content.setLength(bytes);
    }
    return file;
  }

  /** The name of a new image in the lab's pool, which is deleted in the end. */
  String image(long mebibytes) {
    String image = name + "-" + images.size();
    run(directory, env, "rbd", "create", pooled(image), "--size", mebibytes + "M");
    images.add(image);
    return image;
  }

  private String pooled(String image) {
    return get("CEPH_POOL") + "/" + image;
  }

  /** Waits until the guest says that it sees the disk: before that, it can release nothing. */
  void awaitDisk(String serial) {
    await("sees " + serial, serial, true);
  }

  /** Waits until the guest says that it does not see the disk. */
  void awaitNoDisk(String serial) {
    await("sees no " + serial, serial, false);
  }

  private void await(String what, String serial, boolean there) {
    // What virtio-blk shows of it.
    String shown = "serial=" + serial.substring(0, Math.min(20, serial.length())) + ",";
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (lastWord().contains(shown) != there) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException(
            "after " + PATIENCE + " it is not so that the guest " + what);
      }
      pause();
    }
  }

  /** The guest's last complete line on its disks. */
  private String lastWord() {
    Path console = directory.resolve("guest").resolve(name + ".console");
    try (RandomAccessFile content = new RandomAccessFile(console.toFile(), "r")) {
      content.seek(Math.max(0, content.length() - LAST_BYTES));
      byte[] end = new byte[(int) (content.length() - content.getFilePointer())];
      content.readFully(end);
      String text = new String(end, StandardCharsets.ISO_8859_1);
      String lines = text.substring(0, text.lastIndexOf('\n') + 1);
      int last = lines.lastIndexOf("GUEST-DISKS");
      return last < 0 ? "" : lines.substring(last);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void pause() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() throws IOException {
    run(directory, env, "guest", "rm", name);
    for (String image : images) {
      run(directory, env, "rbd", "rm", "--no-progress", pooled(image));
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }

  private static String run(Path directory, Properties env, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of(get(env, "LAB_BIN"), "--dir", directory.toString()));
    command.addAll(List.of(arguments));
    try {
      Path output = Files.createTempFile("diskplug-command", ".out");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(LONGEST_COMMAND.toSeconds(), TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new IllegalStateException("no end after " + LONGEST_COMMAND + ": " + command);
        }
        String text = Files.readString(output).strip();
        if (process.exitValue() != 0) {
          throw new IllegalStateException(command + " failed: " + text);
        }
        return text;
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
