// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.DiskBus;
import java.util.List;

/**
 * The names of target devs: a prefix and an index in bijective base 26 ({@code vda}, …, {@code
 * vdz}, {@code vdaa}), as in libvirt's {@code virDiskNameParse} and {@code virIndexToDiskName}.
 */
public final class TargetDev {

  private static final int LETTERS = 26;

  private static final List<String> PREFIXES = List.of("hd", "vd", "sd", "xvd", "ubd");

  private TargetDev() {}

  /**
   * What the target devs of a bus begin with. libvirt does not tie names to buses, people do.
   *
   * @param bus the bus
   */
  public static String prefix(DiskBus bus) {
    return switch (bus) {
      case VIRTIO -> "vd";
      case IDE -> "hd";
      case FDC -> "fd";
      case XEN -> "xvd";
      case UML -> "ubd";
      case SCSI, SATA, USB, SD, OTHER -> "sd";
    };
  }

  /**
   * The name with this index.
   *
   * @param prefix the prefix, for example {@code vd}
   * @param index the index, 0 or more
   */
  public static String name(String prefix, int index) {
    if (index < LETTERS) {
      return prefix + (char) ('a' + index);
    }
    return name(prefix, index / LETTERS - 1) + (char) ('a' + index % LETTERS);
  }

  /**
   * Whether libvirt accepts the name for a disk ({@code virDiskNameParse}): a prefix that it knows
   * and letters, without the number of a partition. {@code fd} is for floppy drives only.
   *
   * @param name the target dev
   */
  public static boolean isValid(String name) {
    return PREFIXES.stream().anyMatch(prefix -> index(prefix, name) >= 0);
  }

  /**
   * The index of a name, or -1 if it is none with this prefix.
   *
   * @param prefix the prefix, for example {@code vd}
   * @param name the target dev
   */
  public static int index(String prefix, String name) {
    if (!name.startsWith(prefix) || name.length() == prefix.length()) {
      return -1;
    }
    long index = 0;
    for (int i = prefix.length(); i < name.length(); i++) {
      char c = name.charAt(i);
      if (c < 'a' || c > 'z') {
        return -1;
      }
      index = index * LETTERS + (c - 'a' + 1);
      if (index > Integer.MAX_VALUE) {
        return -1;
      }
    }
    return (int) index - 1;
  }
}
