// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static io.diskplug.domain.DiskBus.VIRTIO;
import static io.diskplug.internal.alloc.Placing.allocate;
import static io.diskplug.internal.alloc.Placing.noRoom;
import static io.diskplug.internal.alloc.Placing.place;
import static io.diskplug.internal.xml.read.DomainXml.pciAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.Advice;
import io.diskplug.alloc.Advice.Kind;
import io.diskplug.alloc.Capacity;
import io.diskplug.alloc.NewController;
import io.diskplug.alloc.NoRoom;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Buses that are added to a configuration, and slots without hot-plug. */
class GrowthTest {

  private static DomainXml full(DomainXml domain, int bus, int first, int last) {
    for (int slot = first; slot <= last; slot++) {
      domain.other("rng", "", pciAddress(bus, slot));
    }
    return domain;
  }

  private static Controller port(int index, int slot, int function) {
    return new Controller(
        "pci", index, "pcie-root-port", null, new PciAddress(0, 0, slot, function), true);
  }

  private static Placement waiving(DomainViews views) {
    Demand demand = new Demand(VIRTIO, Placing.ALIAS, null, null, true);
    return ((Placed) Allocator.allocate(views, demand, Occupied.NOTHING)).placement();
  }

  @Test
  void aPcWithoutAcpiGetsOrdinarySlots() {
    DomainXml pc = DomainXml.pc().withoutAcpi();
    Placement placement = place(pc.shutOff(), VIRTIO);
    assertThat(placement.address()).isEqualTo(PciAddress.of(0, 2));
    assertThat(placement.fixed()).isTrue();
    assertThat(placement.added()).isEmpty();
    Capacity.Room room = Allocator.capacity(pc.shutOff()).virtio();
    assertThat(room.free()).isEqualTo(30);
    assertThat(room.mayGrow()).isFalse();
    assertThat(Allocator.capacity(pc.running()).virtio().free()).isZero();
  }

  @Test
  void aPcWhoseRootBusHasNoHotPlugGetsOrdinarySlots() {
    Placement placement = place(DomainXml.pc().pciHotplugOff(0, "pci-root").shutOff(), VIRTIO);
    assertThat(placement.address()).isEqualTo(PciAddress.of(0, 2));
    assertThat(placement.fixed()).isTrue();
  }

  @Test
  void aFullPcWithoutAcpiNamesWhoHoldsItsSlots() {
    NoRoom noRoom = noRoom(full(DomainXml.pc().withoutAcpi(), 0, 2, 31).shutOff(), VIRTIO);
    assertThat(noRoom.what()).isEqualTo("no free PCI slot");
    assertThat(noRoom.capacity()).isEqualTo(31);
    assertThat(noRoom.advice()).extracting(Advice::kind).containsExactly(Kind.FREE_A_PLACE);
  }

  /** libvirt detaches no memory balloon and no video card. */
  @Test
  void onlyWhatCanBeDetachedIsOfferedToBeDetached() {
    DomainXml q35 = DomainXml.q35().pci(1, 2, "pcie-root-port");
    q35.other("memballoon", "balloon0", pciAddress(1, 0)).other("video", "", pciAddress(2, 0));
    assertThat(noRoom(q35.running(), VIRTIO).advice())
        .extracting(Advice::kind)
        .doesNotContain(Kind.FREE_A_PLACE);
    q35.pci(3, "pcie-root-port").other("interface", "net0", pciAddress(3, 0));
    assertThat(noRoom(q35.running(), VIRTIO).advice())
        .extracting(Advice::kind)
        .contains(Kind.FREE_A_PLACE);
  }

  @Test
  void whatHasHotPlugAndIsFullGetsAnotherBridge() {
    DomainXml pc = full(DomainXml.pc().withoutAcpi(), 1, 1, 31);
    pc.controller("pci", 1, "pci-bridge", pciAddress(0, 2));
    Placement placement = place(pc.shutOff(), VIRTIO);
    assertThat(placement.address()).isEqualTo(PciAddress.of(2, 1));
    assertThat(placement.fixed()).isFalse();
    assertThat(PluggedController.controllers(placement.added()))
        .containsExactly(new Controller("pci", 2, "pci-bridge", null, PciAddress.of(0, 3), true));
    assertThat(Allocator.capacity(pc.shutOff()).virtio().mayGrow()).isTrue();
    assertThat(waiving(pc.shutOff())).isEqualTo(placement);
  }

