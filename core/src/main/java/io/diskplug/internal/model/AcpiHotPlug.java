// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells in which PCI slots a guest may learn by ACPI that a device is to go. */
public final class AcpiHotPlug {

  private static final Pattern Q35 = Pattern.compile("pc-q35-([0-9]{1,4})\\.([0-9]{1,4})");

  private AcpiHotPlug() {}

  /**
   * Whether ACPI may be what unplugs the PCI devices of a domain.
   *
   * <p>It is ACPI on every {@code pc}, and on {@code q35} from machine type 6.1 on ({@code
   * pc_compat_6_0} in {@code hw/i386/pc.c} of QEMU turns it off for the older ones, whose root
   * ports have hot-plug of their own). libvirt has no element for it. Where a machine type does not
   * tell, the answer is true. {@code virt} has hot-plug of the ports, {@code pseries} that of its
   * firmware.
   *
   * @param live the live view
   */
  public static boolean mayUnplug(DomainView live) {
    return switch (live.machineType()) {
      case I440FX, OTHER -> true;
      case Q35 -> !isBefore61(live.machine());
      case VIRT, PSERIES, S390_CCW -> false;
    };
  }

  private static boolean isBefore61(String machine) {
    Matcher version = Q35.matcher(machine);
    if (!version.matches()) {
      return false;
    }
    int major = Integer.parseInt(version.group(1));
    return major < 6 || (major == 6 && Integer.parseInt(version.group(2)) < 1);
  }
}
