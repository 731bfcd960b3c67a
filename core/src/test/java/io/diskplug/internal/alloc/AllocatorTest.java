// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static io.diskplug.domain.DiskBus.SATA;
import static io.diskplug.domain.DiskBus.SCSI;
import static io.diskplug.domain.DiskBus.VIRTIO;
import static io.diskplug.internal.alloc.Placing.noRoom;
import static io.diskplug.internal.alloc.Placing.place;
import static io.diskplug.internal.xml.read.DomainXml.driveAddress;
import static io.diskplug.internal.xml.read.DomainXml.pciAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.Advice;
import io.diskplug.alloc.Capacity;
import io.diskplug.alloc.Capacity.Bus;
import io.diskplug.alloc.Capacity.Room;
import io.diskplug.alloc.NoRoom;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.xml.read.DomainXml;
import io.diskplug.internal.xml.read.Fixtures;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Explanations, batches and capacities. */
class AllocatorTest {

  @Test
  void aPlacementSaysWhatWasSkippedAndWhoHoldsIt() {
    DomainXml live = DomainXml.pc().disk("vda", "virtio", pciAddress(0, 2)).disk("vdc", "ide", "");
    DomainXml persistent =
        DomainXml.pc()
            .disk("vda", "virtio", pciAddress(0, 2))
            .disk("vdb", "virtio", pciAddress(0, 3));
    assertThat(place(live.running(persistent), VIRTIO))
        .isEqualTo(
            new Placement(
                "vdd",
                VIRTIO,
                Placing.ALIAS,
                PciAddress.of(0, 4),
                List.of(
                    "vda: disk vda (live and persistent)",
                    "vdb: disk vdb (persistent)",
                    "vdc: disk vdc (live)",
                    "0000:00:01.0: the chipset",
                    "0000:00:02.0: disk vda (live and persistent)",
                    "0000:00:03.0: disk vdb (persistent)")));
  }

  @Test
  void noRoomNamesTheHolders() {
    DomainXml q35 =
        DomainXml.q35()
            .pci(1, 2, "pcie-root-port")
            .disk("vda", "virtio", pciAddress(1, 0))
            .other("interface", "net0", pciAddress(2, 0));
    assertThat(noRoom(q35.live(), VIRTIO))
        .isEqualTo(
            new NoRoom(
                "no free hot-pluggable PCI slot",
                2,
                List.of("0000:01:00.0: disk vda (live)", "0000:02:00.0: interface net0 (live)"),
                List.of(
                    new Advice(
                        Advice.Kind.FREE_A_PLACE, "detach what holds one of these places"))));
    assertThat(noRoom(q35.running(), VIRTIO).what())
        .isEqualTo("no free hot-pluggable PCI slot in both views");
  }

  @Test
  void aBatchReservesAsItGoes() {
    DomainXml q35 = DomainXml.q35().pci(1, 2, "pcie-root-port").scsi(0, "virtio-scsi");
    List<Allocation> allocations =
        Allocator.allocateAll(
            q35.running(),
            List.of(
                Demand.of(VIRTIO, "ua-1"),
                Demand.of(SATA, "ua-2"),
                Demand.of(VIRTIO, "ua-1"),
                new Demand(VIRTIO, "ua-3", "vda", null),
                new Demand(VIRTIO, "ua-4", null, PciAddress.of(1, 0)),
                Demand.of(VIRTIO, "ua-5"),
                Demand.of(VIRTIO, "ua-6"),
                Demand.of(SCSI, "ua-7"),
                Demand.of(SCSI, "ua-8")),
            Occupied.NOTHING);
    assertThat(allocations)
        .extracting(AllocatorTest::brief)
        .containsExactly(
            "vda 0000:01:00.0",
            "disks on the sata bus cannot be plugged while a guest runs",
            "alias ua-1 is taken: planned for vda",
            "target dev vda is taken: planned for vda",
            "address 0000:01:00.0 is taken: planned for vda",
            "vdb 0000:02:00.0",
            "[0000:01:00.0: planned for vda, 0000:02:00.0: planned for vdb]",
            "sda 0:0:0:0",
            "sdb 0:0:0:1");
  }

  @Test
  void explanationsOfABatchAreOfTheMomentWheneverTheyAreRead() {
    DomainXml q35 = DomainXml.q35().pci(1, 3, "pcie-root-port");
    List<Allocation> allocations =
        Allocator.allocateAll(
            q35.live(),
            List.of(
                Demand.of(VIRTIO, "ua-1"), Demand.of(VIRTIO, "ua-2"), Demand.of(VIRTIO, "ua-3")),
            Occupied.NOTHING);
    assertThat(((Placed) allocations.get(0)).placement().skipped()).isEmpty();
    assertThat(((Placed) allocations.get(1)).placement().skipped())
        .containsExactly("vda: planned for vda", "0000:01:00.0: planned for vda");
  }

  @Test
  void aBatchMixesWhatIsAskedForAndWhatIsChosen() {
    List<Allocation> allocations =
        Allocator.allocateAll(
            DomainXml.pc().live(),
            List.of(
                new Demand(VIRTIO, "ua-1", "vdb", PciAddress.of(0, 3)),
                Demand.of(VIRTIO, "ua-2"),
                Demand.of(VIRTIO, "ua-3")),
            Occupied.NOTHING);
    assertThat(allocations)
        .extracting(AllocatorTest::brief)
        .containsExactly("vdb 0000:00:03.0", "vda 0000:00:02.0", "vdc 0000:00:04.0");
  }