  @Test
  void aBridgeNeedsASlotItself() {
    assertThat(allocate(full(DomainXml.pc(), 0, 2, 31).shutOff(), VIRTIO)).isInstanceOf(Full.class);
    DomainXml expander = full(DomainXml.pc(), 0, 3, 31);
    expander.controller("pci", 1, "pci-expander-bus", pciAddress(0, 2));
    Placement placement = place(expander.shutOff(), VIRTIO);
    assertThat(placement.address()).isEqualTo(PciAddress.of(2, 1));
    assertThat(placement.added().get(0).address()).isEqualTo(PciAddress.of(1, 0));
  }

  @Test
  void q35WithoutPortsGetsOne() {
    Placement placement = place(DomainXml.q35().withoutAcpi().shutOff(), VIRTIO);
    assertThat(placement.address()).isEqualTo(PciAddress.of(1, 0));
    assertThat(placement.fixed()).isFalse();
    assertThat(PluggedController.controllers(placement.added())).containsExactly(port(1, 1, 0));
  }

  @Test
  void aPortWithoutHotPlugIsLeftAlone() {
    DomainXml q35 =
        DomainXml.q35()
            .controller("pci", 1, "pcie-root-port", "<target hotplug='off'/>" + pciAddress(0, 1));
    Placement placement = place(q35.shutOff(), VIRTIO);
    assertThat(placement.address()).isEqualTo(PciAddress.of(2, 0));
    assertThat(PluggedController.controllers(placement.added())).containsExactly(port(2, 1, 1));
  }

  @Test
  void portsShareSlotsWithPortsAlone() {
    DomainXml q35 = full(DomainXml.q35(), 0, 2, 30);
    for (int port = 1; port <= 7; port++) {
      q35.controller("pci", port, "pcie-root-port", pciAddress(0, 1, port == 4 ? 7 : port - 1));
      q35.other("rng", "", pciAddress(port, 0));
    }
    assertThat(PluggedController.controllers(place(q35.shutOff(), VIRTIO).added()))
        .containsExactly(port(8, 1, 3));
    q35.controller("pci", 8, "pcie-root-port", pciAddress(0, 1, 3));
    q35.other("rng", "", pciAddress(8, 0));
    assertThat(allocate(q35.shutOff(), VIRTIO)).isInstanceOf(Full.class);
  }

  @Test
  void anOrdinarySlotInADomainThatHasHotPlugIsForWhoWaivesIt() {
    DomainXml q35 = full(DomainXml.q35(), 0, 3, 30);
    q35.controller("pci", 1, "pcie-root-port", pciAddress(0, 1));
    q35.controller("pci", 2, "pcie-root-port", "<target hotplug='off'/>" + pciAddress(0, 2));
    for (int function = 1; function < 8; function++) {
      q35.other("rng", "", pciAddress(0, 1, function)).other("rng", "", pciAddress(0, 2, function));
    }
    q35.other("rng", "", pciAddress(1, 0));
    NoRoom noRoom = noRoom(q35.shutOff(), VIRTIO);
    assertThat(noRoom.advice())
        .extracting(Advice::kind)
        .containsExactly(Kind.WAIVE_UNPLUG, Kind.FREE_A_PLACE);
    assertThat(noRoom.toString()).contains("Waiver.HOT_UNPLUG", "0000:02:00.0");
    Placement placement = waiving(q35.shutOff());
    assertThat(placement.address()).isEqualTo(PciAddress.of(2, 0));
    assertThat(placement.fixed()).isTrue();
    // A domain that runs gets none, whatever is waived.
    Demand demand = new Demand(VIRTIO, Placing.ALIAS, null, null, true);
    assertThat(Allocator.allocate(q35.running(), demand, Occupied.NOTHING))
        .isInstanceOfSatisfying(
            Full.class,
            none ->
                assertThat(none.noRoom().advice())
                    .extracting(Advice::kind)
                    .contains(Kind.SHUT_DOWN));
    assertThat(noRoom(q35.running(), VIRTIO).advice())
        .extracting(Advice::kind)
        .contains(Kind.SHUT_DOWN_AND_WAIVE_UNPLUG);
  }

