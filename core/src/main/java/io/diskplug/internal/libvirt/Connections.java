// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static io.diskplug.internal.libvirt.NativeFaults.check;

import com.sun.jna.ptr.NativeLongByReference;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DaemonFacts;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.libvirt.jna.ConnectionPointer;

/**
 * Connections to one URI: every call has one to itself for as long as it lasts. Safe for use by
 * several threads.
 *
 * <p>A libvirt connection may be shared by threads, and libvirt 9.0's client then crashes the
 * process when the daemon stalls while two calls are under way on one connection. libvirtd also
 * serves five calls of a connection at a time and no more. So a few connections are kept for the
 * next calls, and a call that hangs has only its own.
 */
final class Connections implements AutoCloseable {

  private static final int MOST_IDLE = 4;
  private static final int KEEPALIVE_SECONDS = 5;
  private static final int KEEPALIVE_COUNT = 3;

  /** A piece of work on something native. */
  @FunctionalInterface
  interface NativeCall<P, T> {
    T apply(P subject) throws FaultException;
  }

  private final LibvirtApi api;
  private final String uri;
  private final boolean keepAlive;
  private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
  private final AtomicInteger idleCount = new AtomicInteger();
  private volatile boolean closed;

  /** Of the daemon of the connection that was used last: another one may take its place. */
  private volatile DaemonFacts facts = DaemonFacts.UNKNOWN;

  /**
   * No connection yet.
   *
   * @param api libvirt
   * @param uri where to connect
   * @param keepAlive whether an event loop runs: without one libvirt would take its own silence for
   *     that of a dead daemon
   */
  Connections(LibvirtApi api, String uri, boolean keepAlive) {
    this.api = api;
    this.uri = uri;
    this.keepAlive = keepAlive;
  }

  /** Opens a connection, so that a wrong URI is known at once. */
  void open() throws FaultException {
    call(Call.CONNECT, connection -> connection);
  }

  /** Runs the body with a connection that no other thread uses meanwhile. */
  <T> T call(Call call, NativeCall<Connection, T> body) throws FaultException {
    Connection connection = take(call);
    try {
      return body.apply(connection);
    } finally {
      giveBack(connection);
    }
  }

  private Connection take(Call call) throws FaultException {
    if (closed) {
      throw new FaultException(new LibvirtFault(call, ErrorCode.INVALID_CONN, 0, "closed: " + uri));
    }
    // The one used last is the least likely to have been closed by the other side.
    Connection connection = idle.pollLast();
    while (connection != null) {
      idleCount.decrementAndGet();
      if (connection.isAlive()) {
        facts = connection.facts();
        return connection;
      }
      connection.close();
      // Another daemon may have taken the place of the one that was connected to.
      facts = DaemonFacts.UNKNOWN;
      connection = idle.pollLast();
    }
    ConnectionPointer pointer = connect();
    DaemonFacts read = facts(pointer);
    facts = read;
    return new Connection(api, pointer, read, System::nanoTime);
  }

  /** A new connection, which the caller has to close. */
  ConnectionPointer connect() throws FaultException {
    ConnectionPointer pointer = check(api, Call.CONNECT, api.virConnectOpenAuth(uri, null, 0));
    // A driver inside this process needs no keepalive and answers 1.
    if (keepAlive && api.virConnectSetKeepAlive(pointer, KEEPALIVE_SECONDS, KEEPALIVE_COUNT) < 0) {
      FaultException fault = NativeFaults.last(api, Call.CONNECT);
      api.virConnectClose(pointer);
      throw fault;
    }
    return pointer;
  }

  private DaemonFacts facts(ConnectionPointer pointer) {
    NativeLongByReference version = new NativeLongByReference();
    return api.virConnectGetLibVersion(pointer, version) < 0
        ? DaemonFacts.UNKNOWN
        : DaemonFacts.ofVersion(version.getValue().longValue());
  }

  /** What the daemon does differently from others. */
  DaemonFacts facts() {
    return facts;
  }

  private void giveBack(Connection connection) {
    boolean isAlive = connection.isAlive();
    if (!isAlive) {
      facts = DaemonFacts.UNKNOWN;
    }
    if (idleCount.incrementAndGet() <= MOST_IDLE && !closed && isAlive) {
      idle.addLast(connection);
      if (closed) { // meanwhile: the one that sees it there closes it
        closeIdle();
      }
    } else {
      idleCount.decrementAndGet();
      connection.close();
    }
  }

  private void closeIdle() {
    Connection connection = idle.pollLast();
    while (connection != null) {
      idleCount.decrementAndGet();
      connection.close();
      connection = idle.pollLast();
    }
  }

  /** Closes the connections that no call uses; the others are closed when their calls return. */
  @Override
  public void close() {
    closed = true;
    closeIdle();
  }

  @Override
  public String toString() {
    return uri;
  }
}
