// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.disk.HostPort;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A target of the lab under another name: a portal that passes everything on to the lab's, with the
 * lab's name in place of this one in the logins. The lab's tgt refuses to make a target with an
 * underscore; targets of other vendors have one.
 */
final class RenamedTarget implements AutoCloseable {

  private static final int HEADER = 48;
  private static final int LOGIN = 0x03;

  private final HostPort lab;
  private final String name;
  private final String labName;
  private final ServerSocket socket;
  private final List<Socket> connections = new CopyOnWriteArrayList<>();

  /**
   * @param lab the portal of the lab
   * @param name the name to be known by, as long as the lab's
   * @param labName the name of the lab's target
   */
  RenamedTarget(HostPort lab, String name, String labName) throws IOException {
    if (name.length() != labName.length()) {
      throw new IllegalArgumentException(name + " is not as long as " + labName);
    }
    this.lab = lab;
    this.name = name;
    this.labName = labName;
    this.socket = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  HostPort portal() {
    return new HostPort("127.0.0.1", socket.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket connection : connections) {
      connection.close();
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  /** In a thread of its own, which ends with its connection. */
  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // The connection is over, or the portal is.
              }
            },
            "renamed-target");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    while (!socket.isClosed()) {
      Socket initiator = socket.accept();
      Socket target = new Socket(lab.host(), lab.port());
      connections.addAll(List.of(initiator, target));
      start(
          () -> {
            try (target) {
              rename(initiator.getInputStream(), target.getOutputStream());
            }
          });
      start(
          () -> {
            try (initiator) {
              target.getInputStream().transferTo(initiator.getOutputStream());
            }
          });
    }
  }

  /** Passes requests on, and renames the target as long as they are logins. */
  private void rename(InputStream initiator, OutputStream target) throws IOException {
    DataInputStream in = new DataInputStream(initiator);
    byte[] header = in.readNBytes(HEADER);
    while (header.length == HEADER && (header[0] & 0x3f) == LOGIN) {
      int bytes = (header[5] & 0xff) << 16 | (header[6] & 0xff) << 8 | (header[7] & 0xff);
      String text = new String(in.readNBytes((bytes + 3) / 4 * 4), StandardCharsets.ISO_8859_1);
      target.write(header);
      target.write(
          text.replace("TargetName=" + name + "\0", "TargetName=" + labName + "\0")
              .getBytes(StandardCharsets.ISO_8859_1));
      target.flush();
      header = in.readNBytes(HEADER);
    }
    target.write(header);
    in.transferTo(target);
  }
}
