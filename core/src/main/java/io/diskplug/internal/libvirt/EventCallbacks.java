// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import com.sun.jna.Pointer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.libvirt.jna.ConnectionPointer;
import org.libvirt.jna.DomainPointer;
import org.libvirt.jna.Libvirt;

/**
 * What libvirt calls: one callback of each kind, for the process and for as long as it lives.
 *
 * <p>A callback that the garbage collector has taken is called all the same, and ends the process.
 * libvirt's event loop can be about to call one that another thread deregisters, so that no moment
 * is known at which it can go. These stay; the listener is found by a number, and one that has gone
 * is not found.
 */
final class EventCallbacks {

  /** Who is told. */
  interface Listener {
    /** Something has happened to a domain. */
    void happened(DomainPointer domain);

    /** The connection was lost. */
    void connectionLost();
  }

  /** {@code virConnectDomainEventDeviceRemovedCallback}, and the same for a failed removal. */
  interface DeviceCallback extends Libvirt.VirDomainEventCallback {
    void eventCallback(
        ConnectionPointer connection,
        DomainPointer domain,
        @Nullable Pointer alias,
        @Nullable Pointer opaque);
  }

  private static final Map<Long, Listener> LISTENERS = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBER = new AtomicLong();

  static final DeviceCallback ON_DEVICE =
      (connection, domain, alias, opaque) -> tell(opaque, listener -> listener.happened(domain));

  static final Libvirt.VirConnectDomainEventCallback ON_LIFECYCLE =
      (connection, domain, event, detail, opaque) -> {
        tell(opaque, listener -> listener.happened(domain));
        return 0;
      };

  static final LibvirtApi.CloseCallback ON_CLOSE =
      (connection, reason, opaque) -> tell(opaque, Listener::connectionLost);

  private EventCallbacks() {}

  /** What to register a callback with, for it to find this listener. */
  static Pointer enroll(Listener listener) {
    long number = NUMBER.incrementAndGet();
    LISTENERS.put(number, listener);
    return Pointer.createConstant(number);
  }

  /** Tells the listener nothing any more, whatever is still registered. */
  static void strike(Pointer enrolled) {
    LISTENERS.remove(Pointer.nativeValue(enrolled));
  }

  private static void tell(@Nullable Pointer opaque, Consumer<Listener> what) {
    Listener listener = LISTENERS.get(Pointer.nativeValue(opaque));
    if (listener != null) {
      what.accept(listener);
    }
  }
}
