// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.internal.xml.read.DomainXmlReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a guest sees of serials, by the bus. */
class GuestSerialTest {

  /** {@code pvc-} and a UUID: 40 characters. */
  private static final String LONG = "pvc-22650282-34fe-41d6-a4f5-1f5ad5b1a4a7";

  private static Disk disk(String device, DiskBus bus, String more) {
    return DomainXmlReader.readDisk(
        "<disk type='file' device='%s'><source file='/srv/a'/><target dev='xda' bus='%s'/>%s</disk>"
            .formatted(device, bus.xmlName(), more));
  }

  private static Disk disk(DiskBus bus, String serial) {
    return disk("disk", bus, "<serial>" + serial + "</serial>");
  }

  @ParameterizedTest
  @CsvSource({
    "VIRTIO, 20",
    "SCSI, 36",
    "USB, 36",
    "IDE, 20",
    "SATA, 20",
    "FDC, 40",
    "XEN, 40",
    "SD, 40",
    "UML, 40",
    "OTHER, 40"
  })
  void aGuestSeesTheFirstBytes(DiskBus bus, int most) {
    for (int length = 1; length <= LONG.length(); length++) {
      String serial = LONG.substring(0, length);
      assertThat(GuestSerial.shown(bus, serial))
          .isEqualTo(LONG.substring(0, Math.min(most, length)));
      assertThat(GuestSerial.isWhole(bus, serial)).isEqualTo(length <= most);
    }
  }

  /** Another tool may have set any serial. */
  @Test
  void bytesCountAndNotCharacters() {
    assertThat(GuestSerial.shown(DiskBus.VIRTIO, "ä".repeat(12))).isEqualTo("ä".repeat(10));
    assertThat(GuestSerial.isWhole(DiskBus.VIRTIO, "ä".repeat(10))).isTrue();
    assertThat(GuestSerial.isWhole(DiskBus.VIRTIO, "ä".repeat(11))).isFalse();
    assertThat(GuestSerial.shown(DiskBus.VIRTIO, "")).isEmpty();
  }

  @Test
  void aBlankTakesTwo() {
    assertThat(GuestSerial.shown(DiskBus.VIRTIO, " a b ")).isEqualTo("\\ a\\ b\\ ");
    assertThat(GuestSerial.isWhole(DiskBus.SCSI, " ".repeat(18))).isTrue();
    assertThat(GuestSerial.isWhole(DiskBus.SCSI, " ".repeat(18) + "a")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "VIRTIO, a, virtio-a",
    "VIRTIO, pvc-22650282-34fe-41, virtio-pvc-22650282-34fe-41",
    "VIRTIO, " + LONG + ", virtio-pvc-22650282-34fe-41",
    "VIRTIO, a.b+c_D, virtio-a.b+c_D",
    "VIRTIO, a b, virtio-a__b",
    "SCSI, a, scsi-0QEMU_QEMU_HARDDISK_a",
    "SCSI, " + LONG + ", scsi-0QEMU_QEMU_HARDDISK_" + LONG,
    "SCSI, a.b+c_D, scsi-0QEMU_QEMU_HARDDISK_a.b+c_D",
    "SCSI, ' a  b ', scsi-0QEMU_QEMU_HARDDISK_a_b"
  })
  void theLinkInALinuxGuest(DiskBus bus, String serial, String link) {
    assertThat(GuestSerial.linuxPath(disk(bus, serial))).hasValue("/dev/disk/by-id/" + link);
  }

