// SPDX-License-Identifier: Apache-2.0
package io.diskplug.libvirt;

import static io.diskplug.libvirt.NativeFaults.check;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.diskplug.fault.Call;
import io.diskplug.fault.FaultException;
import io.diskplug.spi.DomainHandle.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.libvirt.jna.ConnectionPointer;
import org.libvirt.jna.DomainPointer;
import org.libvirt.jna.Libvirt;

/**
 * Passes events on to whoever waits for a domain. They come over a connection of their own, which
 * is opened by the first subscription, and again by the next one after it was lost; subscribers
 * outlive connections. Safe for use by several threads.
 */
final class DomainEvents implements AutoCloseable {

  /** {@code virConnectDomainEventDeviceRemovedCallback}, and the same for a failed removal. */
  interface DeviceCallback extends Libvirt.VirDomainEventCallback {
    void eventCallback(
        ConnectionPointer connection,
        DomainPointer domain,
        @Nullable Pointer alias,
        @Nullable Pointer opaque);
  }

  private final LibvirtApi api;
  private final Connections connections;
  private final Map<UUID, Set<Waiter>> waiters = new ConcurrentHashMap<>();

  // Native code keeps no reference that the garbage collector sees: a callback that only libvirt
  // knows is collected, and events silently stop.
  private final DeviceCallback onDevice = (connection, domain, alias, opaque) -> dispatch(domain);
  private final Libvirt.VirConnectDomainEventCallback onLifecycle =
      (connection, domain, event, detail, opaque) -> {
        dispatch(domain);
        return 0;
      };

  private @Nullable ConnectionPointer connection; // guarded by this
  private final List<Integer> registrations = new ArrayList<>(); // guarded by this
  private boolean closed; // guarded by this

  DomainEvents(LibvirtApi api, Connections connections) {
    this.api = api;
    this.connections = connections;
  }

  Subscription subscribe(UUID domain, Runnable signal) throws FaultException {
    Waiter waiter = new Waiter(signal);
    waiters.compute(
        domain,
        (uuid, set) -> {
          Set<Waiter> all = set == null ? ConcurrentHashMap.newKeySet() : set;
          all.add(waiter);
          return all;
        });
    boolean listening = false;
    try {
      listen();
      listening = true;
    } finally {
      if (!listening) {
        unsubscribe(domain, waiter);
      }
    }
    return () -> unsubscribe(domain, waiter);
  }

  private void unsubscribe(UUID domain, Waiter waiter) {
    waiters.computeIfPresent(
        domain,
        (uuid, set) -> {
          set.remove(waiter);
          return set.isEmpty() ? null : set;
        });
  }

  private synchronized void listen() throws FaultException {
    ConnectionPointer current = connection;
    if (closed || (current != null && api.virConnectIsAlive(current) == 1)) {
      return;
    }
    drop();
    current = connections.connect();
    connection = current;
    boolean complete = false;
    try {
      register(current, LibvirtApi.VIR_DOMAIN_EVENT_ID_LIFECYCLE, onLifecycle);
      register(current, LibvirtApi.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, onDevice);
      register(current, LibvirtApi.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, onDevice);
      complete = true;
    } finally {
      if (!complete) {
        drop();
      }
    }
  }

  private void register(
      ConnectionPointer connection, int event, Libvirt.VirDomainEventCallback callback)
      throws FaultException {
    registrations.add(
        check(
            api,
            Call.SUBSCRIBE,
            api.virConnectDomainEventRegisterAny(connection, null, event, callback, null, null)));
  }

  /** A registration holds the connection open: each has to be undone, also where it is dead. */
  private void drop() {
    ConnectionPointer current = connection;
    if (current != null) {
      connection = null;
      registrations.forEach(id -> api.virConnectDomainEventDeregisterAny(current, id));
      registrations.clear();
      api.virConnectClose(current);
    }
  }

  /** Waits for the daemon. */
  @Override
  public synchronized void close() {
    closed = true;
    drop();
  }

  private void dispatch(DomainPointer domain) {
    byte[] text = new byte[LibvirtApi.VIR_UUID_STRING_BUFLEN];
    if (api.virDomainGetUUIDString(domain, text) != 0) {
      return;
    }
    Set<Waiter> set = waiters.get(UUID.fromString(Native.toString(text)));
    if (set != null) {
      set.forEach(waiter -> waiter.signal.run());
    }
  }

  /** One subscription; compared by identity, so that the same signal may be subscribed twice. */
  private static final class Waiter {
    final Runnable signal;

    Waiter(Runnable signal) {
      this.signal = signal;
    }
  }
}
