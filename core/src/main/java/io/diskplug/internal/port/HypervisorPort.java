// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.port;

import io.diskplug.domain.DomainRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.spi.Hypervisor;
import java.util.List;

/** A hypervisor daemon. Implementations are safe for use by several threads. */
public interface HypervisorPort extends Hypervisor {

  /**
   * Finds a domain ({@code virDomainLookupByUUIDString}, {@code virDomainLookupByName}).
   *
   * @param ref the domain
   * @throws FaultException if it is not found, or the daemon cannot be asked
   */
  DomainHandle lookup(DomainRef ref) throws FaultException;

  /**
   * The domains that the daemon knows, those that are shut off included, as far as it shows them to
   * this client ({@code virConnectListAllDomains}).
   *
   * @throws FaultException if the daemon cannot be asked
   */
  List<KnownDomain> domains() throws FaultException;

  /**
   * The secrets of the daemon. Without a call to it.
   *
   * @throws FaultException if this implementation has none
   */
  default SecretStore secrets() throws FaultException {
    throw new FaultException(
        new LibvirtFault(
            Call.READ_SECRET, ErrorCode.NO_SUPPORT, 0, this + " gives no access to secrets"));
  }
}
