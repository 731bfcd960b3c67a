// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The families of machine types that differ in where disks can be plugged. */
public enum MachineType {
  /** x86 with a conventional PCI root bus ({@code qemuDomainMachineIsI440FX}). */
  I440FX,
  /** x86 with a PCI Express root bus ({@code qemuDomainMachineIsQ35}). */
  Q35,
  /** The {@code virt} machines of Arm, RISC-V and LoongArch: a PCI Express root bus, no chipset. */
  VIRT,
  /** POWER: one or more PCI host bridges ({@code qemuDomainMachineIsPSeries}). */
  PSERIES,
  /** IBM Z: channel devices ({@code qemuDomainMachineIsS390CCW}). */
  S390_CCW,
  /** Any other: only what the XML shows is there. */
  OTHER;

  /**
   * The family of a machine.
   *
   * @param architecture as libvirt names it, for example {@code x86_64}
   * @param machine the machine type, for example {@code pc-q35-7.2}; empty if the XML names none,
   *     which on x86 means {@code pc}
   */
  public static MachineType of(String architecture, String machine) {
    return switch (architecture) {
      case "x86_64", "i686" -> x86(machine);
      case "ppc64", "ppc64le" -> isVersionOf(machine, "pseries") ? PSERIES : OTHER;
      case "s390x", "s390" -> machine.startsWith("s390-ccw") ? S390_CCW : OTHER;
      case "aarch64", "armv7l", "armv6l", "riscv64", "riscv32", "loongarch64" ->
          isVersionOf(machine, "virt") ? VIRT : OTHER;
      default -> OTHER;
    };
  }

  /**
   * The name of the family if it is experimental: its rules were checked with XML alone, and with
   * no QEMU and no guest. Empty for another one.
   */
  public Optional<String> experimentalName() {
    return switch (this) {
      case PSERIES -> Optional.of("pseries");
      case S390_CCW -> Optional.of("s390-ccw");
      case I440FX, Q35, VIRT, OTHER -> Optional.empty();
    };
  }

  /** The model of the root bus that the machine has even if the XML does not list it. */
  @Nullable PciModel rootBus() {
    return switch (this) {
      case I440FX, PSERIES -> PciModel.PCI_ROOT;
      case Q35, VIRT -> PciModel.PCIE_ROOT;
      case S390_CCW, OTHER -> null;
    };
  }

  /**
   * The slots of bus 0 that devices of the chipset take though no XML lists them, as a set of bits:
   * the PIIX3 bridge and its power management in slot 1 ({@code
   * qemuDomainValidateDevicePCISlotsPIIX3}), the ICH9 bridge and its SMBus in slot 0x1f ({@code
   * qemuDomainValidateDevicePCISlotsQ35}).
   */
  int chipsetSlots() {
    return switch (this) {
      case I440FX -> 1 << 1;
      case Q35 -> 1 << 0x1f;
      case VIRT, PSERIES, S390_CCW, OTHER -> 0;
    };
  }

  private static MachineType x86(String machine) {
    if (machine.equals("q35") || machine.startsWith("pc-q35")) {
      return Q35;
    }
    return machine.isEmpty()
            || machine.equals("pc")
            || machine.startsWith("pc-0.")
            || machine.startsWith("pc-1.")
            || machine.startsWith("pc-i440")
            || machine.startsWith("rhel")
        ? I440FX
        : OTHER;
  }

  private static boolean isVersionOf(String machine, String family) {
    return machine.startsWith(family)
        && (machine.length() == family.length() || machine.charAt(family.length()) == '-');
  }
}
