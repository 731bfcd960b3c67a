// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.secret;

import io.diskplug.disk.SecretRef;
import io.diskplug.disk.SecretUsage;
import io.diskplug.internal.observe.LogLine;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.outcome.SecretFailedException;
import io.diskplug.secret.Secrets;
import io.diskplug.spi.SecretSource;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The secrets of a daemon: each call is a request about one secret. */
public final class DaemonSecrets implements Secrets {

  private static final Logger log = LoggerFactory.getLogger("io.diskplug.secret");

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
    long begun = requests.nanoTime();
    try (SecretValue value = SecretValue.of(source)) {
      EnsureRounds rounds = new EnsureRounds(hypervisor, source, value);
      SecretRef secret = run("ensure", source.usage(), rounds, deadline);
      if (rounds.defined()) {
        log.info(
            "{}", line("secret-defined", source.usage()).with("secret", secret).took(since(begun)));
      } else {
        log.debug(
            "{}",
            line("secret-value-set", source.usage()).with("secret", secret).took(since(begun)));
      }
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
    long begun = requests.nanoTime();
    boolean removed = run("remove", usage, new RemoveRounds(hypervisor, usage), deadline);
    if (removed) {
      log.info("{}", line("secret-removed", usage).took(since(begun)));
    } else {
      log.debug("{}", line("secret-absent", usage).took(since(begun)));
    }
    return removed;
  }

  private <T> T run(
      String what, SecretUsage usage, SecretRequests.Rounds<T> rounds, Duration deadline) {
    try {
      return requests.run(rounds, deadline);
    } catch (SecretFailedException e) {
      LogLine line = line("secret-failed", usage).with("request", what).with("reason", e.reason());
      switch (e.reason()) {
        case REFUSED, CONFLICT ->
            log.warn("{}", line.with("problem", String.valueOf(e.getMessage())));
        default -> log.debug("{}", line.with("problem", String.valueOf(e.getMessage())));
      }
      throw e;
    }
  }

  private static LogLine line(String what, SecretUsage usage) {
    return LogLine.of(what).with("type", usage.type()).with("usage", usage.name());
  }

  private Duration since(long begun) {
    return Duration.ofNanos(requests.nanoTime() - begun);
  }

  @Override
  public String toString() {
    return "Secrets[" + hypervisor + "]";
  }
}
