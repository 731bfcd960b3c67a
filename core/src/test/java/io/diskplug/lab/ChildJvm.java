// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Another process that uses the library: for what must be seen from outside, such as what native
 * code prints, and for what ends a process.
 */
public final class ChildJvm {

  private static final long SECONDS = 120;

  private ChildJvm() {}

  /** What a process left behind. */
  public record Output(int exitCode, String stdout, String stderr) {

    /** Both streams. */
    public String all() {
      return stdout + "\n" + stderr;
    }
  }

  /** Runs a main class with the class path of this test, logging everything to standard output. */
  public static Output run(Class<?> main, String... arguments) {
    try (Running child = start(main, arguments)) {
      return child.await();
    }
  }

  /** Starts a main class as {@link #run} does, and returns while it runs. */
  public static Running start(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Short-lived: the second compiler and a parallel collector cost more than they gain.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=trace");
    command.add("-Dorg.slf4j.simpleLogger.logFile=System.out");
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    try {
      Path stdout = Files.createTempFile("child", ".out");
      Path stderr = Files.createTempFile("child", ".err");
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(stdout.toFile())
              .redirectError(stderr.toFile())
              .start();
      return new Running(main, process, stdout, stderr);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A process that runs; closing it ends it. */
  public static final class Running implements AutoCloseable {

    private final Class<?> main;
    private final Process process;
    private final Path stdout;
    private final Path stderr;

    private Running(Class<?> main, Process process, Path stdout, Path stderr) {
      this.main = main;
      this.process = process;
      this.stdout = stdout;
      this.stderr = stderr;
    }

    public boolean isAlive() {
      return process.isAlive();
    }

    /** Waits for its end. */
    public Output await() {
      try {
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError("no end after " + SECONDS + " s: " + main);
        }
        return new Output(
            process.exitValue(),
            Files.readString(stdout, StandardCharsets.UTF_8),
            Files.readString(stderr, StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }

    /** Kills it (SIGKILL), and waits for its end. */
    public Output kill() {
      process.destroyForcibly();
      return await();
    }

    @Override
    public void close() {
      process.destroyForcibly();
      try {
        Files.deleteIfExists(stdout);
        Files.deleteIfExists(stderr);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
