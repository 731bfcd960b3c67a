// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineTypeTest {

  @ParameterizedTest
  @CsvSource({
    "x86_64, pc, I440FX",
    "x86_64, pc-i440fx-7.2, I440FX",
    "x86_64, pc-i440fx-rhel7.6.0, I440FX",
    "i686, pc-0.12, I440FX",
    "x86_64, pc-1.3, I440FX",
    "x86_64, rhel6.6.0, I440FX",
    "x86_64, '', I440FX",
    "i686, '', I440FX",
    "x86_64, q35, Q35",
    "x86_64, pc-q35-7.2, Q35",
    "x86_64, pc-q35-rhel9.2.0, Q35",
    "x86_64, microvm, OTHER",
    "x86_64, isapc, OTHER",
    "x86_64, pcx, OTHER",
    "x86_64, q35-2, OTHER",
    "x86_64, xenfv, OTHER",
    "aarch64, virt, VIRT",
    "aarch64, virt-7.2, VIRT",
    "aarch64, virt.x, OTHER",
    "aarch64, virtual, OTHER",
    "aarch64, raspi3b, OTHER",
    "aarch64, '', OTHER",
    "armv7l, virt, VIRT",
    "armv6l, virt, VIRT",
    "riscv64, virt, VIRT",
    "riscv32, virt, VIRT",
    "loongarch64, virt, VIRT",
    "ppc64, virt, OTHER",
    "ppc64, pseries, PSERIES",
    "ppc64le, pseries-rhel8.6.0, PSERIES",
    "ppc64le, powernv9, OTHER",
    "s390x, s390-ccw-virtio, S390_CCW",
    "s390x, s390-ccw-virtio-rhel9.2.0, S390_CCW",
    "s390, s390-ccw, S390_CCW",
    "s390x, s390-virtio, OTHER",
    "sparc64, sun4u, OTHER",
    "riscv128, virt, OTHER",
  })
  void knowsTheFamilies(String architecture, String machine, MachineType family) {
    assertThat(MachineType.of(architecture, machine)).isEqualTo(family);
  }

  @ParameterizedTest
  @CsvSource({
    "I440FX, PCI_ROOT, 2",
    "Q35, PCIE_ROOT, 80000000",
    "VIRT, PCIE_ROOT, 0",
    "PSERIES, PCI_ROOT, 0",
    "S390_CCW,, 0",
    "OTHER,, 0",
  })
  void knowsWhatEachHasWithoutSayingSo(MachineType machine, PciModel root, String slots) {
    assertThat(machine.rootBus()).isEqualTo(root);
    assertThat(machine.chipsetSlots()).isEqualTo(Integer.parseUnsignedInt(slots, 16));
  }
}
