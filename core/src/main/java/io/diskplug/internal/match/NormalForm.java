// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import io.diskplug.disk.IoTune;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one spelling in which values of two disk elements are compared. libvirt shows some values in
 * another spelling than it was given, and some values mean the same to QEMU as their absence. Two
 * elements whose normal forms are equal make QEMU do the same.
 *
 * <p>Each rule was seen on libvirt 9.0; docs/libvirt.md lists them ("Values that libvirt
 * rewrites").
 */
public final class NormalForm {

  private static final String LENGTH = "_max_length";

  /** QEMU's length of a burst where none is given, in seconds ({@code throttle_config_init}). */
  private static final String USUAL_LENGTH = "1";

  /** What QEMU tells the guest where no block size is given, in bytes. */
  private static final String USUAL_BLOCK_SIZE = "512";

  /** libvirt's word for a value that is left to it. It takes it, and does not show it. */
  private static final String DEFAULT = "default";

  private static final String DISCARD = "discard";
  private static final String DETECT_ZEROES = "detect_zeroes";
  private static final String UNMAP = "unmap";

  /** The engine that libvirt adds to an {@code <encryption>} without one. */
  private static final String QEMU_ENGINE = "qemu";

  private NormalForm() {}

  /**
   * Limits that are in force. A zero is no limit, and a burst of one second is QEMU's own choice:
   * libvirt leaves a length of 1 behind where a length was taken away ({@code
   * qemuDomainSetBlockIoTuneDefaults}).
   *
   * @param values the values of {@code <iotune>}
   */
  public static Map<String, String> ioTune(Map<String, String> values) {
    Map<String, String> normal = numbers(values);
    normal
        .keySet()
        .removeIf(name -> name.endsWith(LENGTH) && USUAL_LENGTH.equals(normal.get(name)));
    return normal;
  }

  /**
   * The names of the limits in which two disks can differ. libvirt fills in the limits of a disk
   * that names its group alone ({@code virDomainDiskExpandGroupIoTune}).
   */
  static Set<String> limitsToCompare(Map<String, String> expected, Map<String, String> found) {
    if (ioTune(expected).keySet().equals(Set.of(IoTune.GROUP_NAME))) {
      return Set.of(IoTune.GROUP_NAME);
    }
    Set<String> names = new HashSet<>(expected.keySet());
    names.addAll(found.keySet());
    return names;
  }

  /**
   * Block sizes that are not QEMU's own choice.
   *
   * @param attributes the attributes of {@code <blockio>}
   */
  static Map<String, String> blockIo(Map<String, String> attributes) {
    Map<String, String> normal = numbers(attributes);
    normal.values().removeIf(USUAL_BLOCK_SIZE::equals);
    return normal;
  }

  /**
   * What QEMU is told, without what is its own choice. libvirt turns zeroes into discards only
   * where discards are passed on ({@code virDomainDiskGetDetectZeroesMode}).
   *
   * @param attributes the attributes of {@code <driver>}
   */
  static Map<String, String> driver(Map<String, String> attributes) {
    Map<String, String> normal = new HashMap<>();
    attributes.forEach((name, value) -> normal.put(name, number(value)));
    if (UNMAP.equals(normal.get(DETECT_ZEROES)) && !UNMAP.equals(normal.get(DISCARD))) {
      normal.put(DETECT_ZEROES, "on");
    }
    normal.remove(DISCARD, "ignore");
    normal.remove(DETECT_ZEROES, "off");
    normal.values().removeIf(DEFAULT::equals);
    return normal;
  }

  /** The attributes of {@code <driver>} that were asked for, and not left to libvirt. */
  static Set<String> asked(Map<String, String> attributes) {
    Set<String> names = new HashSet<>(attributes.keySet());
    names.removeIf(name -> DEFAULT.equals(attributes.get(name)));
    return names;
  }

  /**
   * Format and engine of an encryption.
   *
   * @param encryption as {@link io.diskplug.domain.StorageSource#encryption}
   */
  static @Nullable String encryption(@Nullable String encryption) {
    return encryption == null || encryption.isEmpty() || encryption.indexOf(' ') >= 0
        ? encryption
        : encryption + " " + QEMU_ENGINE;
  }

  /** A serial; libvirt does not keep an empty one. */
  public static @Nullable String serial(@Nullable String serial) {
    return serial == null || serial.isEmpty() ? null : serial;
  }

  /** Values that are not zero. */
  private static Map<String, String> numbers(Map<String, String> values) {
    Map<String, String> normal = new HashMap<>();
    values.forEach(
        (name, value) -> normal.put(name, name.equals(IoTune.GROUP_NAME) ? value : number(value)));
    normal
        .keySet()
        .removeIf(name -> !name.equals(IoTune.GROUP_NAME) && "0".equals(normal.get(name)));
    return normal;
  }

  /** A decimal number without zeroes before it; anything else unchanged. */
  private static String number(String value) {
    int end = value.length() - 1;
    int start = 0;
    while (start < end && value.charAt(start) == '0') {
      start++;
    }
    return value.chars().allMatch(c -> c >= '0' && c <= '9') ? value.substring(start) : value;
  }
}
