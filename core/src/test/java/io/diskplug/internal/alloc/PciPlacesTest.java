// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static io.diskplug.domain.DiskBus.VIRTIO;
import static io.diskplug.internal.alloc.Placing.address;
import static io.diskplug.internal.alloc.Placing.allocate;
import static io.diskplug.internal.alloc.Placing.ask;
import static io.diskplug.internal.alloc.Placing.noRoom;
import static io.diskplug.internal.alloc.Placing.place;
import static io.diskplug.internal.alloc.Placing.refused;
import static io.diskplug.internal.xml.read.DomainXml.pciAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.NoRoom;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.alloc.Refused.Reason;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXml;
import io.diskplug.internal.xml.read.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PciPlacesTest {

  @Test
  void firstFreeSlotBehindTheChipsetOnPc() {
    assertThat(address(DomainXml.pc().live(), VIRTIO)).isEqualTo("0000:00:02.0");
    assertThat(address(DomainXml.of("x86_64", "pc").live(), VIRTIO)).isEqualTo("0000:00:02.0");
  }

  @Test
  void slotsInUseArePassedOver() {
    DomainXml pc =
        DomainXml.pc()
            .other("video", "", pciAddress(0, 2))
            .disk("vda", "virtio", pciAddress(0, 3))
            .other("interface", "", pciAddress(0, 5));
    assertThat(address(pc.live(), VIRTIO)).isEqualTo("0000:00:04.0");
  }

  @Test
  void aSlotWithAnyFunctionInUseIsPassedOver() {
    DomainXml pc = DomainXml.pc().other("sound", "", pciAddress(0, 2, 7));
    assertThat(address(pc.live(), VIRTIO)).isEqualTo("0000:00:03.0");
  }

  @Test
  void zeroIsNobodysAddress() {
    DomainXml q35 = DomainXml.q35().pci(1, "pcie-root-port").other("rng", "", pciAddress(0, 0));
    assertThat(address(q35.live(), VIRTIO)).isEqualTo("0000:01:00.0");
    assertThat(q35.live().live().pci().slotsTaken(0)).isEqualTo(1 << 31);
  }

  @Test
  void theNextBusWhenOneIsFull() {
    DomainXml pc = full(DomainXml.pc().pci(1, "pci-bridge").pci(2, "pci-bridge"), 0, 2);
    assertThat(address(pc.live(), VIRTIO)).isEqualTo("0000:01:01.0");
    assertThat(address(full(pc, 1, 1).live(), VIRTIO)).isEqualTo("0000:02:01.0");
  }

  @Test
  void rootPortsHaveSlotZeroOnly() {
    DomainXml q35 = DomainXml.q35().pci(1, 2, "pcie-root-port");
    assertThat(address(q35.live(), VIRTIO)).isEqualTo("0000:01:00.0");
    q35.disk("vda", "virtio", pciAddress(1, 0));
    assertThat(address(q35.live(), VIRTIO)).isEqualTo("0000:02:00.0");
    q35.disk("vdb", "virtio", pciAddress(2, 0));
    assertThat(noRoom(q35.live(), VIRTIO).capacity()).isEqualTo(2);
  }

  @Test
  void anOccupiedPortOfASwitchIsNoPlace() {
    DomainXml q35 =
        DomainXml.q35()
            .pci(1, "pcie-root-port")
            .controller("pci", 2, "pcie-switch-upstream-port", pciAddress(1, 0))
            .controller("pci", 3, "pcie-switch-downstream-port", pciAddress(2, 0));
    assertThat(address(q35.live(), VIRTIO)).isEqualTo("0000:03:00.0");
  }

  @Test
  void rootPortsOnAnExpanderBusAreAsGoodAsOthers() {
    DomainXml q35 =
        DomainXml.q35()
            .pci(1, "pcie-expander-bus")
            .controller("pci", 2, "pcie-root-port", pciAddress(1, 0));
    assertThat(address(q35.live(), VIRTIO)).isEqualTo("0000:02:00.0");
  }

  @Test
  void controllersThatForbidHotPlugArePassedOver() {
    DomainXml q35 = DomainXml.q35().pciHotplugOff(1, "pcie-root-port").pci(2, "pcie-root-port");
    assertThat(address(q35.live(), VIRTIO)).isEqualTo("0000:02:00.0");
    assertThat(address(q35.shutOff(), VIRTIO)).isEqualTo("0000:02:00.0");
  }

  @Test
  void theRootBusOfAPcWithoutAcpiIsPassedOver() {
    DomainXml pc = DomainXml.pc().withoutAcpi().pci(1, "pci-bridge");
    assertThat(address(pc.live(), VIRTIO)).isEqualTo("0000:01:01.0");
  }

  @Test
  void holesInTheIndexesArePassedOver() {
    DomainXml q35 = DomainXml.q35().pci(4, "pcie-root-port");
    assertThat(address(q35.live(), VIRTIO)).isEqualTo("0000:04:00.0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pci-expander-bus",
        "dmi-to-pci-bridge",
        "pcie-switch-upstream-port",
        "pcie-expander-bus",
        "pci-bridge",
        "pcie-to-pci-bridge",
        "pcie-quantum-port"
      })
  void onQ35OtherBusesAreNotChosen(String model) {
    DomainXml q35 = DomainXml.q35().pci(1, model).pci(2, "pcie-root-port");
    assertThat(address(q35.live(), VIRTIO)).isEqualTo("0000:02:00.0");
  }

  @ParameterizedTest
  @CsvSource({
    "aarch64, virt-7.2, pcie-root-port, 0000:01:00.0",
    "riscv64, virt, pcie-root-port, 0000:01:00.0",
  })
  void virtMachinesAreLikeQ35WithoutChipset(
      String architecture, String machine, String model, String address) {
    DomainXml virt = DomainXml.of(architecture, machine).pci(0, "pcie-root").pci(1, model);
    assertThat(address(virt.live(), VIRTIO)).isEqualTo(address);
    assertThat(address(Fixtures.live("virt-aarch64"), VIRTIO)).isEqualTo("0000:02:00.0");
  }

  @Test
  void powerHasSeveralHostBridges() {
    assertThat(address(Fixtures.live("pseries"), VIRTIO)).isEqualTo("0000:00:02.0");
    DomainXml power = DomainXml.of("ppc64le", "pseries").pci(0, 1, "pci-root");
    assertThat(address(full(power, 0, 1).live(), VIRTIO)).isEqualTo("0000:01:01.0");
  }

  @Test
  void aMachineWithoutPciHasNoRoom() {
    NoRoom noRoom = noRoom(DomainXml.of("x86_64", "microvm").live(), VIRTIO);
    assertThat(noRoom.what()).isEqualTo("no free hot-pluggable PCI slot");
    assertThat(noRoom.capacity()).isZero();
    assertThat(noRoom.holders()).isEmpty();
    assertThat(allocate(DomainXml.of("x86_64", "microvm").shutOff(), VIRTIO))
        .isInstanceOf(Full.class);
  }

  @Test
  void aSlotMustBeFreeInBothViews() {
    DomainXml live = DomainXml.pc().disk("vda", "virtio", pciAddress(0, 2));
    DomainXml persistent = DomainXml.pc().disk("vda", "virtio", pciAddress(0, 3));
    assertThat(address(live.running(persistent), VIRTIO)).isEqualTo("0000:00:04.0");
    assertThat(address(persistent.running(live), VIRTIO)).isEqualTo("0000:00:04.0");
  }

  @Test
  void aBusMustExistInBothViews() {
    DomainXml one = DomainXml.q35().pci(1, "pcie-root-port").pci(3, "pcie-root-port");
    DomainXml other = DomainXml.q35().pci(2, 3, "pcie-root-port");
    assertThat(address(one.running(other), VIRTIO)).isEqualTo("0000:03:00.0");
    assertThat(address(other.running(one), VIRTIO)).isEqualTo("0000:03:00.0");
    DomainXml none = DomainXml.q35();
    assertThat(noRoom(none.running(one), VIRTIO).capacity()).isZero();
    // libvirt adds it to the configuration, and to no guest.
    assertThat(address(one.running(none), VIRTIO)).isEqualTo("0000:01:00.0");
  }

  @Test
  void aBusMustBeTheSameInBothViews() {
    DomainXml one =
        DomainXml.q35()
            .pci(1, "pcie-root-port")
            .pciHotplugOff(2, "pcie-root-port")
            .pci(3, "pcie-root-port");
    DomainXml other =
        DomainXml.q35()
            .pci(1, "pcie-switch-downstream-port")
            .pci(2, "pcie-root-port")
            .pci(3, "pcie-root-port");
    assertThat(address(one.running(other), VIRTIO)).isEqualTo("0000:03:00.0");
    assertThat(address(other.running(one), VIRTIO)).isEqualTo("0000:03:00.0");
  }

  @Test
  void ofATransientDomainTheLiveViewCounts() {
    DomainViews views = Fixtures.views("q35");
    assertThat(address(new DomainViews(views.live(), null), VIRTIO)).isEqualTo("0000:0b:00.0");
    assertThat(address(views, VIRTIO)).isEqualTo("0000:0b:00.0");
  }

  @Test
  void realDumps() {
    Placement placement = place(Fixtures.views("pc"), VIRTIO);
    assertThat(placement.targetDev()).isEqualTo("vde");
    assertThat(placement.address()).isEqualTo(PciAddress.of(0, 0xe));
    assertThat(address(Fixtures.live("test-driver"), VIRTIO)).isEqualTo("0000:00:03.0");
  }

  @Test
  void aDomainThatIsShutOffMayGrow() {
    DomainXml q35 =
        DomainXml.q35().pci(1, "pcie-root-port").disk("vda", "virtio", pciAddress(1, 0));
    assertThat(allocate(q35.live(), VIRTIO)).isInstanceOf(Full.class);
    assertThat(allocate(q35.running(), VIRTIO)).isInstanceOf(Full.class);
    Placement placement = place(q35.shutOff(), VIRTIO);
    assertThat(placement.address()).isEqualTo(PciAddress.of(2, 0));
    assertThat(placement.targetDev()).isEqualTo("vdb");
    assertThat(placement.skipped())
        .containsExactly("vda: disk vda (persistent)", "0000:01:00.0: disk vda (persistent)");
  }

  @Test
  void aPcCannotGrowAnyMore() {
    // A pci-bridge would need a slot itself.
    assertThat(allocate(full(DomainXml.pc(), 0, 2).shutOff(), VIRTIO)).isInstanceOf(Full.class);
  }

  @Test
  void powerGrowsByHostBridges() {
    DomainXml power = full(DomainXml.of("ppc64le", "pseries").pci(0, "pci-root"), 0, 1);
    assertThat(place(power.shutOff(), VIRTIO).address()).isNull();
    assertThat(allocate(power.live(), VIRTIO)).isInstanceOf(Full.class);
  }

  @Test
  void nobodyGrowsBeyondTheLastBus() {
    DomainXml q35 = DomainXml.q35();
    for (int bus = 1; bus < 256; bus++) {
      q35.pci(bus, "pcie-root-port").other("rng", "", pciAddress(bus, 0));
    }
    assertThat(noRoom(q35.shutOff(), VIRTIO).capacity()).isEqualTo(255);
  }

  @Test
  void anAddressAskedForIsHonoured() {
    DomainXml pc = DomainXml.pc().pci(1, "pci-bridge");
    for (PciAddress address : new PciAddress[] {PciAddress.of(0, 31), PciAddress.of(1, 1)}) {
      Placement placement = ((Placed) ask(pc.running(), VIRTIO, address)).placement();
      assertThat(placement.address()).isEqualTo(address);
      assertThat(placement.skipped()).isEmpty();
    }
  }

  @Test
  void anAddressAskedForMayBeOnABusOfTheOtherKind() {
    DomainXml q35 = DomainXml.q35().pci(1, "pcie-to-pci-bridge");
    assertThat(ask(q35.running(), VIRTIO, PciAddress.of(1, 5))).isInstanceOf(Placed.class);
  }

  @Test
  void anAddressAskedForIsRefusedWithItsHolder() {
    DomainXml live = DomainXml.pc().disk("vdq", "virtio", pciAddress(0, 9));
    DomainXml persistent = DomainXml.pc().other("interface", "net0", pciAddress(0, 9, 3));
    Refused refused =
        refused(ask(live.running(persistent), VIRTIO, PciAddress.of(0, 9)), Reason.ADDRESS_TAKEN);
    assertThat(refused.holder()).isEqualTo("disk vdq (live), interface net0 (persistent)");
    assertThat(refused)
        .hasToString("address 0000:00:09.0 is taken: disk vdq (live), interface net0 (persistent)");
    refused =
        refused(ask(DomainXml.pc().live(), VIRTIO, PciAddress.of(0, 1)), Reason.ADDRESS_TAKEN);
    assertThat(refused.holder()).isEqualTo("the chipset");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 5, 0, there is PCI domain 0 only",
    "0, 0, 0, 0, libvirt takes it for no address",
    "0, 0, 5, 1, only function 0 of a slot can be plugged",
    "0, 7, 5, 0, the live view has no PCI bus 7",
    "0, 0, 5, 0, PCI bus 0 (pcie-root) is not hot-pluggable in the live view",
    "0, 1, 1, 0, PCI bus 1 (pcie-root-port) has no slot 1 for devices",
    "0, 2, 0, 0, PCI bus 2 (pcie-switch-upstream-port) takes no disks",
    "0, 3, 0, 0, PCI bus 3 (pcie-root-port) is not hot-pluggable in the live view",
    "0, 4, 0, 0, PCI bus 4 (pcie-to-pci-bridge) has no slot 0 for devices",
    "0, 5, 0, 0, the persistent view has no PCI bus 5",
    "0, 6, 0, 0, the views differ in PCI bus 6",
  })
  void anAddressThatCannotBeIsRefused(int domain, int bus, int slot, int function, String problem) {
    DomainXml persistent =
        DomainXml.q35()
            .pci(1, "pcie-root-port")
            .pci(2, "pcie-switch-upstream-port")
            .pci(3, "pcie-root-port")
            .pci(4, "pcie-to-pci-bridge")
            .pci(6, "pcie-switch-downstream-port");
    DomainXml live =
        DomainXml.q35()
            .pci(1, "pcie-root-port")
            .pci(2, "pcie-switch-upstream-port")
            .pciHotplugOff(3, "pcie-root-port")
            .pci(4, "pcie-to-pci-bridge")
            .pci(5, "pcie-switch-downstream-port")
            .pci(6, "pcie-root-port");
    PciAddress address = new PciAddress(domain, bus, slot, function);
    Refused refused =
        refused(ask(live.running(persistent), VIRTIO, address), Reason.ADDRESS_INVALID);
    assertThat(refused.what()).isEqualTo("no disk can be plugged at " + address + ": " + problem);
    assertThat(refused.holder()).isNull();
  }

  @Test
  void anAddressOfAnotherKindIsRefused() {
    Refused refused =
        refused(
            ask(DomainXml.pc().live(), VIRTIO, new DriveAddress(0, 0, 0, 0)),
            Reason.ADDRESS_INVALID);
    assertThat(refused)
        .hasToString(
            "no disk can be plugged at 0:0:0:0: a virtio disk of this machine is a PCI device");
  }

  /** Takes all the slots of a conventional bus from one on. */
  private static DomainXml full(DomainXml domain, int bus, int from) {
    for (int slot = from; slot < 32; slot++) {
      domain.other("rng", "", pciAddress(bus, slot));
    }
    return domain;
  }
}
