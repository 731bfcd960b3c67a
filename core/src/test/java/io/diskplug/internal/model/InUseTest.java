// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import static io.diskplug.internal.xml.read.DomainXml.ccwAddress;
import static io.diskplug.internal.xml.read.DomainXml.driveAddress;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.xml.read.DomainXml;
import org.junit.jupiter.api.Test;

class InUseTest {

  @Test
  void knowsTargetDevsOnAllBuses() {
    InUse inUse =
        inUse(
            DomainXml.pc()
                .disk("vda", "virtio", "")
                .disk("sda", "virtio", "")
                .disk("vdb", "scsi", "")
                .disk("vdd", "ide", "")
                .disk("xvda", "xen", ""));
    assertThat(inUse.hasTargetDev("vda")).isTrue();
    assertThat(inUse.hasTargetDev("xvda")).isTrue();
    assertThat(inUse.hasTargetDev("vdc")).isFalse();
    IndexSet virtio = inUse.targetIndexes(DiskBus.VIRTIO);
    assertThat(virtio.nextFree(0)).isEqualTo(2);
    assertThat(virtio.contains(3)).isTrue();
    IndexSet scsi = inUse.targetIndexes(DiskBus.SCSI);
    assertThat(scsi.nextFree(0)).isEqualTo(1);
    assertThat(inUse.targetIndexes(DiskBus.XEN).nextFree(0)).isZero();
  }

  @Test
  void knowsAliasesOfAllDevices() {
    InUse inUse =
        inUse(
            DomainXml.pc()
                .controller("scsi", 0, "virtio-scsi", "<alias name='scsi0'/>")
                .disk("vda", "virtio", "ua-1", "")
                .other("interface", "net0", ""));
    assertThat(inUse.hasAlias("scsi0")).isTrue();
    assertThat(inUse.hasAlias("ua-1")).isTrue();
    assertThat(inUse.hasAlias("net0")).isTrue();
    assertThat(inUse.hasAlias("vda")).isFalse();
  }

  @Test
  void knowsScsiAddressesOfDisksAndHostDevicesAndOfNobodyElse() {
    InUse inUse =
        inUse(
            DomainXml.pc()
                .disk("sda", "scsi", driveAddress(0, 0, 0))
                .disk("sdb", "scsi", driveAddress(0, 0, 2))
                .disk("sdc", "scsi", driveAddress(0, 1, 1))
                .disk("sdd", "scsi", driveAddress(1, 0, 5))
                .disk("sde", "scsi", "<address type='drive' controller='0' bus='1' unit='3'/>")
                .disk("hda", "ide", driveAddress(0, 0, 1))
                .other("hostdev", "", driveAddress(0, 0, 4)));
    assertThat(inUse.scsiAddresses().contains(new DriveAddress(0, 0, 0, 0))).isTrue();
    assertThat(inUse.scsiAddresses().contains(new DriveAddress(0, 0, 1, 1))).isTrue();
    assertThat(inUse.scsiAddresses().contains(new DriveAddress(0, 0, 0, 4))).as("hostdev").isTrue();
    assertThat(inUse.scsiAddresses().contains(new DriveAddress(0, 0, 0, 1))).as("ide").isFalse();
    IndexSet units = inUse.scsiUnits(0);
    assertThat(units.nextFree(0)).isEqualTo(1);
    assertThat(units.nextFree(2)).isEqualTo(3);
    assertThat(units.contains(3)).as("on another bus").isFalse();
    assertThat(inUse.scsiUnits(1).contains(5)).isTrue();
    assertThat(inUse.scsiUnits(2).nextFree(0)).isZero();
  }

  @Test
  void knowsChannelDevicesWhereVirtioDevicesAre() {
    InUse inUse =
        inUse(
            DomainXml.s390x()
                .disk("vda", "virtio", ccwAddress(0))
                .other("interface", "", ccwAddress(2))
                .other("hostdev", "", "<address type='ccw' cssid='0xfe' ssid='1' devno='3'/>")
                .other("hostdev", "", "<address type='ccw' cssid='0xfd' ssid='0' devno='4'/>"));
    assertThat(inUse.ccwDevnos().nextFree(0)).isEqualTo(1);
    assertThat(inUse.ccwDevnos().contains(2)).isTrue();
    assertThat(inUse.ccwDevnos().contains(3)).isFalse();
    assertThat(inUse.ccwDevnos().contains(4)).isFalse();
  }

  private static InUse inUse(DomainXml domain) {
    return domain.view(View.PERSISTENT).inUse();
  }
}
