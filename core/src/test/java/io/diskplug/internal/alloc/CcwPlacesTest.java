// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static io.diskplug.domain.DiskBus.VIRTIO;
import static io.diskplug.internal.alloc.Placing.address;
import static io.diskplug.internal.alloc.Placing.ask;
import static io.diskplug.internal.alloc.Placing.refused;
import static io.diskplug.internal.xml.read.DomainXml.ccwAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.NoRoom;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.alloc.Refused.Reason;
import io.diskplug.internal.xml.read.DomainXml;
import io.diskplug.internal.xml.read.Fixtures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CcwPlacesTest {

  private static final int ALL = 65536;

  @Test
  void theFirstFreeDeviceNumber() {
    assertThat(address(DomainXml.s390x().live(), VIRTIO)).isEqualTo("fe.0.0000");
    assertThat(address(Fixtures.live("s390x"), VIRTIO)).isEqualTo("fe.0.0003");
  }

  @Test
  void aDeviceNumberMustBeFreeInBothViews() {
    DomainXml live = DomainXml.s390x().disk("vda", "virtio", ccwAddress(0));
    DomainXml persistent = DomainXml.s390x().disk("vda", "virtio", ccwAddress(1));
    assertThat(address(live.running(persistent), VIRTIO)).isEqualTo("fe.0.0002");
    assertThat(address(persistent.running(live), VIRTIO)).isEqualTo("fe.0.0002");
  }

  @Test
  void devicesElsewhereAreNotInTheWay() {
    DomainXml z =
        DomainXml.s390x()
            .other("hostdev", "", "<address type='ccw' cssid='0xfe' ssid='1' devno='0'/>")
            .other("hostdev", "", "<address type='ccw' cssid='0xfd' ssid='0' devno='0'/>");
    assertThat(address(z.live(), VIRTIO)).isEqualTo("fe.0.0000");
  }

  @Test
  void allOfThemAndThenNoRoom() {
    DomainXml z = DomainXml.s390x().disk("vda", "virtio", ccwAddress(7));
    List<Demand> demands = new ArrayList<>();
    for (int i = 0; i < ALL; i++) {
      demands.add(Demand.of(VIRTIO, "ua-" + i));
    }
    assertThat(Allocator.capacity(z.live()).virtio().free()).isEqualTo(ALL - 1);
    List<Allocation> allocations = Allocator.allocateAll(z.live(), demands, Occupied.NOTHING);
    assertThat(allocations.subList(0, ALL - 1))
        .allSatisfy(allocation -> assertThat(allocation).isInstanceOf(Placed.class));
    Placement last = ((Placed) allocations.get(ALL - 2)).placement();
    assertThat(last.address()).hasToString("fe.0.ffff");
    assertThat(last.targetDev()).isEqualTo("vdcrxp");
    NoRoom noRoom = ((Full) allocations.get(ALL - 1)).noRoom();
    assertThat(noRoom.what()).isEqualTo("no free channel device");
    assertThat(noRoom.capacity()).isEqualTo(ALL);
    assertThat(noRoom.remedy()).isEqualTo("detach what holds one of these places");
    assertThat(noRoom.holders()).hasSize(ALL).contains("fe.0.0007: disk vda (live)");
  }

  @Test
  void aFullSubsystemDoesNotGrow() {
    Map<io.diskplug.domain.DeviceAddress, String> addresses = new java.util.HashMap<>();
    for (int devno = 0; devno < ALL; devno++) {
      addresses.put(CcwAddress.ofVirtio(devno), "ghost");
    }
    Occupied occupied = new Occupied(Map.of(), addresses, Map.of());
    assertThat(
            Allocator.allocate(
                DomainXml.s390x().shutOff(), Demand.of(VIRTIO, Placing.ALIAS), occupied))
        .isInstanceOf(Full.class);
  }

  @Test
  void anAddressAskedForIsHonouredOrRefused() {
    DomainXml z = DomainXml.s390x().disk("vda", "virtio", ccwAddress(7));
    assertThat(((Placed) ask(z.running(), VIRTIO, CcwAddress.ofVirtio(8))).placement().address())
        .isEqualTo(CcwAddress.ofVirtio(8));
    assertThat(
            refused(ask(z.running(), VIRTIO, CcwAddress.ofVirtio(7)), Reason.ADDRESS_TAKEN)
                .holder())
        .isEqualTo("disk vda (live and persistent)");
    assertThat(
            refused(ask(z.live(), VIRTIO, new CcwAddress(0xfe, 1, 0)), Reason.ADDRESS_INVALID)
                .what())
        .endsWith("virtio disks are in fe.0");
    assertThat(refused(ask(z.live(), VIRTIO, PciAddress.of(0, 3)), Reason.ADDRESS_INVALID).what())
        .endsWith("a virtio disk of this machine is a channel device");
  }
}
