// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.fault;

import io.diskplug.fault.LibvirtFault;

/** Carries a {@link LibvirtFault} from the port to the request that decides. */
public final class FaultException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient LibvirtFault fault;

  /**
   * A failed call.
   *
   * @param fault what libvirt said
   */
  public FaultException(LibvirtFault fault) {
    super(fault.toString());
    this.fault = fault;
  }

  /** What libvirt said. */
  public LibvirtFault fault() {
    return fault;
  }
}
