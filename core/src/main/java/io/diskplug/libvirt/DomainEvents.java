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
 * Passes the events of a connection on to whoever waits for a domain. It is registered once for all
 * domains of a connection and again after each reconnect; subscribers outlive connections.
 */
final class DomainEvents {

  /** Called by libvirt with one string, {@code virConnectDomainEventDeviceRemovedCallback}. */
  interface DeviceCallback extends Libvirt.VirDomainEventCallback {
    void eventCallback(
        ConnectionPointer connection,
        DomainPointer domain,
        @Nullable Pointer alias,
        @Nullable Pointer opaque);
  }

  private final LibvirtApi api;
  private final boolean available;
  private final Map<UUID, Set<Waiter>> waiters = new ConcurrentHashMap<>();
  private final List<Integer> registrations = new ArrayList<>(); // guarded by the connection's lock

  // Native code keeps no reference that the garbage collector sees: a callback that only libvirt
  // knows is collected, and events silently stop.
  private final DeviceCallback onDevice = (connection, domain, alias, opaque) -> dispatch(domain);
  private final Libvirt.VirConnectDomainEventCallback onLifecycle =
      (connection, domain, event, detail, opaque) -> {
        dispatch(domain);
        return 0;
      };

  DomainEvents(LibvirtApi api, boolean available) {
    this.api = api;
    this.available = available;
  }

  void register(ConnectionPointer connection) throws FaultException {
    registrations.clear();
    register(connection, LibvirtApi.VIR_DOMAIN_EVENT_ID_LIFECYCLE, onLifecycle);
    register(connection, LibvirtApi.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, onDevice);
    register(connection, LibvirtApi.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, onDevice);
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

  void deregister(ConnectionPointer connection) {
    // Fails on a connection that is already dead, which has forgotten them anyway.
    registrations.forEach(id -> api.virConnectDomainEventDeregisterAny(connection, id));
    registrations.clear();
  }

  Subscription subscribe(UUID domain, Runnable signal) {
    if (!available) {
      return () -> {};
    }
    Waiter waiter = new Waiter(signal);
    waiters.compute(
        domain,
        (uuid, set) -> {
          Set<Waiter> all = set == null ? ConcurrentHashMap.newKeySet() : set;
          all.add(waiter);
          return all;
        });
    return () ->
        waiters.computeIfPresent(
            domain,
            (uuid, set) -> {
              set.remove(waiter);
              return set.isEmpty() ? null : set;
            });
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
