// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.util.Objects;

/**
 * What names a libvirt secret besides its UUID: of each type there is one secret for a name at
 * most. Immutable.
 */
public final class SecretUsage {

  private static final String CEPH = "ceph";

  private final String type;
  private final String name;

  private SecretUsage(String type, String name) {
    SecretRef unused = SecretRef.usage(name);
    this.type = type;
    this.name = name;
  }

  /**
   * The usage of a cephx key, which the secret holds in bytes and not in base64.
   *
   * @param name the usage id, as {@link SecretRef#usage} takes it
   * @throws IllegalArgumentException if it is blank, or has a slash or a control character
   */
  public static SecretUsage ceph(String name) {
    return new SecretUsage(CEPH, name);
  }

  /**
   * The usage of a CHAP password.
   *
   * @param name the usage id, as {@link SecretRef#usage} takes it
   * @throws IllegalArgumentException if it is blank, or has a slash or a control character
   */
  public static SecretUsage iscsi(String name) {
    return new SecretUsage("iscsi", name);
  }

  /** libvirt's name of the type: {@code ceph} or {@code iscsi}. */
  public String type() {
    return type;
  }

  /** Whether it is that of a cephx key; else it is that of a CHAP password. */
  public boolean isCeph() {
    return type.equals(CEPH);
  }

  /** The usage id. */
  public String name() {
    return name;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SecretUsage usage && type.equals(usage.type) && name.equals(usage.name);
  }

  @Override
  public int hashCode() {
    return Objects.hash(type, name);
  }

  /** Type and name: {@code ceph "client.libvirt"}. */
  @Override
  public String toString() {
    return type + " \"" + name + "\"";
  }
}
