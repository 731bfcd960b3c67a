// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import java.time.Duration;

/**
 * A limit of what a disk does in a second, and how far it may be exceeded for a while: one of the
 * leaky buckets of QEMU's throttling. The unit is bytes or operations, as its place in {@link
 * IoTune} says.
 *
 * @param perSecond how much for each second, for long; zero is no limit
 * @param burst how much for each second in a burst, libvirt's {@code *_max}; zero leaves it to
 *     QEMU, which allows a tenth of a second's worth at once
 * @param burstLength how long a burst may last, libvirt's {@code *_max_length}, in whole seconds;
 *     zero leaves it to QEMU, which allows one second
 */
public record IoLimit(long perSecond, long burst, Duration burstLength) {

  /** No limit. */
  public static final IoLimit NONE = IoLimit.of(0);

  /** {@code QEMU_BLOCK_IOTUNE_MAX} of libvirt, {@code THROTTLE_VALUE_MAX} of QEMU. */
  static final long MOST = 1_000_000_000_000_000L;

  /**
   * Checks the limit by the rules of libvirt and QEMU ({@code throttle_is_valid}).
   *
   * @throws IllegalArgumentException if a number is negative or more than 10<sup>15</sup>, a burst
   *     has no limit or is below it, or the length of a burst is negative, not in whole seconds,
   *     without a burst, or so long that the whole burst is more than 10<sup>15</sup>
   */
  public IoLimit {
    check("a limit", perSecond);
    check("a burst", burst);
    if (burst > 0 && burst < perSecond) {
      throw new IllegalArgumentException(
          "a burst of " + burst + " is below the limit of " + perSecond);
    }
    if (burst > 0 && perSecond == 0) {
      throw new IllegalArgumentException("a burst of " + burst + " needs a limit");
    }
    if (burstLength.isNegative()
        || !burstLength.equals(Duration.ofSeconds(burstLength.toSeconds()))) {
      throw new IllegalArgumentException(
          "the length of a burst, " + burstLength + ", is negative or not in whole seconds");
    }
    if (!burstLength.isZero() && burst == 0) {
      throw new IllegalArgumentException(
          "the length of a burst, " + burstLength + ", needs a burst");
    }
    if (burst > 0 && burstLength.toSeconds() > MOST / burst) {
      throw new IllegalArgumentException(
          "a burst of " + burst + " for " + burstLength + " is more than " + MOST);
    }
  }

  /**
   * A limit whose bursts are left to QEMU.
   *
   * @param perSecond how much for each second; zero is no limit
   */
  public static IoLimit of(long perSecond) {
    return new IoLimit(perSecond, 0, Duration.ZERO);
  }

  /**
   * The same with bursts.
   *
   * @param perSecond how much for each second in a burst, not below the limit
   * @param length how long a burst may last, in whole seconds; zero is QEMU's one second
   */
  public IoLimit withBurst(long perSecond, Duration length) {
    return new IoLimit(this.perSecond, perSecond, length);
  }

  /** Whether there is a limit at all. */
  public boolean isLimited() {
    return perSecond > 0;
  }

  static void check(String what, long value) {
    if (value < 0 || value > MOST) {
      throw new IllegalArgumentException(what + " of " + value + " is not between 0 and " + MOST);
    }
  }
}
