// SPDX-License-Identifier: Apache-2.0
package io.diskplug.libvirt;

import static io.diskplug.libvirt.NativeFaults.check;

import io.diskplug.fault.Call;
import io.diskplug.fault.FaultException;
import io.diskplug.fault.LibvirtFault;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.libvirt.jna.ConnectionPointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to one URI that reopens itself: a daemon that was restarted is found again by the
 * next call. Safe for use by several threads.
 */
final class LibvirtConnection implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LibvirtConnection.class);

  /** {@code VIR_ERR_INVALID_CONN}: what a call on a closed connection fails with. */
  private static final int INVALID_CONN = 6;

  private static final int KEEPALIVE_SECONDS = 5;
  private static final int KEEPALIVE_COUNT = 3;

  /** A piece of work on a native pointer. */
  @FunctionalInterface
  interface NativeCall<P, T> {
    T apply(P pointer) throws FaultException;
  }

  private final LibvirtApi api;
  private final String uri;
  private final boolean eventsWanted;
  private final DomainEvents events;

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable ConnectionPointer current; // guarded by lock
  private volatile boolean closed;

  LibvirtConnection(LibvirtApi api, String uri, boolean eventsWanted) {
    this.api = api;
    this.uri = uri;
    this.eventsWanted = eventsWanted;
    this.events = new DomainEvents(api, eventsWanted);
  }

  DomainEvents events() {
    return events;
  }

  /** Opens the connection if it is not open, so that a wrong URI is known at once. */
  void open() throws FaultException {
    call(Call.CONNECT, pointer -> pointer);
  }

  /**
   * Runs the body with an open connection. The connection is not closed under a call's feet: each
   * call holds a reference of its own.
   */
  <T> T call(Call call, NativeCall<ConnectionPointer, T> body) throws FaultException {
    ConnectionPointer pointer = acquire(call);
    try {
      return body.apply(pointer);
    } finally {
      api.virConnectClose(pointer);
    }
  }

  private ConnectionPointer acquire(Call call) throws FaultException {
    lock.lock();
    try {
      if (closed) {
        throw new FaultException(new LibvirtFault(call, INVALID_CONN, 0, "closed: " + uri));
      }
      ConnectionPointer pointer = current;
      if (pointer != null && api.virConnectIsAlive(pointer) != 1) {
        log.info("connection to {} was lost, connecting again", uri);
        drop(pointer);
        pointer = null;
      }
      if (pointer == null) {
        pointer = connect();
        current = pointer;
      }
      check(api, Call.CONNECT, api.virConnectRef(pointer));
      return pointer;
    } finally {
      lock.unlock();
    }
  }

  private ConnectionPointer connect() throws FaultException {
    ConnectionPointer pointer = check(api, Call.CONNECT, api.virConnectOpenAuth(uri, null, 0));
    boolean usable = false;
    try {
      if (eventsWanted) {
        // Keepalive needs a running event loop: without one libvirt itself would take the silence
        // for a dead daemon. A driver inside this process needs none and answers 1.
        check(
            api,
            Call.CONNECT,
            api.virConnectSetKeepAlive(pointer, KEEPALIVE_SECONDS, KEEPALIVE_COUNT));
        events.register(pointer);
      }
      usable = true;
      return pointer;
    } finally {
      if (!usable) {
        api.virConnectClose(pointer);
      }
    }
  }

  private void drop(ConnectionPointer pointer) {
    events.deregister(pointer);
    api.virConnectClose(pointer);
    current = null;
  }

  /**
   * Closes the connection; calls under way keep theirs until they return. Waits for a connect that
   * is under way, and for the daemon.
   */
  @Override
  public void close() {
    closed = true;
    lock.lock();
    try {
      if (current != null) {
        drop(current);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return uri;
  }
}
