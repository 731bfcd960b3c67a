// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.disk.HostPort;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A portal of the test's own, on the loopback interface, with a behaviour. */
final class Portal implements AutoCloseable {

  private static final int HEADER = 48;

  private final AtomicInteger connections = new AtomicInteger();
  private final ServerSocket socket;

  Portal(Behaviour behaviour) throws IOException {
    this("127.0.0.1", behaviour);
  }

  Portal(String address, Behaviour behaviour) throws IOException {
    socket = new ServerSocket(0, 8, InetAddress.getByName(address));
    Thread thread = new Thread(() -> serve(behaviour), "portal");
    thread.setDaemon(true);
    thread.start();
  }

  /** What is done with a connection before it is closed. */
  interface Behaviour {
    void serve(Socket connection) throws IOException;
  }

  HostPort address(String host) {
    return new HostPort(host, socket.getLocalPort());
  }

  int connections() {
    return connections.get();
  }

  /** Answers a login with "target moved temporarily" (RFC 7143, 11.13.5). */
  static void redirect(Socket connection, String host, int port) throws IOException {
    DataInputStream in = new DataInputStream(connection.getInputStream());
    byte[] request = in.readNBytes(HEADER);
    int bytes = (request[5] & 0xff) << 16 | (request[6] & 0xff) << 8 | (request[7] & 0xff);
    in.readNBytes((bytes + 3) / 4 * 4);

    byte[] text =
        ("TargetAddress=" + host + ":" + port + ",1\0").getBytes(StandardCharsets.US_ASCII);
    ByteBuffer response = ByteBuffer.allocate(HEADER + (text.length + 3) / 4 * 4);
    response.put(0, (byte) 0x23); // login response
    response.put(7, (byte) text.length);
    response.put(8, request, 8, 6); // ISID
    response.put(16, request, 16, 4); // initiator task tag
    response.putInt(28, 1); // ExpCmdSN
    response.putInt(32, 1); // MaxCmdSN
    response.putShort(36, (short) 0x0101);
    response.put(HEADER, text);
    connection.getOutputStream().write(response.array());
    // Until the initiator has read it and goes.
    in.readAllBytes();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void serve(Behaviour behaviour) {
    while (!socket.isClosed()) {
      try (Socket connection = socket.accept()) {
        connections.incrementAndGet();
        behaviour.serve(connection);
      } catch (IOException e) {
        // The connection is over, or the portal is.
      }
    }
  }
}
