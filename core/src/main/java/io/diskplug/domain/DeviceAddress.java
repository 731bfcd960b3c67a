// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/**
 * Where a device sits in the guest: a {@link PciAddress}, a {@link DriveAddress}, a {@link
 * CcwAddress}, or another that only its type tells.
 */
public interface DeviceAddress {

  /** The {@code type} attribute of libvirt's {@code <address>} element. */
  String type();
}
