// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static io.diskplug.domain.DiskBus.SCSI;
import static io.diskplug.domain.DiskBus.VIRTIO;
import static io.diskplug.internal.alloc.Placing.refused;
import static io.diskplug.internal.xml.read.DomainXml.pciAddress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.alloc.Placement;
import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.alloc.Refused.Reason;
import io.diskplug.internal.model.OtherAddress;
import io.diskplug.internal.xml.read.DomainXml;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OccupiedTest {

  private static final String GHOST = "a ghost in QEMU";

  @Test
  void keepsTargetDevsAndPciSlotsOutOfPlans() {
    Occupied occupied =
        new Occupied(
            Map.of("vda", GHOST),
            Map.of(PciAddress.of(0, 2), GHOST, new PciAddress(0, 0, 3, 5), "another"),
            Map.of());
    Placement placement = place(DomainXml.pc(), VIRTIO, occupied);
    assertThat(placement.targetDev()).isEqualTo("vdb");
    assertThat(placement.address()).hasToString("0000:00:04.0");
    assertThat(placement.skipped())
        .containsExactly(
            "vda: " + GHOST,
            "0000:00:01.0: the chipset",
            "0000:00:02.0: " + GHOST,
            "0000:00:03.0: another");
  }

  @Test
  void keepsScsiAndChannelAddressesOutOfPlans() {
    DomainXml z = DomainXml.s390x().scsi(0, "virtio-scsi").scsi(1, "lsisas1068");
    Occupied occupied =
        new Occupied(
            Map.of(),
            Map.of(
                new DriveAddress(0, 0, 0, 0),
                GHOST,
                CcwAddress.ofVirtio(0),
                GHOST,
                CcwAddress.ofVirtio(1),
                GHOST),
            Map.of());
    assertThat(place(z, SCSI, occupied).address()).hasToString("0:0:0:1");
    assertThat(place(z, VIRTIO, occupied).address()).hasToString("fe.0.0002");
  }

  @Test
  void addressesOfOtherKindsMeanNothing() {
    Occupied occupied =
        new Occupied(
            Map.of(),
            Map.of(
                new OtherAddress("usb"),
                GHOST,
                new PciAddress(1, 0, 2, 0),
                GHOST,
                new DriveAddress(0, 0, 0, 2),
                GHOST,
                PciAddress.of(255, 31),
                GHOST),
            Map.of());
    assertThat(place(DomainXml.pc(), VIRTIO, occupied).address()).hasToString("0000:00:02.0");
  }

  @Test
  void whatIsAskedForIsRefusedWithItsHolder() {
    Occupied occupied =
        new Occupied(
            Map.of("vdq", "lost in a race"),
            Map.of(PciAddress.of(0, 9), GHOST),
            Map.of("ua-old", "an unplug is pending"));
    assertThat(refused(ask(new Demand(VIRTIO, "ua-1", "vdq", null), occupied), Reason.TARGET_TAKEN))
        .hasToString("target dev vdq is taken: lost in a race");
    assertThat(
            refused(
                ask(new Demand(VIRTIO, "ua-1", null, PciAddress.of(0, 9)), occupied),
                Reason.ADDRESS_TAKEN))
        .hasToString("address 0000:00:09.0 is taken: " + GHOST);
    assertThat(refused(ask(Demand.of(VIRTIO, "ua-old"), occupied), Reason.ALIAS_TAKEN))
        .hasToString("alias ua-old is taken: an unplug is pending");
  }

  @Test
  void holdersInTheViewsAndBesidesAreNamedTogether() {
    DomainXml pc = DomainXml.pc().disk("vdq", "virtio", pciAddress(0, 9));
    Occupied occupied = new Occupied(Map.of("vdq", GHOST), Map.of(), Map.of());
    assertThat(
            refused(
                Allocator.allocate(pc.live(), new Demand(VIRTIO, "ua-1", "vdq", null), occupied),
                Reason.TARGET_TAKEN))
        .hasToString("target dev vdq is taken: a ghost in QEMU, disk vdq (live)");
  }

  @Test
  void doesNotChange() {
    Map<String, String> targetDevs = new HashMap<>(Map.of("vda", GHOST));
    Map<DeviceAddress, String> addresses = new HashMap<>(Map.of(PciAddress.of(0, 2), GHOST));
    Map<String, String> aliases = new HashMap<>(Map.of("ua-1", GHOST));
    Occupied occupied = new Occupied(targetDevs, addresses, aliases);
    targetDevs.clear();
    addresses.clear();
    aliases.clear();
    assertThat(occupied.targetDevs()).hasSize(1);
    assertThat(occupied.addresses()).hasSize(1);
    assertThat(occupied.aliases()).hasSize(1);
    assertThatThrownBy(() -> occupied.aliases().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  private static Allocation ask(Demand demand, Occupied occupied) {
    return Allocator.allocate(DomainXml.pc().running(), demand, occupied);
  }

  private static Placement place(DomainXml domain, DiskBus bus, Occupied occupied) {
    return ((Placed) Allocator.allocate(domain.running(), Demand.of(bus, Placing.ALIAS), occupied))
        .placement();
  }
}
