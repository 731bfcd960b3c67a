// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static io.diskplug.domain.DiskBus.SCSI;
import static io.diskplug.domain.DiskBus.VIRTIO;
import static io.diskplug.internal.alloc.Placing.place;
import static io.diskplug.internal.alloc.Placing.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.Placement;
import io.diskplug.domain.DiskBus;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.alloc.Refused.Reason;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.TargetDev;
import io.diskplug.internal.xml.read.DomainXml;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetDevsTest {

  @Test
  void theFirstNameThatNoViewHas() {
    DomainXml live = DomainXml.pc().disk("vda", "virtio", "").disk("vdd", "virtio", "");
    DomainXml persistent = DomainXml.pc().disk("vdb", "virtio", "").disk("vdc", "virtio", "");
    assertThat(place(live.running(persistent), VIRTIO).targetDev()).isEqualTo("vde");
    assertThat(place(live.live(), VIRTIO).targetDev()).isEqualTo("vdb");
    assertThat(place(persistent.shutOff(), VIRTIO).targetDev()).isEqualTo("vda");
  }

  @Test
  void namesAreTakenWhateverTheBus() {
    DomainXml pc =
        DomainXml.pc()
            .scsi(0, "virtio-scsi")
            .disk("vda", "ide", "")
            .disk("vdb", "scsi", "")
            .disk("sda", "virtio", "");
    assertThat(place(pc.live(), VIRTIO).targetDev()).isEqualTo("vdc");
    assertThat(place(pc.live(), SCSI).targetDev()).isEqualTo("sdb");
  }

  @Test
  void behindTheLetterZ() {
    DomainXml pc = DomainXml.pc();
    for (int i = 0; i < 26; i++) {
      pc.disk(TargetDev.name("vd", i), "virtio", "");
    }
    assertThat(place(pc.live(), VIRTIO).targetDev()).isEqualTo("vdaa");
  }

  @Test
  void oddNamesAreNotInTheWay() {
    DomainXml pc =
        DomainXml.pc()
            .disk("vda1", "virtio", "")
            .disk("vd", "virtio", "")
            .disk("vdzzzzzzzzzz", "virtio", "")
            .disk("xvda", "xen", "");
    assertThat(place(pc.live(), VIRTIO).targetDev()).isEqualTo("vda");
  }

  @Test
  void aNameAskedForIsHonoured() {
    Placement placement = ((Placed) ask(DomainXml.pc().running(), "sdq")).placement();
    assertThat(placement.targetDev()).isEqualTo("sdq");
    assertThat(placement.bus()).isEqualTo(VIRTIO);
    assertThat(placement.alias()).isEqualTo(Placing.ALIAS);
  }

  @Test
  void aNameAskedForIsRefusedWithItsHolder() {
    DomainXml live = DomainXml.pc();
    DomainXml persistent =
        DomainXml.pc().device("<disk device='cdrom'><target dev='vdb' bus='sata'/></disk>");
    Refused refused = refused(ask(live.running(persistent), "vdb"), Reason.TARGET_TAKEN);
    assertThat(refused).hasToString("target dev vdb is taken: cdrom vdb (persistent)");
    refused = refused(ask(persistent.running(live), "vdb"), Reason.TARGET_TAKEN);
    assertThat(refused.holder()).isEqualTo("cdrom vdb (live)");
    refused = refused(ask(persistent.running(), "vdb"), Reason.TARGET_TAKEN);
    assertThat(refused.holder()).isEqualTo("cdrom vdb (live and persistent)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "vd", "vda1", "fda", "sd-a", "VDA", "unplaced"})
  void aNameThatLibvirtRefusesIsRefused(String name) {
    Refused refused = refused(ask(DomainXml.pc().live(), name), Reason.TARGET_INVALID);
    assertThat(refused).hasToString("libvirt takes no disk with target dev \"" + name + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "SATA, BUS_NOT_HOT_PLUGGABLE, disks on the sata bus cannot be plugged while a guest runs",
    "IDE, BUS_NOT_HOT_PLUGGABLE, disks on the ide bus cannot be plugged while a guest runs",
    "FDC, BUS_NOT_HOT_PLUGGABLE, disks on the fdc bus cannot be plugged while a guest runs",
    "USB, BUS_NOT_SUPPORTED, 'disks are placed on the virtio and scsi buses only, not on USB'",
    "XEN, BUS_NOT_SUPPORTED, 'disks are placed on the virtio and scsi buses only, not on XEN'",
    "SD, BUS_NOT_SUPPORTED, 'disks are placed on the virtio and scsi buses only, not on SD'",
    "UML, BUS_NOT_SUPPORTED, 'disks are placed on the virtio and scsi buses only, not on UML'",
    "OTHER, BUS_NOT_SUPPORTED, 'disks are placed on the virtio and scsi buses only, not on OTHER'",
  })
  void otherBusesAreRefusedBeforeAnythingElse(DiskBus bus, Reason reason, String what) {
    for (DomainViews views : new DomainViews[] {DomainXml.pc().live(), DomainXml.pc().shutOff()}) {
      Refused refused =
          refused(
              Allocator.allocate(views, new Demand(bus, "", "", null), Occupied.NOTHING), reason);
      assertThat(refused).hasToString(what);
    }
  }

  @Test
  void anAliasIsRefusedWithItsHolder() {
    DomainXml live = DomainXml.pc().other("interface", "ua-dp-new", "");
    DomainXml persistent = DomainXml.pc().disk("vdq", "virtio", "ua-dp-new", "");
    Refused refused = refused(ask(live.running(persistent), null), Reason.ALIAS_TAKEN);
    assertThat(refused)
        .hasToString("alias ua-dp-new is taken: disk vdq (persistent), interface ua-dp-new (live)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ua-", "virtio-disk0", "ua-a.b", "ua-a b", "xua-a", "ua-\u00E4"})
  void anAliasThatLibvirtDropsIsRefused(String alias) {
    Refused refused =
        refused(
            Allocator.allocate(DomainXml.pc().live(), Demand.of(VIRTIO, alias), Occupied.NOTHING),
            Reason.ALIAS_INVALID);
    assertThat(refused)
        .hasToString("alias \"" + alias + "\" is not ua- and then letters, digits, '-' and '_'");
  }

  private static Allocation ask(DomainViews views, String targetDev) {
    return Allocator.allocate(
        views, new Demand(VIRTIO, Placing.ALIAS, targetDev, null), Occupied.NOTHING);
  }
}
