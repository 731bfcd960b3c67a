// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;
import org.libvirt.jna.ConnectionPointer;
import org.libvirt.jna.DomainPointer;

/**
 * QEMU's own events of devices that are gone, with QEMU's own time ({@code
 * virConnectDomainQemuMonitorEventRegister}). Needs an event loop that runs in the process.
 */
final class DeviceDeletions implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 5;

  interface Qemu extends Library {
    Qemu LIBRARY = Native.load("virt-qemu", Qemu.class);

    int virConnectDomainQemuMonitorEventRegister(
        ConnectionPointer connection,
        @Nullable DomainPointer domain,
        String event,
        EventCallback callback,
        @Nullable Pointer opaque,
        @Nullable Pointer free,
        int flags);

    int virConnectDomainQemuMonitorEventDeregister(ConnectionPointer connection, int callbackId);
  }

  /** {@code virConnectDomainQemuMonitorEventCallback}. */
  interface EventCallback extends Callback {
    void event(
        ConnectionPointer connection,
        DomainPointer domain,
        String event,
        long seconds,
        int micros,
        @Nullable String details,
        @Nullable Pointer opaque);
  }

  /** libvirt-java keeps its pointer to itself. */
  private static final class OpenConnection extends Connect {
    OpenConnection(String uri) throws LibvirtException {
      super(uri);
    }

    ConnectionPointer pointer() {
      return vcp;
    }
  }

  private record Deletion(Instant time, String details) {}

  private static final long NANOS_PER_MICRO = 1000;

  private final BlockingQueue<Deletion> deletions = new LinkedBlockingQueue<>();

  // Kept: native code holds no reference that the garbage collector sees.
  private final EventCallback callback =
      (connection, domain, event, seconds, micros, details, opaque) -> {
        Instant time = Instant.ofEpochSecond(seconds, micros * NANOS_PER_MICRO);
        boolean unused = deletions.add(new Deletion(time, String.valueOf(details)));
      };

  private final OpenConnection connection;
  private final int registration;

  DeviceDeletions(String uri) throws LibvirtException {
    connection = new OpenConnection(uri);
    registration =
        Qemu.LIBRARY.virConnectDomainQemuMonitorEventRegister(
            connection.pointer(), null, "DEVICE_DELETED", callback, null, null, 0);
    if (registration < 0) {
      connection.close();
      throw new IllegalStateException("no events of QEMU's monitor");
    }
  }

  /** The time of the next event on the device; others before it are forgotten. */
  Instant next(String alias) throws InterruptedException {
    while (true) {
      Deletion deletion = deletions.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (deletion == null) {
        throw new IllegalStateException("QEMU has not told of the end of " + alias);
      }
      // The parts of a device have events of their own, which name a path only.
      if (deletion.details().contains("\"device\":\"" + alias + "\"")) {
        return deletion.time();
      }
    }
  }

  @Override
  public void close() throws LibvirtException {
    Qemu.LIBRARY.virConnectDomainQemuMonitorEventDeregister(connection.pointer(), registration);
    connection.close();
  }
}