  @Test
  void aBatchUsesOneBusAfterTheOther() {
    List<Demand> demands = new ArrayList<>();
    IntStream.range(0, 4).forEach(i -> demands.add(Demand.of(VIRTIO, "ua-" + i)));
    List<Allocation> q35 =
        Allocator.allocateAll(DomainXml.q35().shutOff(), demands, Occupied.NOTHING);
    assertThat(q35)
        .extracting(a -> String.valueOf(((Placed) a).placement().address()))
        .containsExactly("0000:01:00.0", "0000:02:00.0", "0000:03:00.0", "0000:04:00.0");
    assertThat(PluggedController.controllers(((Placed) q35.get(1)).placement().added()))
        .containsExactly(port(1, 1, 0), port(2, 1, 1));
  }

  /** The controller of the next bus has its place, though libvirt was not called for it yet. */
  @Test
  void aBatchDoesNotUseThePlaceOfABusThatItAdds() {
    DomainViews views = DomainXml.q35().shutOff();
    PciAddress seat = PciAddress.of(0, 1);
    List<Demand> demands =
        List.of(
            Demand.of(VIRTIO, "ua-1"),
            new Demand(VIRTIO, "ua-2", null, seat, true),
            Demand.of(VIRTIO, "ua-3"));
    List<Allocation> batch = Allocator.allocateAll(views, demands, Occupied.NOTHING);
    assertThat(PluggedController.controllers(((Placed) batch.get(0)).placement().added()))
        .containsExactly(port(1, 1, 0));
    assertThat(batch.get(1))
        .isEqualTo(
            new Refused(
                Refused.Reason.ADDRESS_TAKEN,
                "address 0000:00:01.0 is taken",
                "planned for PCI bus 1"));
    assertThat(PluggedController.controllers(((Placed) batch.get(2)).placement().added()))
        .containsExactly(port(1, 1, 0), port(2, 1, 1));
  }

  /** A slot that is avoided for one disk may be used for another: both add one bus. */
  @Test
  void aBatchAddsABusAtOnePlaceWhateverIsAvoided() {
    Occupied avoided =
        new Occupied(
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of(PciAddress.of(0, 1), "lost", PciAddress.of(2, 0), "lost"));
    List<Demand> demands =
        List.of(
            Demand.of(VIRTIO, "ua-1"),
            new Demand(VIRTIO, "ua-2", null, PciAddress.of(2, 0)),
            Demand.of(VIRTIO, "ua-3"));
    DomainViews views = DomainXml.q35().shutOff();
    DoubleUse doubleUse = new DoubleUse(views, Occupied.NOTHING);
    List<Allocation> batch = Allocator.allocateAll(views, demands, avoided);
    assertThat(batch).allMatch(Placed.class::isInstance);
    batch.forEach(allocation -> doubleUse.check(((Placed) allocation).placement()));
  }

  /**
   * The place of a controller is free in the configuration; the guest has that controller there.
   */
  @Test
  void theConfigurationGetsABusAtThePlaceItHasInTheGuest() {
    DomainXml live = DomainXml.q35().controller("pci", 1, "pcie-root-port", pciAddress(0, 1));
    DomainViews views = live.running(DomainXml.q35());
    Placement placement = place(views, VIRTIO);
    assertThat(PluggedController.controllers(placement.added())).containsExactly(port(1, 1, 0));
    new DoubleUse(views, Occupied.NOTHING).check(placement);
  }

  @Test
  void theConfigurationGetsABusThatTheGuestHas() {
    DomainXml live = DomainXml.q35().pci(1, "pcie-root-port").pci(2, "pcie-root-port");
    DomainXml persistent = DomainXml.q35().pci(1, "pcie-root-port");
    full(live, 0, 3, 30).other("rng", "", pciAddress(1, 0));
    full(persistent, 0, 3, 30).other("rng", "", pciAddress(1, 0));
    DomainViews views = live.running(persistent);
    Placement placement = place(views, VIRTIO);
    assertThat(placement.address()).isEqualTo(PciAddress.of(2, 0));
    assertThat(placement.fixed()).isFalse();
    assertThat(placement.added()).extracting(NewController::index).containsExactly(2);
    Capacity.Room room = Allocator.capacity(views).virtio();
    assertThat(room.free()).isZero();
    assertThat(room.mayGrow()).isTrue();
    // The next disk finds the bus taken.
    List<Demand> demands = List.of(Demand.of(VIRTIO, "ua-1"), Demand.of(VIRTIO, "ua-2"));
    assertThat(Allocator.allocateAll(views, demands, Occupied.NOTHING).get(1))
        .isInstanceOf(Full.class);
    // The address may be asked for.
    Demand demand = new Demand(VIRTIO, Placing.ALIAS, null, PciAddress.of(2, 0));
    assertThat(((Placed) Allocator.allocate(views, demand, Occupied.NOTHING)).placement().added())
        .isEqualTo(placement.added());
  }

