// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * What makes two disks the same storage, wherever it is reached from: monitors and portals are not
 * part of it.
 *
 * @param kind the kind as in {@link StorageSource#kind()}
 * @param scope what the name is unique in: a Ceph cluster's fsid, or the name that the caller gives
 *     the cluster; empty where names are unique in the world, as iSCSI's are. XML does not show it.
 * @param name the name in the spelling of {@link StorageSource#canonicalName()}
 */
public record SourceIdentity(String kind, String scope, String name) {

  private static final String ALIAS_PREFIX = "ua-dp-";
  private static final int ALIAS_HASH_BYTES = 16;

  /**
   * Checks and canonicalizes.
   *
   * @throws IllegalArgumentException if kind or name is empty
   */
  public SourceIdentity {
    if (kind.isEmpty() || name.isEmpty()) {
      throw new IllegalArgumentException("a source identity needs a kind and a name");
    }
    name = StorageSource.canonicalName(kind, name, null);
  }

  /**
   * The user alias of a disk with this source: {@code ua-dp-} and 32 hexadecimal digits.
   *
   * <p>It depends on the source alone, so that libvirt, which refuses a second disk with the same
   * user alias in either view ({@code virDomainDefValidateAliases}, error 67), refuses a second
   * attachment of the same source, from any client.
   */
  public String alias() {
    MessageDigest sha256 = sha256();
    Stream.of(kind, scope, name)
        .map(part -> part.getBytes(StandardCharsets.UTF_8))
        .forEach(
            part -> {
              // The length in front keeps ("a", "bc") and ("ab", "c") apart.
              sha256.update((part.length + ":").getBytes(StandardCharsets.UTF_8));
              sha256.update(part);
            });
    return ALIAS_PREFIX + HexFormat.of().formatHex(sha256.digest(), 0, ALIAS_HASH_BYTES);
  }

  /**
   * Whether the alias is one that {@link #alias()} makes, of this identity or of another.
   *
   * @param alias the alias of a device
   */
  public static boolean isOwnAlias(String alias) {
    return alias.startsWith(ALIAS_PREFIX);
  }

  /**
   * Whether the XML's source is this storage, under whichever of its names. The scope cannot be
   * compared: XML does not show it.
   *
   * @param source a source as the XML shows it
   */
  public boolean names(StorageSource source) {
    return likeness(source) == Likeness.SAME;
  }

  /**
   * Whether the XML's source may be this storage: the XML does not say which storage it is, and its
   * name contains that of this one.
   *
   * @param source a source as the XML shows it
   */
  public boolean mayName(StorageSource source) {
    return likeness(source) == Likeness.SUSPECT;
  }

  /**
   * Whether the XML says enough of a source to tell whether it is this storage, or may be: a front
   * of another process does not, nor does a device path that can be a name of anything.
   *
   * @param source a source as the XML shows it
   */
  public boolean canTell(StorageSource source) {
    return likeness(source) != Likeness.UNTOLD;
  }

  Likeness likeness(StorageSource source) {
    return SourceNames.likeness(this, source);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
