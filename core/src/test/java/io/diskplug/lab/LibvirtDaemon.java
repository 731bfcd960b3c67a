// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** The lab's libvirtd as a process. Guests go on whatever happens to it. */
public final class LibvirtDaemon {

  /** How the daemon ends. */
  public enum Signal {
    /** As for a restart: it finishes the calls that it works on, and forgets who made them. */
    TERM,
    /** As in a crash. */
    KILL
  }

  private final Lab lab;

  /** The daemon of a lab. */
  public LibvirtDaemon(Lab lab) {
    this.lab = lab;
  }

  /** Ends it, and returns when it is gone. */
  void end(Signal signal) {
    ProcessHandle daemon = process().orElseThrow();
    boolean unused = signal == Signal.TERM ? daemon.destroy() : daemon.destroyForcibly();
    daemon.onExit().join();
  }

  /** Whether there is such a process. */
  public boolean isAlive() {
    return process().map(ProcessHandle::isAlive).orElse(false);
  }

  private Optional<ProcessHandle> process() {
    try {
      return ProcessHandle.of(
          Long.parseLong(Files.readString(lab.directory().resolve("run/libvirtd.pid")).strip()));
    } catch (NoSuchFileException e) {
      // It has ended in good order.
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it again. */
  void start() {
    String unused = lab.run("libvirtd", "start");
  }

  /**
   * Ends it, removes what it has saved of a domain that runs, and starts it again: it knows nothing
   * of the domain's QEMU any more, which goes on.
   */
  public void forget(Guest guest) {
    end(Signal.TERM);
    try {
      Files.delete(lab.directory().resolve("run/libvirt/qemu/run/" + guest.name() + ".xml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start();
  }

  /** Ends it and starts it again. */
  void restart(Signal signal) {
    end(signal);
    start();
  }
}
