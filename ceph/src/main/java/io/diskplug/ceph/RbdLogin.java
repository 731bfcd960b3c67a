// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How a {@link RbdProbe} itself logs in to a cluster. The libvirt secret of a disk is of no use to
 * it: libvirt shows it to QEMU alone. Best is the same cephx user as QEMU's, so that the probe
 * meets the same rights; of other users it tells what they may, not what QEMU may.
 *
 * <p>Immutable, and as safe for threads as the supplier of the key is. {@link #toString} shows no
 * secret.
 */
public final class RbdLogin {

  enum Kind {
    NONE,
    KEY,
    KEYRING,
    CONF
  }

  private final Kind kind;
  private final Optional<String> user;
  private final Optional<Path> file;
  private final Optional<Supplier<byte[]>> key;

  private RbdLogin(
      Kind kind, Optional<String> user, Optional<Path> file, Optional<Supplier<byte[]>> key) {
    user.ifPresent(CephAuth::checkUser);
    this.kind = kind;
    this.user = user;
    this.file = file;
    this.key = key;
  }

  /** Without authentication, for a cluster without cephx. */
  public static RbdLogin none() {
    return new RbdLogin(Kind.NONE, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /**
   * With a cephx key.
   *
   * @param user the cephx user, without the leading {@code client.}
   * @param key gives the key in base64, as {@code ceph auth get-key} prints it; called for each
   *     connection, on any thread. Each time it returns an array of its own, which is overwritten
   *     with zeros when librados has it. librados keeps the key in its own memory as long as the
   *     connection is open. If it throws, the cluster cannot be asked; what it threw is not shown.
   * @throws IllegalArgumentException if the user is empty or starts with {@code client.}
   */
  public static RbdLogin key(String user, Supplier<byte[]> key) {
    return new RbdLogin(Kind.KEY, Optional.of(user), Optional.empty(), Optional.of(key));
  }

  /**
   * With the key in a keyring file.
   *
   * @param user the cephx user, without the leading {@code client.}
   * @param keyring the file, in the format of Ceph's keyrings
   * @throws IllegalArgumentException if the user is empty or starts with {@code client.}
   */
  public static RbdLogin keyring(String user, Path keyring) {
    return new RbdLogin(Kind.KEYRING, Optional.of(user), Optional.of(keyring), Optional.empty());
  }

  /**
   * As a configuration file says. Its monitors are used, not those of the disks. Of its timeouts,
   * its logs and its admin socket nothing is used.
   *
   * @param user the cephx user, without the leading {@code client.}
   * @param conf the {@code ceph.conf}, which names the keyring
   * @throws IllegalArgumentException if the user is empty or starts with {@code client.}
   */
  public static RbdLogin conf(String user, Path conf) {
    return new RbdLogin(Kind.CONF, Optional.of(user), Optional.of(conf), Optional.empty());
  }

  Kind kind() {
    return kind;
  }

  Optional<String> user() {
    return user;
  }

  /** The keyring or the configuration. */
  Optional<Path> file() {
    return file;
  }

  Optional<Supplier<byte[]>> key() {
    return key;
  }

  /** Who logs in, for an explanation. */
  String who() {
    return user.map(name -> "client." + name).orElse("nobody (without cephx)");
  }

  /** User and file, not the key. */
  @Override
  public String toString() {
    return "RbdLogin[" + who() + file.map(path -> ", " + path).orElse("") + "]";
  }
}
