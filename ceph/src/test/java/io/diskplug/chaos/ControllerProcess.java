// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.chaos.Request.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * One life of a controller: a process of its own, which ends by being killed or at the end of its
 * input.
 */
final class ControllerProcess {

  /** Who is told what a controller says. */
  interface Listener {
    void answered(Request request, Answer answer);

    /** The process was killed before it answered. */
    void abandoned(Request request);

    /** It ended, and nobody has ended it. */
    void died(String who, int exitCode);
  }

  private final String name;
  private final Listener listener;
  private final Process process;
  private final PrintStream in;
  private final Map<Long, Request> open = new ConcurrentHashMap<>();
  private final Thread reader;
  private volatile boolean ending;

  /** Whether nothing is answered or abandoned any more; guarded by the open requests. */
  private boolean over;

  ControllerProcess(String name, Path folder, Listener listener) {
    this.name = name;
    this.listener = listener;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Starts often and lives for seconds.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"));
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=trace");
    command.add("-Dorg.slf4j.simpleLogger.showDateTime=true");
    command.add("-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS");
    command.add("-Dorg.slf4j.simpleLogger.logFile=System.err");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Controller.class.getName());
    try {
      process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(folder.resolve(name + ".log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    reader = new Thread(this::read, name);
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (!line.equals(Controller.READY)) {
          List<String> words = List.of(line.split("\t", 6));
          // A process that is killed can leave half a line.
          if (words.size() == 6) {
            answer(words);
          }
        }
      }
    } catch (IOException e) {
      // The process is gone, which is dealt with below.
    }
    int exitCode = process.onExit().join().exitValue();
    if (!ending) {
      listener.died(name, exitCode);
    }
    synchronized (open) {
      over = true;
    }
    for (Request request : open.values()) {
      listener.abandoned(request);
    }
    open.clear();
  }

  private void answer(List<String> words) {
    Request request = open.remove(Long.parseLong(words.get(0)));
    if (request != null) {
      Answer answer =
          new Answer(
              Long.parseLong(words.get(1)),
              Long.parseLong(words.get(2)),
              words.get(3),
              words.get(4),
              words.get(5));
      listener.answered(request, answer);
    }
  }

  String name() {
    return name;
  }

  boolean isAlive() {
    return !ending && process.isAlive();
  }

  /** How many requests it works on. */
  int atWork() {
    return open.size();
  }

  /** Requests that should have been answered long ago. */
  List<Request> overdue(Duration patience) {
    long now = System.nanoTime();
    return open.values().stream()
        .filter(request -> now - request.sent() > request.deadline().plus(patience).toNanos())
        .toList();
  }

  /** Sends a request; says whether there was somebody to send it to. */
  boolean send(Request request) {
    synchronized (open) {
      if (over) {
        return false;
      }
      open.put(request.id(), request);
    }
    in.println(request.line());
    return true;
  }

  /** Kills it (SIGKILL), and returns when all of its requests are answered or abandoned. */
  void kill() {
    ending = true;
    process.destroyForcibly();
    joinReader();
  }

  /** Lets it come to its end. */
  boolean end(Duration patience) {
    ending = true;
    in.close();
    try {
      boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
      process.destroyForcibly();
      joinReader();
      return ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void joinReader() {
    try {
      reader.join(TimeUnit.SECONDS.toMillis(30));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
