// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.disk.SecretUsage;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.SecretStore;
import java.util.Optional;
import java.util.UUID;

/** A client's hold of the daemon's secrets. */
final class SimulatedSecretStore implements SecretStore {

  private final SimulatedHypervisor connection;
  private final SimulatedHost host;
  private final SimulatedSecrets secrets;

  SimulatedSecretStore(
      SimulatedHypervisor connection, SimulatedHost host, SimulatedSecrets secrets) {
    this.connection = connection;
    this.host = host;
    this.secrets = secrets;
  }

  @Override
  public Optional<UUID> find(SecretUsage usage) throws FaultException {
    return call(Call.READ_SECRET, () -> secrets.find(usage));
  }

  @Override
  public Optional<String> xml(UUID secret) throws FaultException {
    return call(Call.READ_SECRET, () -> secrets.xml(secret));
  }

  @Override
  public void define(String secretXml) throws FaultException {
    boolean unused =
        call(
            Call.DEFINE_SECRET,
            () -> {
              secrets.define(secretXml);
              return true;
            });
  }

  @Override
  public void setValue(UUID secret, byte[] value) throws FaultException {
    boolean unused =
        call(
            Call.SET_SECRET,
            () -> {
              secrets.setValue(secret, value);
              return true;
            });
  }

  @Override
  public boolean remove(UUID secret) throws FaultException {
    return call(Call.REMOVE_SECRET, () -> secrets.remove(secret));
  }

  private <T> T call(Call kind, SimulatedHost.Work<T> work) throws FaultException {
    return connection.call(kind, null, call -> host.locked(work));
  }
}