  @Test
  void aBatchOnADomainThatIsShutOffMayNameSeveralBuses() {
    List<Allocation> allocations =
        Allocator.allocateAll(
            DomainXml.q35().pci(1, "pcie-root-port").shutOff(),
            List.of(
                Demand.of(VIRTIO, "ua-1"), Demand.of(VIRTIO, "ua-2"), Demand.of(VIRTIO, "ua-3")),
            Occupied.NOTHING);
    assertThat(allocations)
        .extracting(AllocatorTest::brief)
        .containsExactly("vda 0000:01:00.0", "vdb 0000:02:00.0", "vdc 0000:03:00.0");
  }

  @Test
  void anEmptyBatch() {
    assertThat(Allocator.allocateAll(DomainXml.pc().live(), List.of(), Occupied.NOTHING)).isEmpty();
  }

  @Test
  void capacityCountsWhatIsFreeInBothViewsAndInEach() {
    DomainXml live =
        DomainXml.q35()
            .pci(1, 4, "pcie-root-port")
            .scsi(0, "lsilogic")
            .disk("vda", "virtio", pciAddress(1, 0))
            .disk("sda", "scsi", driveAddress(0, 0, 0));
    DomainXml persistent =
        DomainXml.q35()
            .pci(1, 9, "pcie-root-port")
            .scsi(0, "lsilogic")
            .disk("vda", "virtio", pciAddress(2, 0))
            .disk("sda", "scsi", driveAddress(0, 0, 1))
            .disk("sdb", "scsi", driveAddress(0, 0, 2));
    assertThat(Allocator.capacity(live.running(persistent)))
        .isEqualTo(
            new Capacity(
                new Room(
                    2,
                    3,
                    8,
                    false,
                    List.of(
                        new Bus("PCI bus 1 (pcie-root-port)", 1, 0),
                        new Bus("PCI bus 2 (pcie-root-port)", 1, 0),
                        new Bus("PCI bus 3 (pcie-root-port)", 1, 1),
                        new Bus("PCI bus 4 (pcie-root-port)", 1, 1))),
                new Room(4, 6, 5, false, List.of(new Bus("SCSI controller 0", 7, 4)))));
  }

  @Test
  void capacityOfATransientDomainAndOfOneThatIsShutOff() {
    DomainXml q35 = DomainXml.q35().pci(1, "pcie-root-port");
    Room live = Allocator.capacity(q35.live()).virtio();
    assertThat(live.live()).isEqualTo(1);
    assertThat(live.persistent()).isNull();
    assertThat(live.mayGrow()).isFalse();
    Room shutOff = Allocator.capacity(q35.shutOff()).virtio();
    assertThat(shutOff.live()).isNull();
    assertThat(shutOff.persistent()).isEqualTo(1);
    assertThat(shutOff.mayGrow()).isTrue();
    assertThat(Allocator.capacity(q35.running()).virtio().mayGrow()).isFalse();
    assertThat(Allocator.capacity(q35.shutOff()).scsi().mayGrow()).isFalse();
    assertThat(Allocator.capacity(DomainXml.pc().shutOff()).virtio().mayGrow()).isFalse();
    assertThat(Allocator.capacity(DomainXml.s390x().shutOff()).virtio())
        .isEqualTo(
            new Room(
                65536,
                null,
                65536,
                false,
                List.of(new Bus("channel subsystem fe.0", 65536, 65536))));
  }

  @Test
  void capacityWithoutWhatIsOccupied() {
    Occupied occupied =
        new Occupied(
            Map.of(),
            Map.of(
                PciAddress.of(0, 5),
                "ghost",
                new DriveAddress(0, 0, 0, 3),
                "ghost",
                new DriveAddress(0, 0, 3, 0),
                "on no place",
                new DriveAddress(1, 0, 0, 3),
                "on no place",
                new DriveAddress(1, 0, 3, 0),
                "ghost",
                CcwAddress.ofVirtio(5),
                "ghost",
                new CcwAddress(0xfe, 1, 6),
                "elsewhere"),
            Map.of());
    DomainXml pc = DomainXml.pc().scsi(0, "lsilogic").scsi(1, "lsisas1068");
    Capacity capacity = Allocator.capacity(pc.running(), occupied);
    assertThat(capacity.virtio().free()).isEqualTo(29);
    assertThat(capacity.virtio().live()).isEqualTo(29);
    assertThat(capacity.virtio().persistent()).isEqualTo(29);
    assertThat(capacity.scsi().buses())
        .containsExactly(new Bus("SCSI controller 0", 7, 6), new Bus("SCSI controller 1", 16, 15));
    assertThat(Allocator.capacity(DomainXml.s390x().live(), occupied).virtio().free())
        .isEqualTo(65535);
  }

  @Test
  void capacityOfRealDumps() {
    Capacity pc = Allocator.capacity(Fixtures.views("pc"));
    assertThat(pc.virtio().buses())
        .containsExactly(
            new Bus("PCI bus 0 (pci-root)", 31, 18), new Bus("PCI bus 1 (pci-bridge)", 31, 31));
    assertThat(pc.scsi().free()).isEqualTo(16382);
  }

  private static String brief(Allocation allocation) {
    if (allocation instanceof Placed placed) {
      return placed.placement().targetDev() + " " + placed.placement().address();
    } else if (allocation instanceof Full full) {
      return full.noRoom().holders().toString();
    }
    return allocation.toString();
  }
}
