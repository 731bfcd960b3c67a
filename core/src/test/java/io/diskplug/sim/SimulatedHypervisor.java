// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.DomainRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.port.KnownDomain;
import io.diskplug.internal.port.SecretStore;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection, which is opened again by the next call after the daemon was away, as this
 * library's own is.
 */
final class SimulatedHypervisor implements HypervisorPort {

  /** {@code max_client_requests} of libvirtd: one more waits. */
  private static final int REQUESTS_AT_A_TIME = 5;

  private final SimulatedHost host;
  private final String client;
  private final Semaphore requests = new Semaphore(REQUESTS_AT_A_TIME, true);
  private volatile boolean closed;

  /** What the daemon does for a call. */
  @FunctionalInterface
  interface Work<T> {
    T run(CallInProgress call) throws FaultException;
  }

  SimulatedHypervisor(SimulatedHost host, String client) {
    this.host = host;
    this.client = client;
  }

  @Override
  public DomainHandle lookup(DomainRef ref) throws FaultException {
    return call(Call.LOOKUP, null, call -> new SimulatedHandle(this, host, host.find(ref)));
  }

  @Override
  public List<KnownDomain> domains() throws FaultException {
    return call(Call.LIST_DOMAINS, null, call -> host.list());
  }

  @Override
  public SecretStore secrets() {
    return new SimulatedSecretStore(this, host, host.secrets());
  }

  <T> T call(Call kind, @Nullable SimulatedDomain domain, Work<T> work) throws FaultException {
    CallInProgress call = new CallInProgress(host, client, kind, domain);
    requests.acquireUninterruptibly();
    try {
      if (closed) {
        throw Refusals.closed(kind);
      }
      call.at(Moment.BEFORE);
      if (domain != null) {
        domain.requireThere(kind);
      }
      T result = work.run(call);
      call.at(Moment.AFTER);
      call.end();
      return result;
    } catch (FaultException e) {
      if (call.hasCallerDied()) {
        call.end();
      }
      throw e;
    } finally {
      requests.release();
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return client;
  }
}
