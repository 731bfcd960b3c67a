// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the text of a path says of the storage behind it. No file system is looked at: the path is
 * one of the hypervisor's host, which may be another host.
 *
 * <p>The names are those that udev makes: {@code /dev/rbd/POOL[/NAMESPACE]/IMAGE[@SNAPSHOT]}
 * (Ceph's 50-rbd.rules and ceph-rbdnamer), and {@code
 * /dev/disk/by-path/…ip-HOST:PORT-iscsi-IQN-lun-N} (systemd's path_id), each with {@code -partN}
 * for a partition.
 */
final class DevicePaths {

  private static final String RBD = "/dev/rbd/";
  private static final Pattern PARTITION = Pattern.compile("(.+)-part\\d+");
  private static final Pattern LUN =
      Pattern.compile("/dev/disk/by-path/(?:.*-)?ip-.+?-iscsi-(.+)-lun-(\\d+|0x[0-9a-fA-F]{1,16})");

  /**
   * Kernel names of disks that are neither an image of Ceph nor a LUN of iSCSI. Whole names: a
   * volume group may be called {@code mmcblk-vg}. Not among them are what is stacked on other
   * devices (loop, md, dm), and the disks of a host that is a virtual machine itself (vd, xvd, hd):
   * its hypervisor can have the image open for it.
   */
  private static final Pattern OTHER_KERNEL_NAME =
      Pattern.compile("/dev/(?:mmcblk\\d+(?:p\\d+)?|(?:ram|zram|fd|sr)\\d+)");

  private static final Pattern RBD_KERNEL_NAME = Pattern.compile("/dev/rbd\\d+(?:p\\d+)?");
  private static final Pattern NVME_KERNEL_NAME =
      Pattern.compile("/dev/nvme\\d+(?:c\\d+)?n\\d+(?:p\\d+)?");

  private static final int UNPADDED_LUN_DIGITS = 2;
  private static final int LUN_DIGITS = 16;
  private static final int LUN_LEVELS = 4;
  private static final int LEVEL_DIGITS = 4;

  private DevicePaths() {}

  /** A path in one spelling: without empty and {@code .} parts, {@code ..} applied to the text. */
  static String normal(String path) {
    if (!path.startsWith("/")) {
      return path;
    }
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/", -1)) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return "/" + String.join("/", parts);
  }

  /** Whether it is a path of a device, or can be. */
  static boolean isDevice(String normal) {
    return normal.startsWith("/dev/");
  }

  /**
   * The storages whose whole device such a path names, in the spelling of {@link
   * StorageSource#canonicalName()}; none if the text does not say.
   */
  static List<StorageSource> told(String normal) {
    if (normal.startsWith(RBD)) {
      return rbd(normal.substring(RBD.length()));
    }
    Matcher lun = LUN.matcher(normal);
    return lun.matches() ? luns(lun.group(1), lun.group(2)) : List.of();
  }

  /** The path of the whole device, if it can be that of a partition; else empty. */
  static String whole(String normal) {
    Matcher partition = PARTITION.matcher(normal);
    return partition.matches() ? partition.group(1) : "";
  }

  private static List<StorageSource> rbd(String name) {
    int slashes = (int) name.chars().filter(c -> c == '/').count();
    return slashes == 1 || slashes == 2
        ? List.of(new StorageSource("rbd", name, null, List.of()))
        : List.of();
  }

  private static List<StorageSource> luns(String iqn, String number) {
    List<StorageSource> luns = new ArrayList<>();
    for (long lun : lunNumbers(number)) {
      String name = iqn.toLowerCase(Locale.ROOT) + "/" + Long.toUnsignedString(lun);
      luns.add(new StorageSource("iscsi", name, null, List.of()));
    }
    return luns;
  }

  /**
   * Below 256 it is decimal. Else it is the address of SAM: four levels of four hexadecimal digits,
   * the first level in front. The kernel's number has the first level in its lowest 16 bits ({@code
   * scsilun_to_int}). The first two bits of a level are 01 in the flat space; the kernel keeps them
   * in its number.
   */
  private static Set<Long> lunNumbers(String number) {
    if (!number.startsWith("0x")) {
      return number.length() > 9 ? Set.of() : flat(Long.parseLong(number));
    }
    String digits = number.substring(UNPADDED_LUN_DIGITS);
    if (digits.length() < LUN_DIGITS) {
      return flat(Long.parseLong(digits, 16));
    }
    long lun = 0;
    for (int level = 0; level < LUN_LEVELS; level++) {
      int at = level * LEVEL_DIGITS;
      lun |= Long.parseLong(digits.substring(at, at + LEVEL_DIGITS), 16) << (level * Short.SIZE);
    }
    return flat(lun);
  }

  private static Set<Long> flat(long lun) {
    boolean oneLevel = lun >= 0 && lun <= 0xffff;
    return oneLevel && (lun & 0xc000) == 0x4000 ? Set.of(lun, lun & 0x3fff) : Set.of(lun);
  }

  /** The number of a LUN without the bits of the flat space, if it has them. */
  static String withoutFlatSpace(String number) {
    return number.length() > 9
        ? number
        : String.valueOf(Collections.min(flat(Long.parseLong(number))));
  }

  /**
   * Whether a path can be that of a storage of this kind, and the text does not say of which one.
   * Gateways of Ceph export images as LUNs and by NVMe over Fabrics.
   *
   * @param isBlock whether the XML says that it is a device, wherever its path is: it can be a link
   */
  static boolean canBe(String kind, String normal, boolean isBlock) {
    if (!(isBlock || isDevice(normal)) || OTHER_KERNEL_NAME.matcher(normal).matches()) {
      return false;
    }
    return switch (kind) {
      case "iscsi" ->
          !RBD_KERNEL_NAME.matcher(normal).matches()
              && !NVME_KERNEL_NAME.matcher(normal).matches()
              && !normal.startsWith(RBD);
      default -> true;
    };
  }
}
