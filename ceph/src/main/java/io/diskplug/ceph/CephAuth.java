// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.disk.SecretRef;
import io.diskplug.disk.SourceSpec;
import java.util.UUID;

/**
 * How to authenticate to the cluster. The key itself is in a libvirt secret of type {@code ceph},
 * which an attach hands on by its name; {@link CephxSecret} puts it there.
 *
 * @param user the cephx user, without the leading {@code client.}
 * @param secret the libvirt secret
 */
public record CephAuth(String user, SecretRef secret) {

  /**
   * Checks the user.
   *
   * @throws IllegalArgumentException if it is empty or starts with {@code client.}
   */
  public CephAuth {
    checkUser(user);
  }

  static void checkUser(String user) {
    if (user.isEmpty() || user.startsWith("client.")) {
      throw new IllegalArgumentException(
          "the cephx user \"" + user + "\" is empty or starts with \"client.\"");
    }
  }

  /**
   * A user, and a secret by its UUID.
   *
   * @param user the cephx user, without the leading {@code client.}
   * @param secret the UUID of the libvirt secret
   */
  public CephAuth(String user, UUID secret) {
    this(user, SecretRef.uuid(secret));
  }

  /** The source as this user. */
  SourceSpec of(SourceSpec source) {
    return source.withUser(user, "ceph", secret);
  }
}
