// SPDX-License-Identifier: Apache-2.0
package io.diskplug.secret;

import io.diskplug.disk.SecretUsage;
import io.diskplug.exec.Calls;
import io.diskplug.exec.SecretRequests;
import io.diskplug.fault.FaultException;
import io.diskplug.spi.Hypervisor;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Until the secret that was there is there no more. One that is defined afterwards stays, whichever
 * UUID it has.
 */
final class RemoveRounds implements SecretRequests.Rounds<Boolean> {

  private final Hypervisor hypervisor;
  private final SecretUsage usage;
  private @Nullable UUID first;
  private boolean removed;

  RemoveRounds(Hypervisor hypervisor, SecretUsage usage) {
    this.hypervisor = hypervisor;
    this.usage = usage;
  }

  @Override
  public Optional<Boolean> round(Calls calls) throws FaultException {
    StoredSecrets stored = new StoredSecrets(hypervisor, calls);
    Optional<UUID> found = stored.find(usage);
    if (removed || found.isEmpty() || (first != null && !found.get().equals(first))) {
      return Optional.of(first != null);
    }
    first = found.get();
    stored.remove(first);
    // If the answer is lost, the next round looks whether it was.
    removed = true;
    return Optional.empty();
  }
}
