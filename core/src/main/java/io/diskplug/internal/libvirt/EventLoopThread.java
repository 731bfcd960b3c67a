// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import org.libvirt.Library;
import org.libvirt.LibvirtException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that runs libvirt's default event loop. libvirt has one event loop in a process, for
 * all connections, and no way to take it back: so this is started once and never stopped.
 */
final class EventLoopThread {

  private static final Logger log = LoggerFactory.getLogger("io.diskplug.daemon");

  private static final long PAUSE_AFTER_ERROR_MILLIS = 100;

  private EventLoopThread() {}

  /** Starts it if it does not run yet. To be called before a connection is opened. */
  static void ensureRunning() {
    Holder.touch();
  }

  private static void run() {
    long errors = 0; // in a row
    while (true) {
      try {
        Library.processEvent();
        errors = 0;
      } catch (LibvirtException e) {
        // One failed iteration must not end the events of the whole process.
        errors++;
        if (Long.bitCount(errors) == 1) { // ten a second would fill a log
          String error = String.valueOf(e.getMessage()).replaceAll("\\R", " ");
          log.warn("event-loop-failed times={} error=\"{}\"", errors, error);
        }
        try {
          Thread.sleep(PAUSE_AFTER_ERROR_MILLIS);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  private static final class Holder {
    static {
      try {
        Library.initEventLoop();
      } catch (LibvirtException e) {
        throw new IllegalStateException("libvirt's event loop cannot be set up", e);
      }
      Thread thread = new Thread(EventLoopThread::run, "diskplug-libvirt-events");
      thread.setDaemon(true);
      thread.start();
    }

    private Holder() {}

    static void touch() {}
  }
}
