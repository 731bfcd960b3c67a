// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/**
 * The address of a channel device of an s390x guest.
 *
 * @param cssid the channel subsystem, 0 to 0xfe; virtio devices live in 0xfe
 * @param ssid the subchannel set, 0 to 3
 * @param devno the device number, 0 to 0xffff
 */
public record CcwAddress(int cssid, int ssid, int devno) implements DeviceAddress {

  /** The highest device number. */
  public static final int MAX_DEVNO = 0xffff;

  private static final int VIRTIO_CSSID = 0xfe;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public CcwAddress {
    if (cssid < 0 || cssid > 0xfe || ssid < 0 || ssid > 3 || devno < 0 || devno > MAX_DEVNO) {
      throw new IllegalArgumentException(
          String.format("CCW address out of range: %x.%x.%x", cssid, ssid, devno));
    }
  }

  /**
   * The address with this device number where libvirt puts virtio devices: {@code fe.0.devno}.
   *
   * @param devno the device number, 0 to 0xffff
   */
  public static CcwAddress ofVirtio(int devno) {
    return new CcwAddress(VIRTIO_CSSID, 0, devno);
  }

  /** Whether it is where libvirt puts virtio devices ({@code virDomainCCWAddressAssign}). */
  public boolean isForVirtio() {
    return cssid == VIRTIO_CSSID && ssid == 0;
  }

  @Override
  public String type() {
    return "ccw";
  }

  /** The notation of {@code lscss}: {@code fe.0.0001}. */
  @Override
  public String toString() {
    return String.format("%x.%x.%04x", cssid, ssid, devno);
  }
}
