// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.disk.SecretUsage;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.SecretDefinition;
import io.diskplug.internal.xml.read.DomainXmlException;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.internal.xml.write.SecretDefinitionXml;
import io.diskplug.internal.xml.write.SecretUsageXml;
import io.diskplug.internal.xml.write.SecretXmlWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's secrets of the types ceph and iscsi, by the rules of libvirt's driver ({@code
 * virsecretobj.c}, {@code secret_driver.c}). Used with the host's lock held.
 */
final class SimulatedSecrets {

  private static final int MOST_BYTES = 65536;

  private static final class Stored {
    final SecretDefinition definition;
    final byte @Nullable [] value;

    Stored(SecretDefinition definition, byte @Nullable [] value) {
      this.definition = definition;
      this.value = value;
    }
  }

  private final Map<UUID, Stored> secrets = new HashMap<>();

  /** What the daemon finds when it is started. */
  private final Map<UUID, Stored> files = new HashMap<>();

  Optional<UUID> find(SecretUsage usage) {
    return find(usage.type(), usage.name());
  }

  private Optional<UUID> find(String type, String id) {
    return secrets.entrySet().stream()
        .filter(
            entry -> {
              SecretDefinition definition = entry.getValue().definition;
              return definition.usageType().equals(type) && definition.usageId().equals(id);
            })
        .map(Map.Entry::getKey)
        .findFirst();
  }

  Optional<String> xml(UUID uuid) {
    return Optional.ofNullable(secrets.get(uuid)).map(stored -> xml(uuid, stored.definition));
  }

  private static String xml(UUID uuid, SecretDefinition definition) {
    SecretDefinitionXml xml = new SecretDefinitionXml();
    xml.ephemeral = definition.ephemeral() ? "yes" : "no";
    xml.isPrivate = definition.isPrivate() ? "yes" : "no";
    xml.uuid = uuid.toString();
    xml.description = definition.description().orElse(null);
    xml.usage = new SecretUsageXml();
    xml.usage.type = definition.usageType();
    if (definition.usageType().equals("ceph")) {
      xml.usage.name = definition.usageId();
    } else {
      xml.usage.target = definition.usageId();
    }
    return SecretXmlWriter.write(xml);
  }

  void define(String secretXml) throws FaultException {
    SecretDefinition wanted;
    try {
      wanted = DomainXmlReader.readSecret(secretXml);
    } catch (DomainXmlException e) {
      throw Refusals.notWellFormed(Call.DEFINE_SECRET);
    }
    Stored before = wanted.uuid().map(secrets::get).orElse(null);
    UUID uuid;
    if (before == null) {
      Optional<UUID> holder = find(wanted.usageType(), wanted.usageId());
      if (holder.isPresent()) {
        throw Refusals.usageTaken(holder.get(), wanted.usageId());
      }
      uuid = wanted.uuid().orElseGet(UUID::randomUUID);
    } else {
      uuid = wanted.uuid().orElseThrow();
      // The names are compared, and not the types.
      if (!before.definition.usageId().equals(wanted.usageId())) {
        throw Refusals.uuidTaken(uuid, before.definition.usageId());
      }
      if (before.definition.isPrivate() && !wanted.isPrivate()) {
        throw Refusals.cannotBePublished();
      }
    }
    put(uuid, new Stored(wanted, before == null ? null : before.value));
  }

  private void put(UUID uuid, Stored stored) {
    secrets.put(uuid, stored);
    if (!stored.definition.ephemeral()) {
      files.put(uuid, stored);
    } else {
      // The value is removed from the disk, and the definition stays.
      files.computeIfPresent(uuid, (key, kept) -> new Stored(kept.definition, null));
    }
  }

  void setValue(UUID uuid, byte[] value) throws FaultException {
    if (value.length > MOST_BYTES) {
      throw Refusals.valueTooLong(value.length, MOST_BYTES);
    }
    Stored before = secrets.get(uuid);
    if (before == null) {
      throw Refusals.noSecret(Call.SET_SECRET, uuid);
    }
    put(uuid, new Stored(before.definition, value.clone()));
  }

  boolean remove(UUID uuid) {
    files.remove(uuid);
    return secrets.remove(uuid) != null;
  }

  void daemonStarted() {
    secrets.clear();
    secrets.putAll(files);
  }

  Optional<byte[]> value(SecretUsage usage) {
    return find(usage).map(uuid -> secrets.get(uuid).value).map(byte[]::clone);
  }
}
