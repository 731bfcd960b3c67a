// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.DeviceAddress;

/**
 * An address of a kind that a disk of this library never takes: usb, isa, spapr-vio and others.
 *
 * @param type libvirt's name of the kind
 */
public record OtherAddress(String type) implements DeviceAddress {

  /** Names the kind: {@code usb address}. */
  @Override
  public String toString() {
    return type + " address";
  }
}
