// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static io.diskplug.internal.libvirt.NativeFaults.check;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.libvirt.jna.ConnectionPointer;
import org.libvirt.jna.DomainPointer;
import org.libvirt.jna.Libvirt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes events on to those who wait for a domain. They come over a connection of their own, which
 * a thread of its own opens, and opens again after it was lost; subscribers outlive connections,
 * and no call waits for one. Safe for use by several threads.
 */
final class DomainEvents implements EventCallbacks.Listener, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger("io.diskplug.daemon");

  private static final long PAUSE_MILLIS = 1000;

  private final LibvirtApi api;
  private final Connections connections;
  private final Map<UUID, Set<Waiter>> waiters = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor thread;
  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile boolean listening;
  private volatile boolean closed;

  /** What libvirt's callbacks find this one by. */
  private final Pointer enrolled = EventCallbacks.enroll(this);

  private @Nullable ConnectionPointer connection; // the thread's
  private final List<Integer> registrations = new ArrayList<>(); // the thread's

  DomainEvents(LibvirtApi api, Connections connections) {
    this.api = api;
    this.connections = connections;
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread daemon = new Thread(task, "diskplug-events");
              daemon.setDaemon(true);
              return daemon;
            });
  }

  /** Begins to listen, some time soon. Does not block. */
  void start() {
    listenAgain();
  }

  Subscription subscribe(UUID domain, Runnable signal) {
    Waiter waiter = new Waiter(signal);
    waiters.compute(
        domain,
        (uuid, set) -> {
          Set<Waiter> all = set == null ? ConcurrentHashMap.newKeySet() : set;
          all.add(waiter);
          return all;
        });
    if (!listening) {
      listenAgain();
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

  private void listenAgain() {
    if (!asked.getAndSet(true)) {
      inTheThread(this::listen, 0);
    }
  }

  private void inTheThread(Runnable task, long delayMillis) {
    try {
      ScheduledFuture<?> unused = thread.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile.
    }
  }

  private void listen() {
    asked.set(false);
    if (closed || listening) {
      return;
    }
    drop();
    try {
      ConnectionPointer current = connections.connect();
      connection = current;
      // Set before the registrations: a connection that is lost meanwhile clears it.
      listening = true;
      check(
          api,
          Call.SUBSCRIBE,
          api.virConnectRegisterCloseCallback(current, EventCallbacks.ON_CLOSE, enrolled, null));
      register(current, LibvirtApi.VIR_DOMAIN_EVENT_ID_LIFECYCLE, EventCallbacks.ON_LIFECYCLE);
      register(current, LibvirtApi.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, EventCallbacks.ON_DEVICE);
      register(
          current, LibvirtApi.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, EventCallbacks.ON_DEVICE);
    } catch (FaultException e) {
      log.debug("no-events error=\"{}\"", String.valueOf(e.getMessage()).replaceAll("\\R", " "));
      listening = false;
      drop();
      if (!waiters.isEmpty()) {
        inTheThread(this::listen, PAUSE_MILLIS);
      }
      return;
    }
    // What happened without a connection is not told again.
    waiters.values().forEach(DomainEvents::signal);
  }

  private void register(
      ConnectionPointer connection, int event, Libvirt.VirDomainEventCallback callback)
      throws FaultException {
    registrations.add(
        check(
            api,
            Call.SUBSCRIBE,
            api.virConnectDomainEventRegisterAny(
                connection, null, event, callback, enrolled, null)));
  }

  /** Undone one by one: a registration holds the connection open, also where it is dead. */
  private void drop() {
    ConnectionPointer current = connection;
    if (current != null) {
      connection = null;
      registrations.forEach(id -> api.virConnectDomainEventDeregisterAny(current, id));
      registrations.clear();
      api.virConnectUnregisterCloseCallback(current, EventCallbacks.ON_CLOSE);
      api.virConnectClose(current);
    }
  }

  /** Does not wait for the daemon. */
  @Override
  public void close() {
    closed = true;
    EventCallbacks.strike(enrolled);
    inTheThread(this::drop, 0);
    thread.shutdown();
  }

  @Override
  public void connectionLost() {
    listening = false;
    listenAgain();
  }

  @Override
  public void happened(DomainPointer domain) {
    byte[] text = new byte[LibvirtApi.VIR_UUID_STRING_BUFLEN];
    if (api.virDomainGetUUIDString(domain, text) != 0) {
      return;
    }
    Set<Waiter> set = waiters.get(UUID.fromString(Native.toString(text)));
    if (set != null) {
      signal(set);
    }
  }

  private static void signal(Set<Waiter> set) {
    set.forEach(waiter -> waiter.signal.run());
  }

  /** One subscription; compared by identity, so that the same signal may be subscribed twice. */
  private static final class Waiter {
    final Runnable signal;

    Waiter(Runnable signal) {
      this.signal = signal;
    }
  }
}
