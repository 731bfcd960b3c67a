// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.ceph.CephClient.Session;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A connection with its users. Counts its users, and is shut down once it is retired and not in
 * use: never under the feet of a call that hangs, which would end the process.
 */
final class SharedSession {

  /** Done when connecting has ended, either way. */
  private final CompletableFuture<Boolean> connected = new CompletableFuture<>();

  private @Nullable Session session;
  private int users;
  private boolean dropped;

  CompletableFuture<Boolean> connected() {
    return connected;
  }

  /** It is there; it is shut down at once if it was retired. */
  void open(Session opened) {
    boolean late;
    synchronized (this) {
      late = dropped;
      if (!late) {
        session = opened;
      }
    }
    if (late) {
      opened.shutDown();
    }
    connected.complete(true);
  }

  /** It could not be had. */
  void fail(CephFault fault) {
    connected.completeExceptionally(fault);
  }

  /** The session, until {@link #leave}; null if it has been dropped. */
  synchronized @Nullable Session enter() {
    if (dropped || session == null) {
      return null;
    }
    users++;
    return session;
  }

  /** Ends a use. May shut the connection down, and block. */
  void leave() {
    Session idle;
    synchronized (this) {
      users--;
      idle = takeIfIdle();
    }
    if (idle != null) {
      idle.shutDown();
    }
  }

  /**
   * Retires it: no more users.
   *
   * @return what the caller has to shut down, if it is not in use
   */
  synchronized @Nullable Session drop() {
    dropped = true;
    return takeIfIdle();
  }

  private @Nullable Session takeIfIdle() {
    if (!dropped || users > 0) {
      return null;
    }
    Session idle = session;
    session = null;
    return idle;
  }
}
