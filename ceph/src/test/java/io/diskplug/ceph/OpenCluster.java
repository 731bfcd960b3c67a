// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.disk.HostPort;
import io.diskplug.lab.Lab;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A cluster beside the lab's, of one monitor and one OSD, which are reached by IPv6 alone and ask
 * nobody for a key. It lives in the lab's directory, and ends with the test that has started it;
 * what a test leaves behind ends with the lab.
 */
final class OpenCluster implements AutoCloseable {

  private static final String HOST = "::1";
  private static final String POOL = "open";
  private static final long SECONDS = 60;

  private final Lab lab;
  private final Path directory;
  private final String fsid = UUID.randomUUID().toString();
  private final int port;
  private final List<Process> daemons = new ArrayList<>();

  private OpenCluster(Lab lab) throws IOException {
    this.lab = lab;
    this.port = freePort();
    this.directory = Files.createTempDirectory(lab.directory(), "open");
  }

  /** Starts it. Ends the test where there is no IPv6. */
  static OpenCluster start(Lab lab) {
    try {
      OpenCluster cluster = new OpenCluster(lab);
      try {
        cluster.start();
        return cluster;
      } catch (IOException | RuntimeException | Error e) {
        cluster.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Somebody else may have it a moment later: then the monitor does not start, and the test fails.
   */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getAllByName(HOST)[0])) {
      return socket.getLocalPort();
    } catch (SocketException e) {
      Assumptions.abort("no IPv6 on loopback: " + e.getMessage());
      throw e;
    }
  }

  private void start() throws IOException {
    for (String daemon : List.of("mon", "osd")) {
      Files.createDirectory(directory.resolve(daemon));
    }
    Files.writeString(
        directory.resolve("ceph.conf"),
        """
        [global]
        fsid = %1$s
        mon host = v1:[%2$s]:%3$d
        mon initial members = a
        public addr = %2$s
        cluster addr = %2$s
        ms bind ipv4 = false
        ms bind ipv6 = true
        ms bind msgr2 = false
        auth cluster required = none
        auth service required = none
        auth client required = none
        keyring = /dev/null
        run dir = %4$s
        crash dir = %4$s
        log file = %4$s/$name.log
        mon cluster log file = %4$s/cluster.log
        mon data = %4$s/mon
        mon data avail warn = 0
        mon data avail crit = 0
        mon allow pool size one = true
        osd data = %4$s/osd
        osd objectstore = memstore
        osd class update on start = false
        osd crush update on start = false
        osd pool default size = 1
        osd pool default min size = 1
        osd crush chooseleaf type = 0
        """
            .formatted(fsid, HOST, port, directory));
    String map = directory.resolve("monmap").toString();
    run(
        "monmaptool",
        "--create",
        "--addv",
        "a",
        "[v1:[%s]:%d]".formatted(HOST, port),
        "--fsid",
        fsid,
        map);
    run("ceph-mon", "--mkfs", "-i", "a", "--monmap", map);
    daemon("ceph-mon", "a");
    String osd = UUID.randomUUID().toString();
    run("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", osd);
    run("ceph", "osd", "new", osd);
    // An OSD of Ceph 18 that places itself may do so before it knows the cluster's fsid, and ends.
    run("ceph", "osd", "crush", "add", "osd.0", "1", "root=default");
    run("ceph", "osd", "pool", "create", POOL, "8", "8");
    daemon("ceph-osd", "0");
  }

  /** Its only monitor. */
  HostPort monitor() {
    return new HostPort(HOST, port);
  }

  /** Its name in the identity of an image. */
  String fsid() {
    return fsid;
  }

  /** A new image; waits until the cluster can make one. */
  RbdImage newImage(String name, int mebibytes) {
    run("rbd", "create", POOL + "/" + name, "--size", mebibytes + "M");
    return RbdImage.of(fsid, POOL, name);
  }

  private ProcessBuilder command(String... words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                lab.get("LAB_BIN"),
                "--dir",
                lab.directory().toString(),
                "exec",
                "env",
                // By which the lab knows its own, and ends them with itself.
                "HOME=" + lab.directory().resolve("home"),
                words[0]));
    if (!words[0].equals("monmaptool")) {
      command.addAll(List.of("-c", directory.resolve("ceph.conf").toString()));
    }
    command.addAll(Arrays.asList(words).subList(1, words.length));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("CEPH_ARGS");
    // Debian 13's OSD looks for its classes under the working directory.
    builder.directory(new File("/"));
    return builder.redirectOutput(
        ProcessBuilder.Redirect.appendTo(directory.resolve("output").toFile()));
  }

  private void daemon(String program, String id) throws IOException {
    daemons.add(command(program, "-f", "-i", id).start());
  }

  private void run(String... words) {
    try {
      Process process = command(words).start();
      boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly();
      if (!ended || process.exitValue() != 0) {
        throw new AssertionError(
            String.join(" ", words) + " failed: " + Files.readString(directory.resolve("output")));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    for (Process daemon : daemons) {
      daemon.destroyForcibly();
      daemon.onExit().join();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
