// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The controllers: as many as there are, each replaced when it is killed. */
final class Fleet {

  static final int SIZE = 4;

  private static final Duration END = Duration.ofSeconds(20);

  private final Path folder;
  private final ControllerProcess.Listener listener;
  private final AtomicReferenceArray<ControllerProcess> lives = new AtomicReferenceArray<>(SIZE);
  private final AtomicInteger started = new AtomicInteger();

  Fleet(Path folder, ControllerProcess.Listener listener) {
    this.folder = folder;
    this.listener = listener;
  }

  /** Starts a controller, the first one or a successor. */
  void start(int number) {
    String name = "controller-%d.%03d".formatted(number + 1, started.incrementAndGet());
    lives.set(number, new ControllerProcess(name, folder, listener));
  }

  ControllerProcess get(int number) {
    return lives.get(number);
  }

  /** Starts those that are not there. */
  void complete() {
    for (int i = 0; i < SIZE; i++) {
      if (lives.get(i) == null || !lives.get(i).isAlive()) {
        start(i);
      }
    }
  }

  List<Request> overdue(Duration patience) {
    List<Request> overdue = new ArrayList<>();
    for (int i = 0; i < SIZE; i++) {
      overdue.addAll(lives.get(i).overdue(patience));
    }
    return overdue;
  }

  /** Ends them all; returns the names of those that had to be killed. */
  List<String> end() {
    List<String> killed = new ArrayList<>();
    for (int i = 0; i < SIZE; i++) {
      ControllerProcess life = lives.get(i);
      if (life != null && life.isAlive() && !life.end(END)) {
        killed.add(life.name());
      }
    }
    return killed;
  }

  void kill() {
    for (int i = 0; i < SIZE; i++) {
      if (lives.get(i) != null) {
        lives.get(i).kill();
      }
    }
  }
}
