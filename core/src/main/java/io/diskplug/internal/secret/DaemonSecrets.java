// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.secret;

import io.diskplug.disk.SecretRef;
import io.diskplug.disk.SecretUsage;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.secret.Secrets;
import io.diskplug.spi.SecretSource;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The secrets of a daemon: each call is a request about one secret. */
public final class DaemonSecrets implements Secrets {

  private static final Logger log = LoggerFactory.getLogger(DaemonSecrets.class);

  private final HypervisorPort hypervisor;
  private final SecretRequests requests;

  /**
   * The secrets of a hypervisor.
   *
   * @param hypervisor the port
   * @param requests runs what is asked for; stays the caller's to close
   */
  public DaemonSecrets(HypervisorPort hypervisor, SecretRequests requests) {
    this.hypervisor = hypervisor;
    this.requests = requests;
  }

  @Override
  public SecretRef ensure(SecretSource source, Duration deadline) {
    try (SecretValue value = SecretValue.of(source)) {
      SecretRef secret = requests.run(new EnsureRounds(hypervisor, source, value), deadline);
      log.debug("the secret for {} is {}", source.usage(), secret);
      return secret;
    }
  }

  @Override
  public Optional<UUID> find(SecretUsage usage, Duration deadline) {
    return requests.run(
        calls -> Optional.of(new StoredSecrets(hypervisor, calls).find(usage)), deadline);
  }

  @Override
  public boolean remove(SecretUsage usage, Duration deadline) {
    boolean removed = requests.run(new RemoveRounds(hypervisor, usage), deadline);
    log.debug("the secret for {} {}", usage, removed ? "was removed" : "was not there");
    return removed;
  }

  @Override
  public String toString() {
    return "Secrets[" + hypervisor + "]";
  }
}
