// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

/** What a libvirt secret is for: a usage names one secret of its type. */
public enum SecretType {
  /** A cephx key, in bytes and not in base64. */
  CEPH("ceph"),
  /** A CHAP password. */
  ISCSI("iscsi");

  private final String xmlName;

  SecretType(String xmlName) {
    this.xmlName = xmlName;
  }

  /** The type as libvirt writes it. */
  public String xmlName() {
    return xmlName;
  }
}
