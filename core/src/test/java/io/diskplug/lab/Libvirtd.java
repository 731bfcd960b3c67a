// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The lab's daemon, to be killed and started again. Guests outlive it. */
final class Libvirtd {

  private final Lab lab;

  Libvirtd(Lab lab) {
    this.lab = lab;
  }

  /** Ends it at once, as the kernel does when memory is short. */
  void kill() {
    ProcessHandle daemon = process();
    daemon.destroyForcibly();
    daemon.onExit().join();
  }

  /** Ends it as a restart does. */
  void terminate() {
    ProcessHandle daemon = process();
    daemon.destroy();
    daemon.onExit().join();
  }

  void start() {
    lab.run("libvirtd", "start");
  }

  private ProcessHandle process() {
    try {
      Path pidFile = lab.directory().resolve("run/libvirtd.pid");
      return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip())).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
