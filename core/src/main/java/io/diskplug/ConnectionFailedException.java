// SPDX-License-Identifier: Apache-2.0
package io.diskplug;

import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.FaultException;

/** No connection to the libvirt daemon could be opened; {@link #fault()} says why. */
public final class ConnectionFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient LibvirtFault fault;

  ConnectionFailedException(String uri, FaultException cause) {
    super("cannot connect to " + uri + ": " + cause.fault().message(), cause);
    this.fault = cause.fault();
  }

  /** What libvirt said. */
  public LibvirtFault fault() {
    return fault;
  }
}
