// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

/**
 * What names a libvirt secret besides its UUID: of each type there is one secret for a name at
 * most.
 *
 * @param type the type of the secret
 * @param name the usage id, as {@link SecretRef#usage} takes it
 */
public record SecretUsage(SecretType type, String name) {

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if it is empty, or has a slash or a control character
   */
  public SecretUsage {
    SecretRef unused = SecretRef.usage(name);
  }

  /**
   * The usage of a cephx key.
   *
   * @param name the usage id
   * @throws IllegalArgumentException if it is empty, or has a slash or a control character
   */
  public static SecretUsage ceph(String name) {
    return new SecretUsage(SecretType.CEPH, name);
  }

  /**
   * The usage of a CHAP password.
   *
   * @param name the usage id
   * @throws IllegalArgumentException if it is empty, or has a slash or a control character
   */
  public static SecretUsage iscsi(String name) {
    return new SecretUsage(SecretType.ISCSI, name);
  }

  @Override
  public String toString() {
    return type.xmlName() + " \"" + name + "\"";
  }
}
