// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.disk.SecretRef;
import io.diskplug.disk.SourceSpec;
import java.util.UUID;

/**
 * How to authenticate by CHAP. The password itself is in a libvirt secret of type {@code iscsi},
 * which an attach hands on by its name; {@link ChapSecret} puts it there.
 *
 * @param user the CHAP user
 * @param secret the libvirt secret
 */
public record ChapAuth(String user, SecretRef secret) {

  /**
   * Checks the user.
   *
   * @throws IllegalArgumentException if it is empty
   */
  public ChapAuth {
    if (user.isEmpty()) {
      throw new IllegalArgumentException("the CHAP user is empty");
    }
  }

  /**
   * A user, and a secret by its UUID.
   *
   * @param user the CHAP user
   * @param secret the UUID of the libvirt secret
   */
  public ChapAuth(String user, UUID secret) {
    this(user, SecretRef.uuid(secret));
  }

  /** The source as this user. */
  SourceSpec of(SourceSpec source) {
    return source.withUser(user, "iscsi", secret);
  }
}
