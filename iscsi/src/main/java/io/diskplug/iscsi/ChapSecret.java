// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.disk.SecretUsage;
import io.diskplug.spi.SecretSource;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A libvirt secret of type {@code iscsi} with a CHAP password, for the disks with {@link ChapAuth}.
 *
 * <p>Immutable, and as safe for threads as the supplier of the password is. {@link #toString} and
 * exceptions show no password.
 */
public final class ChapSecret implements SecretSource {

  /** {@code MAX_STRING_SIZE} of libiscsi, which cuts off what is behind without a word. */
  private static final int MOST_BYTES = 255;

  private final SecretUsage usage;
  private final Optional<UUID> uuid;
  private final boolean ephemeral;
  private final Supplier<byte[]> password;

  private ChapSecret(
      SecretUsage usage, Optional<UUID> uuid, boolean ephemeral, Supplier<byte[]> password) {
    this.usage = usage;
    this.uuid = uuid;
    this.ephemeral = ephemeral;
    this.password = password;
  }

  /**
   * A secret that libvirt keeps over its restarts, with a UUID that libvirt makes up.
   *
   * @param usage its usage id, which libvirt calls its target
   * @param password gives the password, in UTF-8. Each time it returns an array of its own, which
   *     is overwritten with zeros.
   * @throws IllegalArgumentException if the usage is empty, or has a slash or a control character
   */
  public static ChapSecret of(String usage, Supplier<byte[]> password) {
    return new ChapSecret(SecretUsage.iscsi(usage), Optional.empty(), false, password);
  }

  /**
   * With a UUID of the caller's, the same on all hosts.
   *
   * @param newUuid the UUID
   */
  public ChapSecret withUuid(UUID newUuid) {
    return new ChapSecret(usage, Optional.of(newUuid), ephemeral, password);
  }

  /**
   * Whether libvirt shall keep the password in its memory alone, until it ends.
   *
   * @param newEphemeral whether
   */
  public ChapSecret withEphemeral(boolean newEphemeral) {
    return new ChapSecret(usage, uuid, newEphemeral, password);
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
   * @throws IllegalArgumentException if the password is empty, with which libiscsi logs in without
   *     CHAP; if it has more than 255 bytes; if it is not UTF-8, or has a control character, such
   *     as the end of the line in a file: QEMU takes text alone
   */
  @Override
  public byte[] value() {
    byte[] given = password.get();
    if (given.length == 0 || given.length > MOST_BYTES || !isText(given)) {
      Arrays.fill(given, (byte) 0);
      throw new IllegalArgumentException(
          "the password of the secret for "
              + usage
              + " is empty, has more than "
              + MOST_BYTES
              + " bytes, is not UTF-8, or has a control character");
    }
    return given;
  }

  private static boolean isText(byte[] bytes) {
    char[] decoded = new char[bytes.length];
    try {
      CharBuffer text = CharBuffer.wrap(decoded);
      boolean malformed =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes), text, true).isError();
      return !malformed && text.flip().chars().noneMatch(Character::isISOControl);
    } finally {
      Arrays.fill(decoded, '\0');
    }
  }

  /** Usage and UUID, not the password. */
  @Override
  public String toString() {
    return "ChapSecret[" + usage + uuid.map(it -> ", " + it).orElse("") + "]";
  }
}
