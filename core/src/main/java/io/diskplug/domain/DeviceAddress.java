// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/**
 * Where a device sits in the guest: a {@link PciAddress}, a {@link DriveAddress}, a {@link
 * CcwAddress}, or another that only its type tells.
 */
public interface DeviceAddress {

  /** The {@code type} attribute of libvirt's {@code <address>} element. */
  String type();

  /**
   * An address of a kind that a disk of this library never takes: usb, isa, spapr-vio and others.
   *
   * @param type libvirt's name of the kind
   */
  static DeviceAddress other(String type) {
    record Other(String type) implements DeviceAddress {

      @Override
      public String toString() {
        return type + " address";
      }
    }
    return new Other(type);
  }
}
