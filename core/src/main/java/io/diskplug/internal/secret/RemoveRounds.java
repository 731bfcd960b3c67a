// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.secret;

import io.diskplug.disk.SecretUsage;
import io.diskplug.internal.engine.Calls;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.HypervisorPort;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Until libvirt has said that the secret is removed, or it is gone though the answer was lost. What
 * is there afterwards was defined by another client, and stays, with whatever UUID it has.
 */
final class RemoveRounds implements SecretRequests.Rounds<Boolean> {

  private final HypervisorPort hypervisor;
  private final SecretUsage usage;
  private @Nullable UUID first;

  RemoveRounds(HypervisorPort hypervisor, SecretUsage usage) {
    this.hypervisor = hypervisor;
    this.usage = usage;
  }

  @Override
  public Optional<Boolean> round(Calls calls) throws FaultException {
    StoredSecrets stored = new StoredSecrets(hypervisor, calls);
    Optional<UUID> found = stored.find(usage);
    if (found.isEmpty() || (first != null && !found.get().equals(first))) {
      return Optional.of(first != null);
    }
    first = found.get();
    stored.remove(first);
    return Optional.of(true);
  }
}
