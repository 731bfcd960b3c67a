// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.util.UUID;

/**
 * A libvirt secret by one of its two names. What it holds is no business of the disk that needs it.
 * That it exists is seen by libvirt alone, when the disk is attached.
 */
public sealed interface SecretRef {

  /**
   * A secret by its UUID.
   *
   * @param uuid the UUID
   */
  record ByUuid(UUID uuid) implements SecretRef {}

  /**
   * A secret by its usage.
   *
   * @param usage the usage id: what {@code <name>}, {@code <target>} or {@code <volume>} says in
   *     the {@code <usage>} of the secret
   */
  record ByUsage(String usage) implements SecretRef {

    /**
     * Checks the usage by libvirt's schema ({@code objectName}).
     *
     * @throws IllegalArgumentException if it is empty, or has a slash or a control character
     */
    public ByUsage {
      if (usage.isBlank() || usage.chars().anyMatch(c -> c == '/' || Character.isISOControl(c))) {
        throw new IllegalArgumentException(
            "the usage \"" + usage + "\" of a secret is empty, or has '/' or a control character");
      }
    }
  }

  /**
   * A secret by its UUID.
   *
   * @param uuid the UUID
   */
  static SecretRef uuid(UUID uuid) {
    return new ByUuid(uuid);
  }

  /**
   * A secret by its usage.
   *
   * @param usage the usage id
   * @throws IllegalArgumentException if it is empty, or has a slash or a control character
   */
  static SecretRef usage(String usage) {
    return new ByUsage(usage);
  }
}
