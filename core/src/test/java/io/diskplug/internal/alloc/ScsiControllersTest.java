// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.xml.read.DomainXml.driveAddress;
import static io.diskplug.internal.xml.read.DomainXml.pciAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.NewController;
import io.diskplug.alloc.NoRoom;
import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.alloc.ScsiControllers.Answer;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXml;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScsiControllersTest {

  private static final String DISK = "ua-dp-disk";
  private static final String ALIAS = "ua-diskplug-scsi-0";

  private static Answer ask(DomainViews views) {
    return ask(views, null);
  }

  private static Answer ask(DomainViews views, @Nullable DeviceAddress address) {
    return ScsiControllers.allocate(
        views, new Demand(DiskBus.SCSI, DISK, null, address), Occupied.NOTHING);
  }

  private static DeviceAddress place(Answer answer) {
    assertThat(answer.allocation()).isInstanceOf(Placed.class);
    DeviceAddress address = ((Placed) answer.allocation()).placement().address();
    assertThat(address).isNotNull();
    return java.util.Objects.requireNonNull(address);
  }

  private static DomainXml q35() {
    return DomainXml.q35().pci(1, 4, "pcie-root-port");
  }

  private static String controllerAt(int bus, int slot, String alias) {
    return (alias.isEmpty() ? "" : "<alias name='" + alias + "'/>") + pciAddress(bus, slot);
  }

  @Test
  void aUsableControllerIsUsed() {
    Answer answer = ask(q35().scsi(0, "virtio-scsi").running());

    assertThat(answer.controllers()).isEmpty();
    assertThat(place(answer)).isEqualTo(new DriveAddress(0, 0, 0, 0));
  }

  @Test
  void withoutOneItIsPluggedIntoEveryViewAtTheFirstFreeSlot() {
    DomainXml q35 = q35().other("interface", "net0", pciAddress(1, 0));

    Answer answer = ask(q35.running());

    assertThat(answer.controllers())
        .containsExactly(
            new NewController(
                "scsi",
                0,
                "virtio-scsi",
                ALIAS,
                PciAddress.of(2, 0),
                List.of(),
                Set.of(LIVE, PERSISTENT)));
    assertThat(place(answer)).isEqualTo(new DriveAddress(0, 0, 0, 0));
    assertThat(ask(q35.live()).controllers().get(0).views()).containsExactly(LIVE);
    assertThat(ask(q35.shutOff()).controllers().get(0).views()).containsExactly(PERSISTENT);
  }

  @Test
  void aSlotThatOneViewUsesIsNotTaken() {
    DomainXml live = q35().other("interface", "net0", pciAddress(1, 0));
    DomainXml persistent = q35().other("interface", "", pciAddress(2, 0));

    assertThat(ask(live.running(persistent)).controllers().get(0).address())
        .isEqualTo(PciAddress.of(3, 0));
  }

  @Test
  void aControllerThatOneViewHasComesToTheSamePlaceInTheOther() {
    DomainXml has = q35().controller("scsi", 0, "virtio-scsi", controllerAt(3, 0, "scsi0"));

    assertThat(ask(has.running(q35())).controllers())
        .containsExactly(
            new NewController(
                "scsi",
                0,
                "virtio-scsi",
                ALIAS,
                PciAddress.of(3, 0),
                List.of(),
                Set.of(PERSISTENT)));
    assertThat(ask(q35().running(has)).controllers())
        .containsExactly(
            new NewController(
                "scsi", 0, "virtio-scsi", ALIAS, PciAddress.of(3, 0), List.of(), Set.of(LIVE)));
  }

  /** What a process has left that was killed between the two views, with its own alias. */
  @Test
  void anUnfinishedOneOfOursIsFinished() {
    DomainXml has = q35().controller("scsi", 0, "virtio-scsi", controllerAt(3, 0, ALIAS));

    assertThat(ask(has.running(q35())).controllers())
        .containsExactly(
            new NewController(
                "scsi",
                0,
                "virtio-scsi",
                ALIAS,
                PciAddress.of(3, 0),
                List.of(),
                Set.of(PERSISTENT)));
  }

  @Test
  void aPlaceThatTheOtherViewUsesForSomethingElseIsNotTaken() {
    DomainXml has = q35().controller("scsi", 0, "virtio-scsi", controllerAt(3, 0, ALIAS));
    DomainXml other = q35().other("interface", "", pciAddress(3, 0));

    assertThat(ask(has.running(other)).controllers().get(0).address())
        .isEqualTo(PciAddress.of(1, 0));
  }

  /** Of a persistent controller on the root bus; nothing can be hot-plugged there. */
  @Test
  void aPlaceWithoutHotPlugIsNoneForTheLiveView() {
    DomainXml root = q35().controller("scsi", 0, "virtio-scsi", controllerAt(0, 0x10, ""));

    assertThat(ask(q35().running(root)).controllers().get(0).address())
        .isEqualTo(PciAddress.of(1, 0));
    assertThat(ask(root.running(q35())).controllers().get(0).address())
        .isEqualTo(PciAddress.of(0, 0x10));
  }

  @Test
  void whereOneViewIsFullTheOtherIsStillCompleted() {
    DomainXml live = DomainXml.q35().pci(1, "pcie-root-port");
    live.controller("scsi", 0, "virtio-scsi", controllerAt(1, 0, "scsi0"));
    DomainXml persistent = DomainXml.q35().pci(1, 2, "pcie-root-port");
    persistent.other("interface", "", pciAddress(1, 0));

    assertThat(ask(live.running(persistent)).controllers())
        .containsExactly(
            new NewController(
                "scsi",
                0,
                "virtio-scsi",
                ALIAS,
                PciAddress.of(2, 0),
                List.of(),
                Set.of(PERSISTENT)));
  }

  /** libvirt would fill the gap with a model of its own choice. */
  @Test
  void aGapBelowIsFilledFirst() {
    DomainXml gap = q35().scsi(1, "virtio-scsi");

    Answer answer = ask(gap.running());

    assertThat(answer.controllers()).extracting(NewController::index).containsExactly(0);
    assertThat(place(answer)).isEqualTo(new DriveAddress(0, 0, 0, 0));
  }

  /** libvirt's own lsilogic of one view: guests lack a driver, and it is not plugged live. */
  @Test
  void anotherModelInOneViewIsLeftAndTheNextIndexIsUsed() {
    DomainXml persistent = q35().controller("scsi", 0, "lsilogic", controllerAt(1, 0, ""));

    Answer answer = ask(q35().running(persistent));

    assertThat(answer.controllers())
        .containsExactly(
            new NewController(
                "scsi", 0, "virtio-scsi", ALIAS, PciAddress.of(2, 0), List.of(), Set.of(LIVE)),
            new NewController(
                "scsi",
                1,
                "virtio-scsi",
                "ua-diskplug-scsi-1",
                PciAddress.of(3, 0),
                List.of(),
                Set.of(LIVE, PERSISTENT)));
    assertThat(place(answer)).isEqualTo(new DriveAddress(1, 0, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ibmvscsi", "pvscsi-of-tomorrow"})
  void whereNoControllerTakesHotPlugAnotherIsPlugged(String model) {
    Answer answer = ask(q35().scsi(0, model).running());

    assertThat(answer.controllers()).extracting(NewController::index).containsExactly(1);
    assertThat(place(answer)).isEqualTo(new DriveAddress(1, 0, 0, 0));
  }

  @Test
  void whereEveryPlaceIsTakenAnotherIsPlugged() {
    DomainXml full = q35().scsi(0, "lsilogic");
    for (int unit = 0; unit < 7; unit++) {
      full.disk("sd" + (char) ('a' + unit), "scsi", driveAddress(0, 0, unit));
    }

    assertThat(place(ask(full.running()))).isEqualTo(new DriveAddress(1, 0, 0, 0));
  }

  /** A disk that one view has needs that controller in the other, of whatever model it is. */
  @ParameterizedTest
  @ValueSource(strings = {"virtio-scsi", "lsilogic"})
  void aDemandedAddressGetsItsController(String model) {
    DomainXml live = q35().controller("scsi", 0, model, controllerAt(3, 0, "scsi0"));

    Answer answer = ask(live.running(q35()), new DriveAddress(0, 0, 0, 3));

    assertThat(answer.controllers())
        .containsExactly(
            new NewController(
                "scsi", 0, model, ALIAS, PciAddress.of(3, 0), List.of(), Set.of(PERSISTENT)));
    assertThat(place(answer)).isEqualTo(new DriveAddress(0, 0, 0, 3));
  }

  @Test
  void aDemandedAddressThatNoControllerHelpsIsRefused() {
    DomainXml live = q35().scsi(0, "virtio-scsi");
    DomainXml persistent = q35().scsi(0, "lsilogic");

    Answer answer = ask(live.running(persistent), new DriveAddress(0, 0, 0, 3));

    assertThat(answer.controllers()).isEmpty();
    assertThat(answer.allocation()).isInstanceOf(Refused.class);
  }

  @Test
  void withoutASlotThereIsNoRoomAndTheExplanationIsOfSlots() {
    DomainXml full = DomainXml.q35().pci(1, "pcie-root-port");
    full.other("interface", "net0", pciAddress(1, 0));

    Answer answer = ask(full.running());

    assertThat(answer.controllers()).isEmpty();
    NoRoom noRoom = ((Full) answer.allocation()).noRoom();
    assertThat(noRoom.what())
        .isEqualTo(
            "no SCSI controller in every view, and for another controller no free hot-pluggable"
                + " PCI slot in both views");
    assertThat(noRoom.remedy()).contains("pcie-root-port").doesNotContain("scsi");
    assertThat(noRoom.holders()).anyMatch(holder -> holder.contains("net0"));
  }

  /** The disk has one address in both views all the same: it names its controller by the index. */
  @Test
  void whereNoSlotIsFreeInBothViewsEachGetsTheControllerAtAPlaceOfItsOwn() {
    DomainXml live = DomainXml.q35().pci(1, 2, "pcie-root-port");
    DomainXml persistent = DomainXml.q35().pci(1, 2, "pcie-root-port");
    live.other("interface", "net0", pciAddress(1, 0));
    persistent.other("interface", "", pciAddress(2, 0));

    Answer answer = ask(live.running(persistent));

    assertThat(answer.controllers())
        .containsExactly(
            new NewController(
                "scsi", 0, "virtio-scsi", ALIAS, PciAddress.of(2, 0), List.of(), Set.of(LIVE)),
            new NewController(
                "scsi",
                0,
                "virtio-scsi",
                ALIAS,
                PciAddress.of(1, 0),
                List.of(),
                Set.of(PERSISTENT)));
    assertThat(place(answer)).isEqualTo(new DriveAddress(0, 0, 0, 0));
    // A live view without a slot gets none, and then the persistent one does not either.
    live.other("interface", "net1", pciAddress(2, 0));
    assertThat(ask(live.running(persistent)).controllers()).isEmpty();
  }

  /** As libvirt puts its lsilogic there. A virtio disk gets no such place. */
  @Test
  void aControllerGoesToAConventionalBusIfThePortsAreFull() {
    DomainXml full = DomainXml.q35().pci(1, "pcie-root-port").pci(2, "pcie-to-pci-bridge");
    full.other("interface", "net0", pciAddress(1, 0)).other("interface", "", pciAddress(2, 1));

    Answer answer = ask(full.running());

    assertThat(answer.controllers())
        .containsExactly(
            new NewController(
                "scsi",
                0,
                "virtio-scsi",
                ALIAS,
                PciAddress.of(2, 2),
                List.of(),
                Set.of(LIVE, PERSISTENT)));
    assertThat(
            Allocator.allocate(full.running(), Demand.of(DiskBus.VIRTIO, DISK), Occupied.NOTHING))
        .isInstanceOf(Full.class);
  }

  /** Nothing recommends the bus that would be refused as well. */
  @Test
  void virtioOffersTheScsiBusIfAControllerIsThere() {
    DomainXml full = DomainXml.q35().pci(1, "pcie-root-port");
    full.other("interface", "net0", pciAddress(1, 0));
    Demand virtio = Demand.of(DiskBus.VIRTIO, DISK);

    assertThat(Allocator.allocate(full.running(), virtio, Occupied.NOTHING).toString())
        .doesNotContain("use the scsi bus");
    full.scsi(0, "virtio-scsi");
    assertThat(Allocator.allocate(full.running(), virtio, Occupied.NOTHING).toString())
        .contains("use the scsi bus");
  }

  @Test
  void aShutOffDomainWithoutAFreePortLetsLibvirtAddOne() {
    DomainXml full = DomainXml.q35().pci(1, "pcie-root-port");
    full.other("interface", "", pciAddress(1, 0));

    NewController planned = ask(full.shutOff()).controllers().get(0);

    assertThat(planned.address()).isEqualTo(PciAddress.of(2, 0));
    assertThat(planned.views()).containsExactly(PERSISTENT);
    assertThat(planned.added()).extracting(NewController::model).containsExactly("pcie-root-port");
    assertThat(planned.added()).extracting(NewController::index).containsExactly(2);
  }

  @Test
  void aControllerNeedsNoSlotWithHotPlug() {
    DomainXml pc = DomainXml.pc().withoutAcpi();

    NewController planned = ask(pc.shutOff()).controllers().get(0);

    assertThat(planned.address()).isInstanceOf(PciAddress.class);
    assertThat(planned.added()).isEmpty();
  }

  @Test
  void onIbmZItIsAChannelDevice() {
    assertThat(ask(DomainXml.s390x().running()).controllers().get(0).address())
        .isInstanceOf(CcwAddress.class);
  }

  @Test
  void anAliasThatOnlyQemuHasIsNotUsedAgain() {
    Occupied orphan = new Occupied(Map.of(), Map.of(), Map.of(ALIAS, "a device of QEMU"));

    Answer answer =
        ScsiControllers.allocate(q35().running(), Demand.of(DiskBus.SCSI, DISK), orphan);

    assertThat(answer.controllers().get(0).alias()).isEqualTo(ALIAS + "-2");
  }

  @Test
  void anAliasOfAnotherDeviceIsNotUsedAgain() {
    DomainXml taken = q35().other("interface", ALIAS, pciAddress(1, 0));

    assertThat(ask(q35().running(taken)).controllers().get(0).alias()).isEqualTo(ALIAS + "-2");
  }

  @Test
  void theVirtioBusNeedsNone() {
    Answer answer =
        ScsiControllers.allocate(
            q35().running(), Demand.of(DiskBus.VIRTIO, DISK), Occupied.NOTHING);

    assertThat(answer.controllers()).isEqualTo(List.of());
    assertThat(answer.allocation()).isInstanceOf(Placed.class);
  }
}
