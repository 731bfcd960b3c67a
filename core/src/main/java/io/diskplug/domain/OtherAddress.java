// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/**
 * An address of a kind that a disk of ours never takes (usb, isa, virtio-serial, spapr-vio, …).
 *
 * @param type libvirt's name for the kind
 */
record OtherAddress(String type) implements DeviceAddress {

  /** The kind: {@code usb address}. */
  @Override
  public String toString() {
    return type + " address";
  }
}
