// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.secret;

import io.diskplug.disk.SecretRef;
import io.diskplug.disk.SecretUsage;
import io.diskplug.internal.engine.Calls;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.SecretDefinition;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.xml.write.SecretDefinitionXml;
import io.diskplug.internal.xml.write.SecretUsageXml;
import io.diskplug.internal.xml.write.SecretXmlWriter;
import io.diskplug.outcome.SecretFailedException;
import io.diskplug.outcome.SecretFailedException.Reason;
import io.diskplug.spi.SecretSource;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Until a secret is there, is what was asked for, and has been given its value. */
final class EnsureRounds implements SecretRequests.Rounds<SecretRef> {

  /** Two processes that define the same secret need two or three. */
  private static final int MOST_DEFINITIONS = 6;

  private final HypervisorPort hypervisor;
  private final SecretUsage usage;
  private final Optional<UUID> uuid;
  private final boolean ephemeral;
  private final SecretValue value;
  private int definitions;

  /** The secret that was given the value; a private one cannot be asked for it. */
  private @Nullable UUID given;

  EnsureRounds(HypervisorPort hypervisor, SecretSource source, SecretValue value) {
    this.hypervisor = hypervisor;
    this.usage = source.usage();
    this.uuid = source.uuid();
    this.ephemeral = source.ephemeral();
    this.value = value;
  }

  /** Whether this request has defined it, or changed what it is. */
  boolean defined() {
    return definitions > 0;
  }

  @Override
  public Optional<SecretRef> round(Calls calls) throws FaultException {
    StoredSecrets stored = new StoredSecrets(hypervisor, calls);
    Optional<UUID> known = stored.find(usage);
    Optional<SecretDefinition> found =
        known.isEmpty() ? Optional.empty() : stored.read(known.get());
    if (known.isEmpty() || found.isEmpty()) {
      given = null;
      requireFree(stored);
      define(stored, uuid, Optional.empty());
      return Optional.empty();
    }
    UUID secret = known.get();
    requireAskedFor(secret);
    if (!found.get().isPrivate() || found.get().ephemeral() != ephemeral) {
      define(stored, known, found.get().description());
      return Optional.empty();
    }
    if (!secret.equals(given)) {
      stored.setValue(secret, value);
      given = secret;
      return Optional.empty();
    }
    return Optional.of(SecretRef.uuid(secret));
  }

  private void requireAskedFor(UUID secret) {
    if (uuid.isPresent() && !uuid.get().equals(secret)) {
      throw new SecretFailedException(
          Reason.CONFLICT, "the secret for " + usage + " is " + secret + ", and not " + uuid.get());
    }
  }

  /** libvirt compares the name alone, and would make a secret of another type of it. */
  private void requireFree(StoredSecrets stored) throws FaultException {
    if (uuid.isEmpty()) {
      return;
    }
    Optional<SecretDefinition> holder = stored.read(uuid.get());
    if (holder.isPresent() && !isForTheUsage(holder.get())) {
      throw new SecretFailedException(
          Reason.CONFLICT,
          "the secret "
              + uuid.get()
              + " is for "
              + holder.get().usageType()
              + " \""
              + holder.get().usageId()
              + "\", and not for "
              + usage);
    }
  }

  /** Another client may have just defined it. */
  private boolean isForTheUsage(SecretDefinition secret) {
    return secret.usageType().equals(usage.type()) && secret.usageId().equals(usage.name());
  }

  private void define(StoredSecrets stored, Optional<UUID> as, Optional<String> description)
      throws FaultException {
    if (definitions >= MOST_DEFINITIONS) {
      throw new SecretFailedException(
          Reason.CONFLICT,
          "another client defines or removes the secret for " + usage + " again and again");
    }
    SecretDefinitionXml xml = new SecretDefinitionXml();
    xml.ephemeral = ephemeral ? "yes" : "no";
    xml.isPrivate = "yes";
    xml.uuid = as.map(UUID::toString).orElse(null);
    xml.description = description.orElse(null);
    xml.usage = new SecretUsageXml();
    xml.usage.type = usage.type();
    if (usage.isCeph()) {
      xml.usage.name = usage.name();
    } else {
      xml.usage.target = usage.name();
    }
    stored.define(SecretXmlWriter.write(xml));
    // One that libvirt has refused says nothing of others.
    definitions++;
  }
}
