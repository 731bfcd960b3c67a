// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * How a caller names a domain. A domain's name is resolved to its UUID once per request. Immutable.
 */
public final class DomainRef {

  private final Optional<UUID> uuid;
  private final Optional<String> name;

  private DomainRef(Optional<UUID> uuid, Optional<String> name) {
    this.uuid = uuid;
    this.name = name;
  }

  /**
   * The domain with this UUID.
   *
   * @param uuid the UUID
   */
  public static DomainRef uuid(UUID uuid) {
    return new DomainRef(Optional.of(uuid), Optional.empty());
  }

  /**
   * The domain that has this name now. A UUID is safer: a name can pass to another domain.
   *
   * @param name the name
   * @throws IllegalArgumentException if it is empty, or has a NUL in it
   */
  public static DomainRef name(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("the name of the domain is empty");
    }
    if (name.indexOf('\0') >= 0) { // which ends a string in C: another name would be meant
      throw new IllegalArgumentException("the name of the domain has a NUL in it");
    }
    return new DomainRef(Optional.empty(), Optional.of(name));
  }

  /** The UUID, if the domain is named by it. */
  public Optional<UUID> byUuid() {
    return uuid;
  }

  /** The name, if the domain is named by it. */
  public Optional<String> byName() {
    return name;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DomainRef ref && uuid.equals(ref.uuid) && name.equals(ref.name);
  }

  @Override
  public int hashCode() {
    return Objects.hash(uuid, name);
  }

  /** The UUID, or the name in quotes. */
  @Override
  public String toString() {
    return uuid.map(UUID::toString).orElseGet(() -> "\"" + name.orElseThrow() + "\"");
  }
}
