// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import static io.diskplug.internal.xml.read.DomainXml.pciAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.View;
import io.diskplug.internal.xml.read.DomainXml;
import org.junit.jupiter.api.Test;

class PciTopologyTest {

  @Test
  void holdsABusForEachController() {
    PciTopology pci =
        pci(
            DomainXml.q35()
                .pci(2, "pcie-root-port")
                .pciHotplugOff(3, "pcie-root-port")
                .pci(5, "pcie-to-pci-bridge")
                .scsi(7, "virtio-scsi"));
    assertThat(pci.busCount()).isEqualTo(6);
    assertThat(pci.isExpress()).isTrue();
    assertThat(pci.bus(0)).hasToString("PCI bus 0 (pcie-root)");
    assertThat(pci.bus(1)).as("a hole").isNull();
    assertThat(pci.bus(2)).hasToString("PCI bus 2 (pcie-root-port)");
    assertThat(pci.bus(3).hotPluggable()).isFalse();
    assertThat(pci.bus(5)).hasToString("PCI bus 5 (pcie-to-pci-bridge)");
    assertThat(pci.bus(6)).isNull();
    assertThat(pci.bus(1000)).isNull();
  }

  @Test
  void addsTheRootBusThatTheMachineHasAnyway() {
    assertThat(root("x86_64", "pc")).hasToString("PCI bus 0 (pci-root)");
    assertThat(root("x86_64", "q35")).hasToString("PCI bus 0 (pcie-root)");
    assertThat(root("aarch64", "virt")).hasToString("PCI bus 0 (pcie-root)");
    assertThat(root("ppc64le", "pseries")).hasToString("PCI bus 0 (pci-root)");
    assertThat(root("s390x", "s390-ccw-virtio")).isNull();
    assertThat(root("x86_64", "microvm")).isNull();
    assertThat(pci(DomainXml.of("x86_64", "microvm")).isExpress()).isFalse();
    assertThat(pci(DomainXml.of("x86_64", "q35")).isExpress()).isTrue();
    assertThat(pci(DomainXml.of("x86_64", "pc")).isExpress()).isFalse();
  }

  @Test
  void aListedRootBusCountsMoreThanTheMachine() {
    DomainXml pc = DomainXml.of("x86_64", "pc").controller("pci", 0, "pci-root", "");
    assertThat(pci(pc.withoutAcpi()).bus(0).hotPluggable()).isFalse();
    assertThat(pci(DomainXml.of("x86_64", "pc").withoutAcpi()).bus(0).hotPluggable()).isTrue();
  }

  @Test
  void countsWholeSlotsOfAllDevicesAndOfTheChipset() {
    PciTopology pci =
        pci(
            DomainXml.pc()
                .controller("pci", 1, "pci-bridge", pciAddress(0, 3))
                .disk("vda", "virtio", pciAddress(0, 4, 1))
                .disk("vdb", "virtio", pciAddress(1, 31))
                .other("rng", "", pciAddress(1, 0))
                .other("sound", "", pciAddress(0, 3, 7)));
    assertThat(pci.slotsTaken(0)).isEqualTo(1 << 1 | 1 << 3 | 1 << 4);
    assertThat(pci.slotsTaken(1)).isEqualTo(1 << 31 | 1);
    assertThat(pci.slotsTaken(2)).isZero();
    assertThat(pci.slotsTaken(1000)).isZero();
    assertThat(pci.slotsFree(0)).isEqualTo(~(1 | 1 << 1 | 1 << 3 | 1 << 4));
    assertThat(pci.slotsFree(1)).isEqualTo(~(1 << 31 | 1));
    assertThat(pci.slotsFree(2)).isZero();
    assertThat(pci.slotsFree(1000)).isZero();
  }

  @Test
  void onlyBusesForDisksHaveFreeSlots() {
    PciTopology pci =
        pci(
            DomainXml.q35()
                .pci(1, "pcie-root-port")
                .pciHotplugOff(2, "pcie-root-port")
                .pci(3, "pcie-to-pci-bridge")
                .pci(4, "pcie-switch-upstream-port"));
    assertThat(pci.slotsFree(0)).as("not hot-pluggable").isZero();
    assertThat(pci.slotsFree(1)).isEqualTo(1);
    assertThat(pci.slotsFree(2)).as("forbidden").isZero();
    assertThat(pci.slotsFree(3)).as("conventional").isZero();
    assertThat(pci.slotsFree(4)).as("takes controllers only").isZero();
    assertThat(pci.isForDisks(pci.bus(1))).isTrue();
    assertThat(pci.isForDisks(pci.bus(3))).isFalse();
    assertThat(pci.slotsTaken(0)).isEqualTo(1 << 31);
  }

  @Test
  void passesOverAddressesThatAreNone() {
    PciTopology pci =
        pci(
            DomainXml.of("aarch64", "virt")
                .other("rng", "", "<address type='pci'/>")
                .other("rng", "", "<address type='pci' domain='1' bus='0' slot='5'/>")
                .other("rng", "", pciAddress(77, 5))
                .other("rng", "", "<address type='isa'/>")
                .other("rng", "r", ""));
    assertThat(pci.busCount()).isEqualTo(1);
    assertThat(pci.slotsTaken(0)).isZero();
  }

  private static PciBus root(String architecture, String machine) {
    return pci(DomainXml.of(architecture, machine)).bus(0);
  }

  private static PciTopology pci(DomainXml domain) {
    return domain.view(View.LIVE).pci();
  }
}
