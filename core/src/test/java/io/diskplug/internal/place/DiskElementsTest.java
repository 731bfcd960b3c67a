// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.place;

import static io.diskplug.internal.exec.Requests.ALIAS;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.MISMATCHED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.alloc.Placement;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoMode;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.internal.model.OtherAddress;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.local.FileDisk;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DiskElementsTest {

  private static Placement at(DiskBus bus, DeviceAddress address) {
    return new Placement(bus == DiskBus.SCSI ? "sdb" : "vdb", bus, ALIAS, address, List.of());
  }

  @Test
  void theElementHasWhatTheBackendAndTheAllocatorSay() {
    assertThat(DiskElements.write(DISK, at(DiskBus.VIRTIO, PciAddress.of(0, 10))))
        .isEqualTo(
            "<disk type=\"file\" device=\"disk\">"
                + "<driver name=\"qemu\" type=\"raw\" cache=\"none\"/>"
                + "<source file=\"/srv/one.img\"/>"
                + "<target dev=\"vdb\" bus=\"virtio\"/>"
                + "<serial>pvc-22650282-34fe-4111</serial>"
                + "<alias name=\""
                + ALIAS
                + "\"/>"
                + "<address type=\"pci\" domain=\"0x0\" bus=\"0x0\" slot=\"0xa\""
                + " function=\"0x0\"/>"
                + "</disk>");
  }

  @Test
  void everyOptionHasItsPlace() {
    FileDisk disk =
        new FileDisk(
            "pvc-1",
            Path.of("/srv/one.img"),
            DiskOptions.DEFAULTS
                .withBus(DiskBus.SCSI)
                .withIo(IoMode.NATIVE)
                .withIoTune(new IoTune(0, 1, 2, 0, 3, 4))
                .withReadOnly(true)
                .withShareable(true));

    assertThat(DiskElements.write(disk, at(DiskBus.SCSI, new DriveAddress(1, 0, 0, 9))))
        .isEqualTo(
            "<disk type=\"file\" device=\"disk\">"
                + "<driver name=\"qemu\" type=\"raw\" cache=\"none\" io=\"native\"/>"
                + "<source file=\"/srv/one.img\"/>"
                + "<target dev=\"sdb\" bus=\"scsi\"/>"
                + "<iotune><read_bytes_sec>1</read_bytes_sec><write_bytes_sec>2</write_bytes_sec>"
                + "<read_iops_sec>3</read_iops_sec><write_iops_sec>4</write_iops_sec></iotune>"
                + "<readonly/><shareable/>"
                + "<serial>pvc-1</serial>"
                + "<alias name=\""
                + ALIAS
                + "\"/>"
                + "<address type=\"drive\" bus=\"0\" controller=\"1\" target=\"0\" unit=\"9\"/>"
                + "</disk>");
  }

  @ParameterizedTest
  @MethodSource
  void anAddressIsReadBackAsItWasWritten(DeviceAddress address, String element) {
    String xml = DiskElements.write(DISK, at(DiskBus.VIRTIO, address));

    assertThat(xml).contains(element);
    assertThat(DomainXmlReader.readDisk(xml).address()).isEqualTo(address);
  }

  static Stream<Arguments> anAddressIsReadBackAsItWasWritten() {
    return Stream.of(
        Arguments.of(
            new PciAddress(0xffff, 0xff, 0x1f, 7),
            "<address type=\"pci\" domain=\"0xffff\" bus=\"0xff\" slot=\"0x1f\""
                + " function=\"0x7\"/>"),
        Arguments.of(
            new DriveAddress(12, 1, 2, 16383),
            "<address type=\"drive\" bus=\"1\" controller=\"12\" target=\"2\" unit=\"16383\"/>"),
        Arguments.of(
            CcwAddress.ofVirtio(0x1a),
            "<address type=\"ccw\" cssid=\"0xfe\" ssid=\"0x0\" devno=\"0x1a\"/>"));
  }

  @Test
  void anAddressThatIsLeftToLibvirtIsNotWritten() {
    String xml = DiskElements.write(DISK, at(DiskBus.VIRTIO, null));

    assertThat(xml).doesNotContain("<address").contains(ALIAS, "<target dev=\"vdb\"");
  }

  @Test
  void anAddressThatNoDiskHasIsRefused() {
    assertThatThrownBy(() -> DiskElements.write(DISK, at(DiskBus.VIRTIO, new OtherAddress("isa"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("isa");
  }

  @Test
  void whatIsWantedIsTheDiskWithoutAPlace() {
    Disk placed =
        DomainXmlReader.readDisk(DiskElements.write(DISK, at(DiskBus.VIRTIO, PciAddress.of(0, 3))));
    Disk unplaced = DiskElements.wanted(DISK);

    assertThat(unplaced)
        .usingRecursiveComparison()
        .ignoringFields("targetDev", "alias", "address")
        .isEqualTo(placed);
    assertThat(unplaced.alias()).isNull();
    assertThat(unplaced.address()).isNull();
  }

  @Test
  void anElementOfAnotherSourceThanTheVolumesIsMisuse() {
    assertThatThrownBy(() -> DiskElements.wanted(MISMATCHED))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("pvc-1", "/srv/one.img", "/srv/two.img");
  }
}
