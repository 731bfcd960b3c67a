// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static io.diskplug.domain.DiskBus.SCSI;
import static io.diskplug.internal.alloc.Placing.address;
import static io.diskplug.internal.alloc.Placing.allocate;
import static io.diskplug.internal.alloc.Placing.ask;
import static io.diskplug.internal.alloc.Placing.noRoom;
import static io.diskplug.internal.alloc.Placing.refused;
import static io.diskplug.internal.xml.read.DomainXml.driveAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.NoRoom;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.alloc.Refused.Reason;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXml;
import io.diskplug.internal.xml.read.Fixtures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScsiPlacesTest {

  @Test
  void theFirstFreeUnit() {
    DomainXml pc = DomainXml.pc().scsi(0, "virtio-scsi");
    assertThat(address(pc.live(), SCSI)).isEqualTo("0:0:0:0");
    pc.disk("sda", "scsi", driveAddress(0, 0, 0)).disk("sdb", "scsi", driveAddress(0, 0, 2));
    assertThat(address(pc.live(), SCSI)).isEqualTo("0:0:0:1");
  }

  @Test
  void hostDevicesTakeUnitsAndDrivesOnOtherBusesDoNot() {
    DomainXml pc =
        DomainXml.pc()
            .scsi(0, "virtio-scsi")
            .other("hostdev", "", driveAddress(0, 0, 0))
            .disk("hda", "ide", driveAddress(0, 0, 1))
            .disk("sda", "sata", driveAddress(0, 0, 2));
    assertThat(address(pc.live(), SCSI)).isEqualTo("0:0:0:1");
  }

  @Test
  void aUnitMustBeFreeInBothViews() {
    DomainXml live =
        DomainXml.pc().scsi(0, "virtio-scsi").disk("sda", "scsi", driveAddress(0, 0, 0));
    DomainXml persistent =
        DomainXml.pc().scsi(0, "virtio-scsi").disk("sda", "scsi", driveAddress(0, 0, 1));
    assertThat(address(live.running(persistent), SCSI)).isEqualTo("0:0:0:2");
    assertThat(address(persistent.running(live), SCSI)).isEqualTo("0:0:0:2");
  }

  @Test
  void tensOfThousandsOfControllersAndDisks() {
    DomainXml many = DomainXml.pc();
    for (int i = 0; i < 10_000; i++) {
      many.scsi(i, "virtio-scsi");
      many.other("hostdev", "", driveAddress(i, 0, 0));
    }
    DomainViews views = many.live();
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          assertThat(address(views, SCSI)).isEqualTo("0:0:0:1");
          assertThat(Allocator.capacity(views).scsi().free()).isEqualTo(10_000 * 16_383);
        });
  }

  @Test
  void controllersInOrderOfTheirIndexes() {
    DomainXml pc = DomainXml.pc().scsi(1, "lsilogic").scsi(0, "virtio-scsi");
    assertThat(address(pc.live(), SCSI)).isEqualTo("0:0:0:0");
  }

  @Test
  void theNextControllerWhenOneIsFull() {
    DomainXml pc = DomainXml.pc().scsi(0, "lsilogic").scsi(1, "lsilogic");
    for (int unit = 0; unit < 7; unit++) {
      assertThat(address(pc.live(), SCSI)).isEqualTo("0:0:0:" + unit);
      pc.disk("sd" + (char) ('a' + unit), "scsi", driveAddress(0, 0, unit));
    }
    assertThat(address(pc.live(), SCSI)).isEqualTo("1:0:0:0");
  }

  @Test
  void aControllerMustBeTheSameInBothViews() {
    DomainXml live =
        DomainXml.pc().scsi(0, "virtio-scsi").scsi(1, "lsilogic").scsi(2, "virtio-scsi");
    DomainXml persistent =
        DomainXml.pc().scsi(0, "lsilogic").scsi(1, "vmpvscsi").scsi(2, "virtio-scsi");
    assertThat(address(live.running(persistent), SCSI)).isEqualTo("2:0:0:0");
    assertThat(address(persistent.running(live), SCSI)).isEqualTo("2:0:0:0");
    // These are one model with different PCI faces.
    DomainXml transitional = DomainXml.pc().scsi(0, "virtio-transitional");
    assertThat(address(live.running(transitional), SCSI)).isEqualTo("0:0:0:0");
  }

  @ParameterizedTest
  @CsvSource({
    "virtio-scsi,             16384, 0:0:0:1",
    "virtio-transitional,     16384, 0:0:0:1",
    "virtio-non-transitional, 16384, 0:0:0:1",
    "lsilogic,                    7, 0:0:0:1",
    "vmpvscsi,                   16, 0:0:1:0",
    "lsisas1068,                 16, 0:0:1:0",
    "lsisas1078,                 64, 0:0:1:0",
    "am53c974,                    7, 0:0:0:1",
    "dc390,                       7, 0:0:0:1",
  })
  void eachModelHasItsPlaces(String model, int capacity, String second) {
    DomainXml pc = DomainXml.pc().scsi(0, model);
    List<Demand> demands = new ArrayList<>();
    for (int i = 0; i <= capacity; i++) {
      demands.add(Demand.of(SCSI, "ua-" + i));
    }
    List<Allocation> allocations = Allocator.allocateAll(pc.live(), demands, Occupied.NOTHING);
    assertThat(allocations.subList(0, capacity))
        .allSatisfy(allocation -> assertThat(allocation).isInstanceOf(Placed.class))
        .extracting(allocation -> ((Placed) allocation).placement().address())
        .doesNotHaveDuplicates();
    assertThat(((Placed) allocations.get(1)).placement().address()).hasToString(second);
    assertThat(((Full) allocations.get(capacity)).noRoom().capacity()).isEqualTo(capacity);
    assertThat(Allocator.capacity(pc.live()).scsi().free()).isEqualTo(capacity);
  }

  @Test
  void targetsInUseArePassedOverWhereDisksHaveTargetsOfTheirOwn() {
    DomainXml pc =
        DomainXml.pc()
            .scsi(0, "vmpvscsi")
            .disk("sda", "scsi", driveAddress(0, 0, 0))
            .disk("sdb", "scsi", driveAddress(0, 1, 1))
            .disk("sdc", "scsi", driveAddress(0, 2, 0));
    assertThat(address(pc.live(), SCSI)).isEqualTo("0:0:1:0");
    assertThat(Allocator.capacity(pc.live()).scsi().free()).isEqualTo(14);
  }

  @Test
  void everyTargetOnceBeforeAnyHasASecondDisk() {
    DomainXml pc = DomainXml.pc().scsi(0, "lsisas1068");
    for (int target = 0; target < 7; target++) {
      pc.disk("sd" + (char) ('a' + target), "scsi", driveAddress(0, target, 0));
    }
    pc.disk("sdx", "scsi", driveAddress(0, 0, 1));
    assertThat(address(pc.live(), SCSI)).isEqualTo("0:0:7:0");
    pc.disk("sdh", "scsi", driveAddress(0, 7, 0));
    assertThat(address(pc.live(), SCSI)).isEqualTo("0:0:1:1");
    assertThat(Allocator.capacity(pc.live()).scsi().free()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"buslogic", "auto", "ncr53c90", "quantum", ""})
  void otherModelsAreNotUsed(String model) {
    DomainXml pc = DomainXml.pc().scsi(0, model).device("<controller type='scsi' index='1'/>");
    NoRoom noRoom = noRoom(pc.live(), SCSI);
    assertThat(noRoom.what()).isEqualTo("no SCSI controller in every view");
    assertThat(noRoom.capacity()).isZero();
    assertThat(noRoom.remedy())
        .isEqualTo("add a controller of type scsi and model virtio-scsi to every view");
  }

  @Test
  void aControllerOfAnotherTypeIsNone() {
    DomainXml pc = DomainXml.pc().controller("sata", 0, "virtio-scsi", "");
    assertThat(allocate(pc.live(), SCSI)).isInstanceOf(Full.class);
    // libvirt would add a controller, but of a model that we do not choose.
    assertThat(allocate(pc.shutOff(), SCSI)).isInstanceOf(Full.class);
  }

  @Test
  void controllersAboveAMissingOneAreNotUsed() {
    DomainXml live = DomainXml.pc().scsi(0, "lsilogic").scsi(2, "virtio-scsi").scsi(1, "lsilogic");
    DomainXml persistent = DomainXml.pc().scsi(0, "lsilogic").scsi(2, "virtio-scsi");
    assertThat(Allocator.capacity(live.live()).scsi().free()).isEqualTo(16398);
    assertThat(Allocator.capacity(persistent.shutOff()).scsi().free()).isEqualTo(7);
    assertThat(Allocator.capacity(live.running(persistent)).scsi().free()).isEqualTo(7);
    assertThat(Allocator.capacity(persistent.running(live)).scsi().free()).isEqualTo(7);
    DriveAddress above = new DriveAddress(2, 0, 0, 0);
    assertThat(ask(live.live(), SCSI, above)).isInstanceOf(Placed.class);
    assertThat(refused(ask(live.running(persistent), SCSI, above), Reason.ADDRESS_INVALID).what())
        .endsWith("libvirt would plug SCSI controller 1 first, which is missing");
    DomainXml lacksTheFirst = DomainXml.pc().scsi(1, "virtio-scsi");
    assertThat(noRoom(lacksTheFirst.live(), SCSI).what())
        .isEqualTo("no SCSI controller in every view");
  }

  @Test
  void holdersAreNamed() {
    DomainXml pc = DomainXml.pc().scsi(0, "lsilogic");
    for (int unit = 0; unit < 7; unit++) {
      pc.other("hostdev", "h" + unit, driveAddress(0, 0, unit));
    }
    NoRoom noRoom = noRoom(pc.running(), SCSI);
    assertThat(noRoom.what()).isEqualTo("no free place on a SCSI controller");
    assertThat(noRoom.holders())
        .hasSize(7)
        .startsWith("0:0:0:0: hostdev h0 (live and persistent)")
        .endsWith("0:0:0:6: hostdev h6 (live and persistent)");
  }

  @Test
  void ibmZHasScsiToo() {
    assertThat(address(Fixtures.live("s390x"), SCSI)).isEqualTo("0:0:0:0");
  }

  /** QEMU has no hot-plug on the bus of Power's own controller. */
  @Test
  void aControllerWithoutHotPlugTakesDisksOfADomainThatIsShutOffOnly() {
    DomainXml power = DomainXml.pc().scsi(0, "ibmvscsi");

    assertThat(noRoom(Fixtures.live("pseries"), SCSI).capacity()).isZero();
    assertThat(noRoom(power.live(), SCSI).capacity()).isZero();
    assertThat(noRoom(power.running(power), SCSI).capacity()).isZero();
    assertThat(address(power.shutOff(), SCSI)).isEqualTo("0:0:0:0");
    assertThat(Allocator.allocate(power.shutOff(), Demand.of(SCSI, "ua-new"), Occupied.NOTHING))
        .isInstanceOfSatisfying(
            Placed.class, placed -> assertThat(placed.placement().fixed()).isTrue());
    assertThat(Allocator.capacity(power.shutOff()).scsi().free()).isEqualTo(32);
    // The next one that has hot-plug is taken.
    assertThat(address(power.scsi(1, "virtio-scsi").live(), SCSI)).isEqualTo("1:0:0:0");
  }

  @ParameterizedTest
  @CsvSource({
    "virtio-scsi, 255, 16383",
    "lsilogic, 0, 6",
    "vmpvscsi, 15, 0",
    "lsisas1068, 7, 1",
    "lsisas1078, 63, 0",
    "am53c974, 0, 6",
  })
  void anAddressAskedForIsHonouredWithinTheLimits(String model, int maxTarget, int maxUnit) {
    DomainXml pc = DomainXml.pc().scsi(0, "buslogic").scsi(1, model);
    DriveAddress last = new DriveAddress(1, 0, maxTarget, maxUnit);
    assertThat(ask(pc.live(), SCSI, last))
        .isInstanceOfSatisfying(
            Placed.class, placed -> assertThat(placed.placement().address()).isEqualTo(last));
    for (DriveAddress beyond :
        new DriveAddress[] {
          new DriveAddress(1, 0, maxTarget + 1, 0),
          new DriveAddress(1, 0, 0, maxUnit + 1),
          new DriveAddress(1, 1, 0, 0)
        }) {
      assertThat(refused(ask(pc.live(), SCSI, beyond), Reason.ADDRESS_INVALID).what())
          .isEqualTo(
              "no disk can be plugged at " + beyond + ": no such place on SCSI controller 1");
    }
  }

  @Test
  void anAddressAskedForIsRefusedOnNoController() {
    DomainXml live = DomainXml.pc().scsi(0, "virtio-scsi");
    assertThat(
            refused(
                    ask(live.running(DomainXml.pc()), SCSI, new DriveAddress(0, 0, 0, 0)),
                    Reason.ADDRESS_INVALID)
                .what())
        .endsWith("no SCSI controller 0 that takes disks in every view");
    assertThat(refused(ask(live.live(), SCSI, PciAddress.of(0, 5)), Reason.ADDRESS_INVALID).what())
        .endsWith("a SCSI disk has a drive address");
  }

  @Test
  void anAddressAskedForIsRefusedWithItsHolder() {
    DomainXml live = DomainXml.pc().scsi(0, "virtio-scsi");
    DomainXml persistent =
        DomainXml.pc().scsi(0, "virtio-scsi").disk("sdx", "scsi", driveAddress(0, 4, 5));
    Refused refused =
        refused(
            ask(live.running(persistent), SCSI, new DriveAddress(0, 0, 4, 5)),
            Reason.ADDRESS_TAKEN);
    assertThat(refused).hasToString("address 0:0:4:5 is taken: disk sdx (persistent)");
  }
}
