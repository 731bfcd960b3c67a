// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;

/**
 * A second lab on this machine: libvirt takes it for another host, for each lab's daemon has a host
 * UUID of its own. Disks lie on the same files.
 */
final class OtherHost implements AutoCloseable {

  private final Lab from;
  private final Lab lab;

  private OtherHost(Lab from, Lab lab) {
    this.from = from;
    this.lab = lab;
  }

  /** Starts it beside a lab. */
  static OtherHost of(Lab lab) {
    return new OtherHost(lab, lab.beside("peer", false));
  }

  Lab lab() {
    return lab;
  }

  /** Migrates a guest to it, live; the definition stays on the host that it leaves. */
  void takes(Guest guest, String... options) {
    migrate(from, lab, guest, options);
  }

  /** Migrates it back. */
  void returns(Guest guest, String... options) {
    migrate(lab, from, guest, options);
  }

  private static void migrate(Lab source, Lab destination, Guest guest, String... options) {
    String unused = source.virsh(command(destination, guest, options));
  }

  /** The words for virsh of the host that a guest leaves. */
  static String[] command(Lab destination, Guest guest, String... options) {
    List<String> words =
        new java.util.ArrayList<>(
            List.of("migrate", "--live", "--unsafe", guest.name(), destination.uri()));
    words.add("tcp://127.0.0.1:" + freePort());
    words.addAll(List.of(options));
    return words.toArray(String[]::new);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether its QEMU of the guest has a file open. */
  boolean holds(Guest guest, Path file) {
    return lab.tryVirsh(
            "qemu-monitor-command", guest.name(), "{\"execute\":\"query-named-block-nodes\"}")
        .output()
        .contains(file.toString());
  }

  /** Ends its QEMU of the guest. */
  void destroy(Guest guest) {
    String unused = lab.virsh("destroy", guest.name());
  }

  @Override
  public void close() {
    String unused = lab.run("down");
  }
}
