// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.disk.SecretRef;
import io.diskplug.disk.SourceSpec;
import java.util.Locale;
import java.util.UUID;

/**
 * How an image is encrypted, by librbd itself ({@code rbd encryption format}): libvirt's {@code
 * <encryption engine='librbd'>}. By libvirt's documentation it needs QEMU 6.1, and librbd and a
 * cluster of 16.1. libvirt 9.0 was seen to start a domain with such a disk, and to be unable to
 * plug one into a domain that runs: that attach is rejected.
 *
 * <p>The passphrase is in a libvirt secret of usage {@code volume}, and never passes through this
 * library. librbd decrypts when the image is opened; an image that is attached without it shows the
 * guest what is encrypted, and the guest can destroy it.
 *
 * @param format the format
 * @param secret the libvirt secret that holds the passphrase
 */
public record RbdEncryption(Format format, SecretRef secret) {

  /** The format of an encrypted image. */
  public enum Format {
    /** LUKS, version 1. */
    LUKS,
    /** LUKS, version 2. */
    LUKS2,
    /** Whichever of the two librbd finds. Needs QEMU 8.0, and a libvirt later than 9.0. */
    LUKS_ANY;

    /** libvirt's spelling. */
    public String xmlName() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * A format, and a secret by its UUID.
   *
   * @param format the format
   * @param secret the UUID of the libvirt secret
   */
  public RbdEncryption(Format format, UUID secret) {
    this(format, SecretRef.uuid(secret));
  }

  /** The source, decrypted on the way. */
  SourceSpec of(SourceSpec source) {
    return source.withEncryption("librbd", format.xmlName(), secret);
  }
}
