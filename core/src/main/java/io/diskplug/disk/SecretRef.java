// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * A libvirt secret by one of its two names: never what it holds. Whether it exists is seen by
 * libvirt alone, when the disk is attached. Immutable.
 */
public final class SecretRef {

  private final Optional<UUID> uuid;
  private final Optional<String> usage;

  private SecretRef(Optional<UUID> uuid, Optional<String> usage) {
    this.uuid = uuid;
    this.usage = usage;
  }

  /**
   * A secret by its UUID.
   *
   * @param uuid the UUID
   */
  public static SecretRef uuid(UUID uuid) {
    return new SecretRef(Optional.of(uuid), Optional.empty());
  }

  /**
   * A secret by its usage. What libvirt's schema ({@code objectName}) forbids is refused here.
   *
   * @param usage the usage id: what {@code <name>}, {@code <target>} or {@code <volume>} says in
   *     the {@code <usage>} of the secret
   * @throws IllegalArgumentException if it is blank, or has a slash or a control character
   */
  public static SecretRef usage(String usage) {
    if (usage.isBlank() || usage.chars().anyMatch(c -> c == '/' || Character.isISOControl(c))) {
      throw new IllegalArgumentException(
          "the usage \"" + usage + "\" of a secret is empty, or has '/' or a control character");
    }
    return new SecretRef(Optional.empty(), Optional.of(usage));
  }

  /** The UUID, if the secret is named by it. */
  public Optional<UUID> byUuid() {
    return uuid;
  }

  /** The usage id, if the secret is named by it. */
  public Optional<String> byUsage() {
    return usage;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SecretRef ref && uuid.equals(ref.uuid) && usage.equals(ref.usage);
  }

  @Override
  public int hashCode() {
    return Objects.hash(uuid, usage);
  }

  /** The UUID, or the usage id in quotes. */
  @Override
  public String toString() {
    return uuid.map(UUID::toString).orElseGet(() -> "\"" + usage.orElseThrow() + "\"");
  }
}