  @ParameterizedTest
  @EnumSource(
      value = DiskBus.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"VIRTIO", "SCSI"})
  void otherBusesHaveLinksThatAreNotKnown(DiskBus bus) {
    assertThat(GuestSerial.linuxPath(disk(bus, "a"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "disk, ''",
    "disk, <serial></serial>",
    "disk, <serial>a</serial><vendor>ACME</vendor>",
    "disk, <serial>a</serial><product>Fast disk</product>",
    "disk, <serial>a</serial><wwn>5000c50015ea71ac</wwn>",
    "cdrom, <serial>a</serial>",
    "lun, <serial>a</serial>"
  })
  void aScsiDiskWhoseLinkIsMadeOfSomethingElse(String device, String more) {
    assertThat(GuestSerial.linuxPath(disk(device, DiskBus.SCSI, more))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // as long as the bus has room, one byte more makes no other disk
    "VIRTIO, pvc-22650282-34fe-41, pvc-22650282-34fe-41d6, true",
    "VIRTIO, pvc-22650282-34fe-4, pvc-22650282-34fe-41, false",
    "SCSI, pvc-22650282-34fe-41, pvc-22650282-34fe-41d6, false",
    "SCSI, pvc-22650282-34fe-41d6-a4f5-1f5ad5b1, pvc-22650282-34fe-41d6-a4f5-1f5ad5b1a, true",
    "SCSI, pvc-22650282-34fe-41d6-a4f5-1f5ad5b1a, pvc-22650282-34fe-41d6-a4f5-1f5ad5b1b, true",
    "SCSI, pvc-22650282-34fe-41d6-a4f5-1f5ad5b, pvc-22650282-34fe-41d6-a4f5-1f5ad5b1, false",
    "USB, pvc-22650282-34fe-41d6-a4f5-1f5ad5b1a, pvc-22650282-34fe-41d6-a4f5-1f5ad5b1b, true",
    "SATA, pvc-22650282-34fe-41, pvc-22650282-34fe-41d6, true",
    "IDE, pvc-22650282-34fe-4, pvc-22650282-34fe-41, false",
    // upper and lower case are two
    "VIRTIO, pvc-a, PVC-A, false",
    "SCSI, pvc-a, PVC-A, false",
    // one link of two serials
    "SCSI, a_b, a b, true",
    "SCSI, a_b, ' a   b ', true",
    "SCSI, a.b, a_b, false",
    "VIRTIO, a_b, a b, false",
    "VIRTIO, a__b, a b, true"
  })
  void twins(DiskBus bus, String one, String other, boolean twins) {
    assertThat(GuestSerial.areTwins(bus, one, disk(bus, other))).isEqualTo(twins);
    assertThat(GuestSerial.areTwins(bus, other, disk(bus, one))).isEqualTo(twins);
    assertThat(GuestSerial.areTwins(bus, one, disk(bus, one))).isTrue();
  }

  @Test
  void noTwins() {
    assertThat(GuestSerial.areTwins(DiskBus.SCSI, "a", disk(DiskBus.VIRTIO, "a"))).isFalse();
    assertThat(
            GuestSerial.areTwins(
                DiskBus.SCSI, "a", disk("cdrom", DiskBus.SCSI, "<serial>a</serial>")))
        .isFalse();
    assertThat(
            GuestSerial.areTwins(
                DiskBus.SCSI,
                "a_b",
                disk("disk", DiskBus.SCSI, "<serial>a b</serial><vendor>ACME</vendor>")))
        .isFalse();
    assertThat(GuestSerial.areTwins(DiskBus.VIRTIO, "a", disk("disk", DiskBus.VIRTIO, "")))
        .isFalse();
  }

  /** Page 0x83 of a disk without a serial has the name of its drive. */
  @Test
  void aDiskWithoutASerialHasOneInItsLink() {
    Disk disk = disk("disk", DiskBus.SCSI, "<alias name='scsi0-0-0-1'/>");

    assertThat(GuestSerial.areTwins(DiskBus.SCSI, "drive-scsi0-0-0-1", disk)).isTrue();
    assertThat(GuestSerial.areTwins(DiskBus.SCSI, "scsi0-0-0-1", disk)).isFalse();
    assertThat(GuestSerial.areTwins(DiskBus.SCSI, "a", disk("disk", DiskBus.SCSI, ""))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "disk, SCSI, 36, false",
    "disk, SCSI, 37, true",
    "cdrom, SCSI, 37, true",
    "lun, SCSI, 37, false",
    "disk, USB, 20, false",
    "disk, USB, 21, true",
    "disk, VIRTIO, 40, false",
    "disk, SATA, 40, false",
    "disk, IDE, 40, false"
  })
  void whatANewerQemuRefuses(String device, DiskBus bus, int length, boolean refused) {
    String serial = "<serial>" + LONG.substring(0, length) + "</serial>";

    assertThat(GuestSerial.isRefusedByNewerQemu(disk(device, bus, serial))).isEqualTo(refused);
    assertThat(GuestSerial.isRefusedByNewerQemu(disk(device, bus, ""))).isFalse();
  }
}
