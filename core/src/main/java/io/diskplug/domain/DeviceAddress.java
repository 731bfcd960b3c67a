// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/** Where a device sits in the guest. */
public sealed interface DeviceAddress permits PciAddress, DriveAddress, CcwAddress, OtherAddress {

  /** The {@code type} attribute of libvirt's {@code <address>} element. */
  String type();

  /**
   * An address of a kind that a disk of this library never takes: usb, isa, spapr-vio and others.
   *
   * @param type libvirt's name of the kind
   */
  static DeviceAddress other(String type) {
    return new OtherAddress(type);
  }
}
