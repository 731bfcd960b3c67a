// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.secret;

import io.diskplug.disk.SecretUsage;
import io.diskplug.fault.Call;
import io.diskplug.internal.engine.Calls;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.SecretDefinition;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.xml.read.DomainXmlException;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.SecretFailedException;
import io.diskplug.outcome.SecretFailedException.Reason;
import java.util.Optional;
import java.util.UUID;

/** The daemon's secrets, by calls that are bounded. */
final class StoredSecrets {

  private final HypervisorPort hypervisor;
  private final Calls calls;

  StoredSecrets(HypervisorPort hypervisor, Calls calls) {
    this.hypervisor = hypervisor;
    this.calls = calls;
  }

  Optional<UUID> find(SecretUsage usage) throws FaultException {
    return calls.call(Call.READ_SECRET, () -> hypervisor.secrets().find(usage));
  }

  Optional<SecretDefinition> read(UUID secret) throws FaultException {
    Optional<String> xml = calls.call(Call.READ_SECRET, () -> hypervisor.secrets().xml(secret));
    try {
      return xml.map(DomainXmlReader::readSecret);
    } catch (DomainXmlException e) {
      throw new SecretFailedException(
          Reason.UNAVAILABLE,
          "what the secret " + secret + " is cannot be read: " + e.getMessage());
    }
  }

  void define(String secretXml) throws FaultException {
    run(Call.DEFINE_SECRET, () -> hypervisor.secrets().define(secretXml));
  }

  void setValue(UUID secret, SecretValue value) throws FaultException {
    run(Call.SET_SECRET, () -> value.lend(bytes -> hypervisor.secrets().setValue(secret, bytes)));
  }

  void remove(UUID secret) throws FaultException {
    boolean unused = calls.call(Call.REMOVE_SECRET, () -> hypervisor.secrets().remove(secret));
  }

  private interface Change {
    void make() throws FaultException;
  }

  private void run(Call call, Change change) throws FaultException {
    boolean unused =
        calls.call(
            call,
            () -> {
              change.make();
              return true;
            });
  }
}
