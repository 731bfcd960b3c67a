// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/**
 * An address of a kind that a disk of ours never takes (usb, isa, virtio-serial, spapr-vio, …).
 *
 * @param type libvirt's name for the kind
 */
public record OtherAddress(String type) implements DeviceAddress {}
