// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static io.diskplug.internal.libvirt.NativeFaults.check;

import com.sun.jna.Native;
import io.diskplug.domain.DomainRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DaemonFacts;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.libvirt.jna.ConnectionPointer;
import org.libvirt.jna.DomainPointer;

/**
 * A connection, and the domain that it was used for last: the calls of a request follow each other
 * on one connection. libvirtd finds the domain of each call by its UUID, so that a kept one is
 * never the wrong one; only its id is that of the time when it was looked up. For one thread at a
 * time.
 */
final class Connection implements AutoCloseable {

  /** A request goes on to its first status within milliseconds; what took longer may be old. */
  private static final long JUST_NOW_NANOS = 1_000_000_000;

  private final LibvirtApi api;
  private final ConnectionPointer pointer;
  private final DaemonFacts facts;
  private final LongSupplier nanoTime;
  private @Nullable UUID uuid;
  private @Nullable DomainPointer domain;
  private long lookedUpAt;
  private boolean unused;

  Connection(LibvirtApi api, ConnectionPointer pointer, DaemonFacts facts, LongSupplier nanoTime) {
    this.api = api;
    this.pointer = pointer;
    this.facts = facts;
    this.nanoTime = nanoTime;
  }

  ConnectionPointer pointer() {
    return pointer;
  }

  /** What the daemon at the other end does differently from others. */
  DaemonFacts facts() {
    return facts;
  }

  boolean isAlive() {
    return api.virConnectIsAlive(pointer) == 1;
  }

  /** The domain as it was looked up last, or now. */
  DomainPointer domain(UUID wanted) throws FaultException {
    DomainPointer kept = domain;
    return kept != null && wanted.equals(uuid) ? kept : lookUp(wanted);
  }

  /**
   * The domain if a request has just begun with looking it up, with the id that it had then. Once:
   * a second question is about the id of now.
   */
  @Nullable DomainPointer justLookedUp(UUID wanted) {
    boolean isNew = unused && nanoTime.getAsLong() - lookedUpAt < JUST_NOW_NANOS;
    unused = false;
    return isNew && wanted.equals(uuid) ? domain : null;
  }

  /** A request begins: the domain as it is now, kept for {@link #justLookedUp}. */
  DomainPointer begin(DomainRef ref) throws FaultException {
    DomainPointer found =
        ref.byUuid().isPresent() ? lookUp(ref.byUuid().get()) : lookUp(ref.byName().orElseThrow());
    lookedUpAt = nanoTime.getAsLong();
    unused = true;
    return found;
  }

  /** The domain as it is now, with the id that it has now. */
  DomainPointer lookUp(UUID wanted) throws FaultException {
    forget();
    DomainPointer found =
        check(api, Call.LOOKUP, api.virDomainLookupByUUIDString(pointer, wanted.toString()));
    uuid = wanted;
    domain = found;
    return found;
  }

  private DomainPointer lookUp(String name) throws FaultException {
    forget();
    DomainPointer found = check(api, Call.LOOKUP, api.virDomainLookupByName(pointer, name));
    domain = found;
    uuid = null; // if it cannot be told, this domain is not handed out
    uuid = uuid(found);
    return found;
  }

  /** Is known without asking the daemon. */
  UUID uuid(DomainPointer of) throws FaultException {
    byte[] text = new byte[LibvirtApi.VIR_UUID_STRING_BUFLEN];
    check(api, Call.LOOKUP, api.virDomainGetUUIDString(of, text));
    return UUID.fromString(Native.toString(text));
  }

  /** The next call looks its domain up. */
  void forget() {
    DomainPointer kept = domain;
    unused = false;
    if (kept != null) {
      domain = null;
      api.virDomainFree(kept);
    }
  }

  @Override
  public void close() {
    // A domain holds its connection open.
    forget();
    api.virConnectClose(pointer);
  }
}