  /** A disk that the live view has there comes to the persistent one, whatever else is free. */
  @Test
  void anyBusThatTheGuestHasMayBeAskedFor() {
    DomainXml live = DomainXml.q35().pci(1, 4, "pcie-root-port");
    DomainXml persistent = DomainXml.q35().pci(1, "pcie-root-port");
    Demand demand = new Demand(VIRTIO, Placing.ALIAS, null, PciAddress.of(3, 0));
    Placement placement =
        ((Placed) Allocator.allocate(live.running(persistent), demand, Occupied.NOTHING))
            .placement();
    assertThat(placement.added()).extracting(NewController::index).containsExactly(2, 3);
    // A domain that is shut off gets the next bus, and no more.
    assertThat(Allocator.allocate(persistent.shutOff(), demand, Occupied.NOTHING))
        .isInstanceOf(Refused.class);
    Demand next = new Demand(VIRTIO, Placing.ALIAS, null, PciAddress.of(2, 0));
    assertThat(Allocator.allocate(persistent.shutOff(), next, Occupied.NOTHING))
        .isInstanceOf(Placed.class);
  }

  @Test
  void aBusInTheMiddleIsAddedAgain() {
    DomainXml q35 = DomainXml.q35().pci(1, "pcie-root-port").pci(3, "pcie-root-port");
    q35.other("rng", "", pciAddress(1, 0)).other("rng", "", pciAddress(3, 0));
    Placement placement = place(q35.shutOff(), VIRTIO);
    assertThat(placement.address()).isEqualTo(PciAddress.of(2, 0));
    assertThat(placement.added()).extracting(NewController::index).containsExactly(2);
  }

  @Test
  void noBusIsAddedThatTheGuestHasNot() {
    DomainXml persistent = DomainXml.q35().pci(1, "pcie-root-port");
    persistent.other("rng", "", pciAddress(1, 0));
    DomainXml off =
        DomainXml.q35()
            .pci(1, "pcie-root-port")
            .controller("pci", 2, "pcie-root-port", "<target hotplug='off'/>" + pciAddress(0, 2));
    DomainXml other = DomainXml.q35().pci(1, "pcie-root-port").pci(2, "pcie-to-pci-bridge");
    DomainXml behind = DomainXml.q35().pci(1, "pcie-root-port").pci(3, "pcie-root-port");
    for (DomainXml live : List.of(DomainXml.q35().pci(1, "pcie-root-port"), off, other, behind)) {
      DomainViews views = live.running(persistent);
      assertThat(noRoom(views, VIRTIO).advice()).extracting(Advice::kind).isNotEmpty();
      assertThat(Allocator.capacity(views).virtio().mayGrow()).isFalse();
    }
  }

  @Test
  void aDomainThatRunsIsToldWhatWouldHelpIt() {
    DomainXml pc = DomainXml.pc().withoutAcpi();
    assertThat(noRoom(pc.running(), VIRTIO).advice())
        .extracting(Advice::kind)
        .containsExactly(Kind.SHUT_DOWN);
    assertThat(noRoom(pc.live(), VIRTIO).advice())
        .extracting(Advice::kind)
        .containsExactly(Kind.OTHER_DOMAIN);
    DomainXml q35 = DomainXml.q35();
    assertThat(noRoom(q35.running(), VIRTIO).advice())
        .extracting(Advice::kind)
        .containsExactly(Kind.SHUT_DOWN, Kind.ADD_PCI_CONTROLLER);
    DomainXml withPort = DomainXml.q35().pci(1, "pcie-root-port");
    assertThat(noRoom(q35.running(withPort), VIRTIO).advice())
        .extracting(Advice::kind)
        .containsExactly(Kind.RESTART);
  }
}
