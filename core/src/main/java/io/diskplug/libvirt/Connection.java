// SPDX-License-Identifier: Apache-2.0
package io.diskplug.libvirt;

import static io.diskplug.libvirt.NativeFaults.check;

import io.diskplug.fault.Call;
import io.diskplug.fault.FaultException;
import java.util.UUID;
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

  private final LibvirtApi api;
  private final ConnectionPointer pointer;
  private @Nullable UUID uuid;
  private @Nullable DomainPointer domain;

  Connection(LibvirtApi api, ConnectionPointer pointer) {
    this.api = api;
    this.pointer = pointer;
  }

  ConnectionPointer pointer() {
    return pointer;
  }

  boolean isAlive() {
    return api.virConnectIsAlive(pointer) == 1;
  }

  /** The domain as it was looked up last, or now. */
  DomainPointer domain(UUID wanted) throws FaultException {
    DomainPointer kept = domain;
    return kept != null && wanted.equals(uuid) ? kept : lookUp(wanted);
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

  /** The next call looks its domain up. */
  void forget() {
    DomainPointer kept = domain;
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
