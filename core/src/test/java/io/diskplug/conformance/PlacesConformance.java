// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.Controller;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Addresses, buses and controllers: where a disk comes to sit. */
public abstract class PlacesConformance extends ConformanceSuite {

  private static List<Integer> pciIndexes(Subject subject, View view) throws FaultException {
    return subject.view(view).controllers().stream()
        .filter(Controller::isPci)
        .map(Controller::index)
        .toList();
  }

  @Test
  void withoutAnAddressEachViewGetsItsOwn() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), IN_LIVE);

    pc.attach(disk("vdc"), BOTH);

    assertThat(pc.config("vdc").address()).isEqualTo(pc.live("vdb").address());
    assertThat(pc.live("vdc").address()).isNotEqualTo(pc.config("vdc").address());
  }

  @Test
  void withoutAnAddressItIsTheLowestFreeSlot() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    PciAddress first = (PciAddress) pc.live("vdb").address();

    pc.attach(disk("vdc").at(0, first.slot() + 1), BOTH);
    pc.attach(disk("vdd"), BOTH);

    assertThat(pc.live("vdd").address()).isEqualTo(PciAddress.of(0, first.slot() + 2));
    assertThat(pc.config("vdd").address()).isEqualTo(PciAddress.of(0, first.slot() + 2));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void anAddressThatIsTakenIsRefusedInEitherView(View view) throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb").at(0, 0x10), BOTH);
    DiskElement other = disk("vdc").at(0, 0x10);

    pc.unchanged(() -> refused(27, Condition.ADDRESS_TAKEN, () -> pc.attach(other, Set.of(view))));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void anAddressThatOneViewHasIsRefusedForBoth(View has) throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb").at(0, 0x10), Set.of(has));
    DiskElement other = disk("vdc").at(0, 0x10);

    pc.unchanged(() -> refused(27, Condition.ADDRESS_TAKEN, () -> pc.attach(other, BOTH)));
  }

  @Test
  void anAddressThatThePersistentViewUsesIsFreeForALiveAttach() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb").at(0, 0x10), IN_CONFIG);

    pc.attach(disk("vdc").at(0, 0x10), IN_LIVE);

    assertThat(pc.live("vdc").address()).isEqualTo(pc.config("vdb").address());
  }

  @Test
  void theZeroAddressIsNone() throws Exception {
    Subject pc = pc();

    pc.attach(disk("vdb").at(0, 0), BOTH);

    assertThat(((PciAddress) pc.live("vdb").address()).isZero()).isFalse();
    assertThat(((PciAddress) pc.config("vdb").address()).isZero()).isFalse();
  }

  @Test
  void anotherFunctionThanTheFirstCannotBeHotPlugged() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").at(new PciAddress(0, 0, 0x10, 1));

    pc.unchanged(() -> refused(1, Condition.OTHER, () -> pc.attach(disk, IN_LIVE)));
  }

  @Test
  void theSlotsOfTheChipsetAreTaken() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").at(0, 1);

    pc.unchanged(() -> refused(27, Condition.ADDRESS_TAKEN, () -> pc.attach(disk, BOTH)));
  }

  @Test
  void aBusThatIsNotThereIsRefusedByTheLiveView() throws Exception {
    Subject q35 = q35();
    DiskElement disk = disk("vdb").at(12, 0);

    q35.unchanged(() -> refused(27, Condition.BAD_REQUEST, () -> q35.attach(disk, IN_LIVE)));
    q35.unchanged(() -> refused(27, Condition.BAD_REQUEST, () -> q35.attach(disk, BOTH)));
  }

  @Test
  void aPersistentAttachToABusThatIsNotThereAddsPortsThatStay() throws Exception {
    Subject shutOff = machines().fresh(MachineSpec.q35(2));
    DiskElement disk = disk("vdb").at(5, 0);

    shutOff.attach(disk, IN_CONFIG);

    assertThat(pciIndexes(shutOff, PERSISTENT)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
    shutOff.detach(disk, IN_CONFIG);
    assertThat(pciIndexes(shutOff, PERSISTENT)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
  }

  @Test
  void theRootBusOfQ35TakesNoHotPlug() throws Exception {
    Subject q35 = q35();
    DiskElement disk = disk("vdb").at(0, 0x12);

    q35.unchanged(() -> refused(27, Condition.BAD_REQUEST, () -> q35.attach(disk, IN_LIVE)));
  }

  @Test
  void aPortTakesSlotZeroOnly() throws Exception {
    Subject q35 = q35();
    DiskElement disk = disk("vdb").at(3, 1);

    q35.unchanged(() -> refused(27, Condition.BAD_REQUEST, () -> q35.attach(disk, BOTH)));
  }

  @Test
  void whenThePortsAreTakenTheLiveViewHasNoMoreSlots() throws Exception {
    Subject subject = paused(MachineSpec.q35(2));
    subject.attach(disk("vdb"), IN_LIVE);
    subject.attach(disk("vdc"), IN_LIVE);
    DiskElement third = disk("vdd");

    subject.unchanged(() -> refused(1, Condition.NO_ROOM, () -> subject.attach(third, IN_LIVE)));
    assertThat(pciIndexes(subject, LIVE)).containsExactlyInAnyOrder(0, 1, 2);
  }

  @Test
  void whenThePortsAreTakenThePersistentViewAddsOne() throws Exception {
    Subject shutOff = machines().fresh(MachineSpec.q35(2));
    shutOff.attach(disk("vdb"), IN_CONFIG);
    shutOff.attach(disk("vdc"), IN_CONFIG);
    List<Integer> before = pciIndexes(shutOff, PERSISTENT);

    shutOff.attach(disk("vdd"), IN_CONFIG);

    assertThat(before).hasSize(3);
    assertThat(pciIndexes(shutOff, PERSISTENT)).hasSizeGreaterThan(3);
  }

  @Test
  void aPortWithoutHotPlugRefusesALiveAttachAndTakesAPersistentOne() throws Exception {
    Subject subject = paused(MachineSpec.q35(3).withHotplugOff(2));
    DiskElement disk = disk("vdb").at(2, 0);

    subject.unchanged(
        () -> refused(27, Condition.BAD_REQUEST, () -> subject.attach(disk, IN_LIVE)));

    subject.attach(disk, IN_CONFIG);
    assertThat(subject.config("vdb").address()).isEqualTo(PciAddress.of(2, 0));
  }

  @Test
  void aPortWithoutHotPlugIsPassedOverOrNot() throws Exception {
    Subject subject = paused(MachineSpec.q35(2).withHotplugOff(1));

    subject.attach(disk("vdb"), IN_LIVE);

    int port = bed().generation().portWithoutHotPlugIsPassedOver() ? 2 : 1;
    assertThat(subject.live("vdb").address()).isEqualTo(PciAddress.of(port, 0));
  }

  @Test
  void aPortWithoutHotPlugKeepsItsDisk() throws Exception {
    Subject subject = machines().fresh(MachineSpec.q35(3).withHotplugOff(2));
    DiskElement disk = disk("vdb").alias(alias()).at(2, 0);
    subject.attach(disk, IN_CONFIG);
    subject.machine().startPaused();

    subject.unchanged(
        () -> refused(9, Condition.NOT_PLUGGABLE, () -> subject.detach(disk, IN_LIVE)));
    subject.unchanged(
        () ->
            refused(
                9,
                Condition.NOT_PLUGGABLE,
                () -> subject.handle().detachDeviceByAlias(disk.alias(), BOTH)));
  }

  @ParameterizedTest
  @CsvSource({"pc, ide, hdc", "q35, sata, sda"})
  void aBusWithoutHotPlugRefuses(String machine, String bus, String target) throws Exception {
    Subject subject = machine.equals("pc") ? pc() : q35();
    DiskElement disk = disk(target).on(bus);
    int code = bed().generation().daemonRefusesBusWithoutHotPlug() ? 84 : 1;

    subject.unchanged(
        () -> refused(code, Condition.NOT_PLUGGABLE, () -> subject.attach(disk, IN_LIVE)));
  }

  @Test
  void aScsiDiskGetsTheAddressThatItAsksFor() throws Exception {
    Subject pc = pc();
    String alias = alias();

    pc.attachSeen(disk("sdb").on("scsi").alias(alias).scsiUnit(7), BOTH);

    assertThat(pc.live("sdb").address()).isEqualTo(new DriveAddress(0, 0, 0, 7));
    assertThat(pc.config("sdb").address()).isEqualTo(new DriveAddress(0, 0, 0, 7));
    assertThat(pc.qemuHasDevice(alias)).isTrue();
  }

  @Test
  void aScsiDiskWithoutAnAddressGetsTheUnitOfItsTargetDev() throws Exception {
    Subject pc = pc();

    pc.attach(disk("sdd").on("scsi"), BOTH);

    assertThat(pc.live("sdd").address()).isEqualTo(new DriveAddress(0, 0, 0, 3));
    assertThat(pc.live("sdd").alias()).isEqualTo("scsi0-0-0-3");
    assertThat(pc.config("sdd").address()).isEqualTo(new DriveAddress(0, 0, 0, 3));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void aScsiAddressThatIsTakenIsRefusedInEitherView(View view) throws Exception {
    Subject pc = pc();
    pc.attach(disk("sdb").on("scsi").alias(alias()).scsiUnit(7), BOTH);
    DiskElement other = disk("sdc").on("scsi").alias(alias()).scsiUnit(7);

    pc.unchanged(() -> refused(55, Condition.ADDRESS_TAKEN, () -> pc.attach(other, Set.of(view))));
  }

  /** As if it were taken. */
  @ParameterizedTest
  @EnumSource(View.class)
  void aScsiUnitHasAnUpperBound(View view) throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("sdb").on("scsi").alias(alias()).scsiUnit(16384);

    pc.unchanged(() -> refused(55, Condition.ADDRESS_TAKEN, () -> pc.attach(disk, Set.of(view))));
  }

  @Test
  void theLastScsiUnitIsTaken() throws Exception {
    Subject pc = pc();

    pc.attach(disk("sdb").on("scsi").alias(alias()).scsiUnit(16383), BOTH);

    assertThat(pc.live("sdb").address()).isEqualTo(new DriveAddress(0, 0, 0, 16383));
  }

  @Test
  void aMissingScsiControllerIsPluggedAlongAndStays() throws Exception {
    Subject subject = paused(MachineSpec.pc().withoutScsi());
    DiskElement disk = disk("sdb").on("scsi").alias(alias());
    assertThat(subject.view(LIVE).scsiControllers()).isEmpty();

    subject.attach(disk, IN_LIVE);
    assertThat(subject.view(LIVE).scsiControllers()).hasSize(1);

    subject.detach(disk, IN_LIVE);
    subject.awaitNotLive("sdb");
    assertThat(subject.view(LIVE).scsiControllers()).hasSize(1);
    assertThat(subject.view(PERSISTENT).scsiControllers()).isEmpty();
  }

  @Test
  void aMissingScsiControllerStaysThoughItsDiskFails() throws Exception {
    Subject subject = paused(MachineSpec.pc().withoutScsi());
    DiskElement used = disk("vdb");
    subject.attach(used, IN_LIVE);

    refused(
        1,
        Condition.VOLUME_IN_USE,
        () -> subject.attach(used.target("sdb").on("scsi").alias(alias()), IN_LIVE));

    assertThat(subject.targets(LIVE)).containsExactly("vdb");
    assertThat(subject.view(LIVE).scsiControllers()).hasSize(1);
  }

  @Test
  void aDiskOfThePersistentViewStartsAtItsPlace() throws Exception {
    Subject subject = machines().fresh(MachineSpec.q35(3));
    String alias = alias();
    subject.attach(disk("vdb").alias(alias).at(3, 0), IN_CONFIG);

    subject.machine().startPaused();

    assertThat(subject.live("vdb").address()).isEqualTo(PciAddress.of(3, 0));
    assertThat(subject.live("vdb").alias()).isEqualTo(alias);
    assertThat(subject.qemuHasDevice(alias)).isTrue();
  }
}
