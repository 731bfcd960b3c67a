// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A dump of a guest's memory into a pipe that is not read: it goes on until it is closed, and then
 * fails, as libvirt's helper can write no more.
 */
final class LabDump implements AutoCloseable {

  private static final long PAUSE_MILLIS = 100;

  private final RandomAccessFile reader;
  private final Path pipe;
  private final Thread virsh;

  private LabDump(RandomAccessFile reader, Path pipe, Thread virsh) {
    this.reader = reader;
    this.pipe = pipe;
    this.virsh = virsh;
  }

  /** Returns when the dump is under way. */
  static LabDump begin(Lab lab, String domain) {
    Path pipe = lab.directory().resolve(Lab.unique("dump"));
    try {
      int rc = new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
      if (rc != 0) {
        throw new IllegalStateException("mkfifo " + pipe + ": " + rc);
      }
      // libvirtd may run as another user than the tests.
      Files.setPosixFilePermissions(pipe, PosixFilePermissions.fromString("rw-rw-rw-"));
      // Linux opens a pipe for both at once without waiting for the other end.
      RandomAccessFile reader = new RandomAccessFile(pipe.toFile(), "rw");
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread virsh =
          new Thread(
              () -> {
                try {
                  lab.virsh("dump", domain, pipe.toString(), "--memory-only");
                } catch (RuntimeException | AssertionError e) {
                  // It fails when the pipe is closed, too.
                  failure.set(e);
                }
              });
      virsh.setDaemon(true);
      virsh.start();
      while (!lab.virsh("domjobinfo", domain).contains("Dump")) {
        if (!virsh.isAlive()) {
          throw new IllegalStateException("the dump has ended: " + failure);
        }
        Thread.sleep(PAUSE_MILLIS);
      }
      return new LabDump(reader, pipe, virsh);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      reader.close();
      virsh.join();
      Files.deleteIfExists(pipe);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
