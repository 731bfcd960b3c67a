// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.UUID;

/** How a caller names a domain. A domain's name is resolved to its UUID once per request. */
public sealed interface DomainRef {

  /**
   * The domain with this UUID.
   *
   * @param uuid the UUID
   */
  static DomainRef uuid(UUID uuid) {
    return new ByUuid(uuid);
  }

  /**
   * The domain that has this name now. A UUID is safer: a name can pass to another domain.
   *
   * @param name the name
   * @throws IllegalArgumentException if it is empty, or has a NUL in it
   */
  static DomainRef name(String name) {
    return new ByName(name);
  }

  /**
   * A domain by its UUID.
   *
   * @param uuid the UUID
   */
  record ByUuid(UUID uuid) implements DomainRef {
    @Override
    public String toString() {
      return uuid.toString();
    }
  }

  /**
   * A domain by its name.
   *
   * @param name the name
   */
  record ByName(String name) implements DomainRef {
    /** Refuses what is not a name. */
    public ByName {
      if (name.isEmpty()) {
        throw new IllegalArgumentException("the name of the domain is empty");
      }
      if (name.indexOf('\0') >= 0) { // which ends a string in C: another name would be meant
        throw new IllegalArgumentException("the name of the domain has a NUL in it");
      }
    }

    @Override
    public String toString() {
      return "\"" + name + "\"";
    }
  }
}
