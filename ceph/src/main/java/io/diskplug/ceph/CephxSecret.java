// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.disk.SecretUsage;
import io.diskplug.spi.SecretSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A libvirt secret of type {@code ceph} with a cephx key, for the disks with {@link CephAuth}.
 *
 * <p>Immutable, and as safe for threads as the supplier of the key is. {@link #toString} and
 * exceptions show no key.
 */
public final class CephxSecret implements SecretSource {

  private final SecretUsage usage;
  private final Optional<UUID> uuid;
  private final boolean ephemeral;
  private final Supplier<byte[]> key;

  private CephxSecret(
      SecretUsage usage, Optional<UUID> uuid, boolean ephemeral, Supplier<byte[]> key) {
    this.usage = usage;
    this.uuid = uuid;
    this.ephemeral = ephemeral;
    this.key = key;
  }

  /**
   * A secret that libvirt keeps over its restarts, with a UUID that libvirt makes up.
   *
   * @param usage its usage id, for example {@code client.cinder}
   * @param key gives the key in base64, as {@code ceph auth get-key} prints it. Each time it
   *     returns an array of its own, which is overwritten with zeros. What it throws reaches the
   *     caller of {@code ensure}.
   * @throws IllegalArgumentException if the usage is empty, or has a slash or a control character
   */
  public static CephxSecret of(String usage, Supplier<byte[]> key) {
    return new CephxSecret(SecretUsage.ceph(usage), Optional.empty(), false, key);
  }

  /**
   * With a UUID of the caller's, the same on all hosts.
   *
   * @param newUuid the UUID
   */
  public CephxSecret withUuid(UUID newUuid) {
    return new CephxSecret(usage, Optional.of(newUuid), ephemeral, key);
  }

  /**
   * Whether libvirt shall keep the key in its memory alone, until it ends.
   *
   * @param newEphemeral whether
   */
  public CephxSecret withEphemeral(boolean newEphemeral) {
    return new CephxSecret(usage, uuid, newEphemeral, key);
  }

  @Override
  public SecretUsage usage() {
    return usage;
  }

  @Override
  public Optional<UUID> uuid() {
    return uuid;
  }

  @Override
  public boolean ephemeral() {
    return ephemeral;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The key without its base64, and without the white space that was around it. QEMU is given it
   * in base64 again, by libvirt.
   *
   * @throws IllegalArgumentException if no cluster could have made the key
   */
  @Override
  public byte[] value() {
    byte[] given = key.get();
    byte[] stripped = CephxKey.strip(given);
    try {
      return CephxKey.decode(stripped)
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "what was given as the key of the secret for " + usage + " is no cephx key"));
    } finally {
      Arrays.fill(given, (byte) 0);
      Arrays.fill(stripped, (byte) 0);
    }
  }

  /** Usage and UUID, not the key. */
  @Override
  public String toString() {
    return "CephxSecret[" + usage + uuid.map(it -> ", " + it).orElse("") + "]";
  }
}
