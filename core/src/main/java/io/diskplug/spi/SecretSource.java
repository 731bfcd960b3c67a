// SPDX-License-Identifier: Apache-2.0
package io.diskplug.spi;

import io.diskplug.disk.SecretUsage;
import java.util.Optional;
import java.util.UUID;

/**
 * A libvirt secret that shall exist, and its value. A storage backend implements this.
 *
 * <p>Implementations are as safe for threads as what gives them the value. Neither their {@code
 * toString} nor any exception of theirs shows the value or a part of it.
 */
public interface SecretSource {

  /** What the secret is for, by which it is found again. */
  SecretUsage usage();

  /** The UUID that it shall have, the same on all hosts; libvirt makes one up if there is none. */
  Optional<UUID> uuid();

  /**
   * Whether libvirt shall keep the value in its memory alone, until it ends, and in no file ({@code
   * ephemeral='yes'}).
   */
  boolean ephemeral();

  /**
   * The value as libvirt wants it, from 1 to 65536 bytes. Called once each time that the secret is
   * ensured, by the thread that asks for it.
   *
   * @return an array for this call only, which is overwritten with zeros after use
   * @throws IllegalArgumentException if what the backend was given cannot be such a value
   */
  byte[] value();
}
