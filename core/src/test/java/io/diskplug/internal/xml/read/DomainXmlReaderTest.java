// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.model.Device;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.MachineType;
import io.diskplug.internal.model.OtherAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class DomainXmlReaderTest {

  @ParameterizedTest
  @FieldSource("io.diskplug.internal.xml.read.Fixtures#ALL")
  void readsEveryFixtureAsEitherView(String name) {
    String xml = Fixtures.xml(name);
    for (View view : View.values()) {
      DomainView domain = DomainXmlReader.readDomain(xml, view);
      assertThat(domain.view()).isEqualTo(view);
      assertThat(domain.disks()).hasSize(xml.split("<disk[ >]", -1).length - 1 - inCdata(xml));
      assertThat(domain.controllers()).hasSize(xml.split("<controller ", -1).length - 1);
    }
  }

  @Test
  void readsADumpOfARunningDomain() {
    DomainView domain = DomainXmlReader.readDomain(Fixtures.xml("pc-live"), View.LIVE);
    assertThat(domain.uuid()).isEqualTo(UUID.fromString("4980de68-54f6-4d53-8e0a-22f423b4447e"));
    assertThat(domain.name()).isEqualTo("pc-guest");
    assertThat(domain.architecture()).isEqualTo("x86_64");
    assertThat(domain.machine()).isEqualTo("pc-i440fx-7.2");
    assertThat(domain.machineType()).isEqualTo(MachineType.I440FX);
    assertThat(domain.disks())
        .extracting(Disk::device, Disk::targetDev, Disk::bus, Disk::alias, d -> "" + d.address())
        .containsExactly(
            tuple("cdrom", "hda", DiskBus.IDE, "ide0-0-0", "0:0:0:0"),
            tuple("disk", "vda", DiskBus.VIRTIO, "virtio-disk0", "0000:00:08.0"),
            tuple("disk", "vdb", DiskBus.VIRTIO, "ua-t1", "0000:00:0c.0"),
            tuple("disk", "vdc", DiskBus.VIRTIO, "ua-t2", "0000:00:0d.0"),
            tuple("disk", "sda", DiskBus.SCSI, "scsi0-0-0-0", "0:0:0:0"),
            tuple("disk", "sdb", DiskBus.SCSI, "ua-t4", "0:0:0:1"));
    assertThat(domain.controllers())
        .contains(
            new Controller("pci", 1, "pci-bridge", "pci.1", PciAddress.of(0, 3), true),
            new Controller("pci", 0, "pci-root", "pci.0", null, true),
            new Controller("ide", 0, null, "ide", new PciAddress(0, 0, 1, 1), true));
    assertThat(domain.devices())
        .contains(
            new Device("interface", "net0", PciAddress.of(0, 4)),
            new Device("channel", "channel0", new OtherAddress("virtio-serial")),
            new Device("video", "video0", PciAddress.of(0, 2)),
            new Device("rng", "rng0", PciAddress.of(0, 0xa)))
        .extracting(Device::kind)
        .doesNotContain("emulator", "graphics", "audio");
    assertThat(domain.holders())
        .hasSize(domain.controllers().size() + domain.disks().size() + domain.devices().size());
  }

  @Test
  void takesTheAddressesOfTheGuestAndNotThoseOfTheHost() {
    DomainView domain = DomainXmlReader.readDomain(Fixtures.xml("devices"), View.PERSISTENT);
    assertThat(domain.devices())
        .extracting(Device::kind, Device::alias, d -> d.address() == null ? "" : "" + d.address())
        .containsExactly(
            tuple("loader", null, ""),
            tuple("hostdev", "hostdev0", "0000:03:00.0"),
            tuple("hostdev", null, "3:0:0:9"),
            tuple("hostdev", null, "0000:04:00.0"),
            tuple("interface", null, "0000:05:00.0"),
            tuple("channel", "channel0", "virtio-serial address"),
            tuple("input", null, "usb address"),
            tuple("memory", null, "dimm address"),
            tuple("iommu", null, "0000:00:1e.0"),
            tuple("vsock", "vsock0", "0001:06:00.0"),
            tuple("panic", null, "isa address"),
            tuple("quantumlink", null, "qubit address"),
            tuple("watchdog", null, " address"));
    assertThat(domain.disks()).isEmpty();
    assertThat(domain.uuid()).isEqualTo(UUID.fromString("66666666-7777-8888-9999-aaaaaaaaaaaa"));
  }

  @Test
  void anEmptySerialIsNone() {
    String disk =
        "<disk><source file='/a'/><target dev='vda' bus='virtio'/><serial>%s</serial></disk>";

    assertThat(DomainXmlReader.readDisk(disk.formatted("")).serial()).isNull();
    assertThat(DomainXmlReader.readDisk(disk.formatted("one")).serial()).isEqualTo("one");
  }

  @Test
  void readsControllers() {
    DomainView domain = DomainXmlReader.readDomain(Fixtures.xml("devices"), View.PERSISTENT);
    assertThat(domain.controllers())
        .containsExactly(
            new Controller("pci", 0, "pcie-root", null, null, true),
            new Controller("pci", 1, "pcie-root-port", "pci.1", PciAddress.of(0, 1), false),
            new Controller("pci", 2, "pcie-root-port", null, new PciAddress(0, 0, 15, 1), true),
            new Controller("scsi", 3, "virtio-scsi", null, new PciAddress(0, 0, 0, 0), true),
            new Controller("usb", 0, "none", null, null, true));
    assertThat(domain.scsiControllers()).extracting(Controller::index).containsExactly(3);
  }

  @Test
  void readsChannelAddresses() {
    DomainView domain = DomainXmlReader.readDomain(Fixtures.xml("s390x"), View.LIVE);
    assertThat(domain.disks().get(0).address()).isEqualTo(new CcwAddress(0xfe, 0, 0));
    assertThat(domain.controllers().get(0).address()).isEqualTo(new CcwAddress(0xfe, 0, 2));
    assertThat(domain.devices())
        .extracting(Device::address)
        .containsExactly(
            new CcwAddress(0xfe, 0, 1), new CcwAddress(0xfe, 1, 3), PciAddress.of(0, 1));
  }

  @Test
  void toleratesTheTestDriverThatNamesNoMachine() {
    DomainView domain = DomainXmlReader.readDomain(Fixtures.xml("test-driver"), View.LIVE);
    assertThat(domain.machine()).isEmpty();
    assertThat(domain.machineType()).isEqualTo(MachineType.I440FX);
    assertThat(domain.controllers()).isEmpty();
    assertThat(domain.disks().get(0).address()).isEqualTo(PciAddress.of(1, 0));
  }

  @Test
  void aRootBusIsNotHotPluggableInAPcGuestWithoutAcpi() {
    DomainXml pc = DomainXml.pc().withoutAcpi().pci(1, "pci-bridge");
    assertThat(hotplug(pc)).containsExactly(false, true);
    assertThat(hotplug(pc.type("qemu"))).containsExactly(false, true);
    assertThat(hotplug(pc.type("test"))).containsExactly(true, true);
    assertThat(hotplug(DomainXml.pc().pci(1, "pci-bridge"))).containsExactly(true, true);
    assertThat(hotplug(DomainXml.q35().withoutAcpi().pci(1, "pcie-root-port")))
        .containsExactly(true, true);
    DomainView view = pc.type("kvm").view(View.LIVE);
    assertThat(view.controllers().get(0))
        .isEqualTo(new Controller("pci", 0, "pci-root", null, null, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<name>guest</name>                                   | the <domain> has no <name>",
        "<uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>    | the <domain> has no <uuid>",
        "<type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type> | the <domain> has no arch in its"
            + " <os><type>",
        "<devices>.*</devices>                                | the <domain> has no <devices>",
      })
  void insistsOnWhatItNeeds(String part, String problem) {
    String xml = DomainXml.pc().xml().replaceFirst("(?s)" + part, "");
    assertThatThrownBy(() -> DomainXmlReader.readDomain(xml, View.LIVE))
        .hasMessage("line 1, column 1: " + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<uuid/>                                          | the <uuid> is not a UUID",
        "<uuid>6695eb01-f6a4-8304-79aa-97f2502e193</uuid> | the <uuid> is not a UUID",
        "<uuid>6695eb01-f6a4-8304-79aa-97f2502e193ff</uuid> | the <uuid> is not a UUID",
        "<uuid>6695eb01-f6a4-8304-79aa-97f2502e193g</uuid> | the <uuid> is not a UUID",
      })
  void insistsOnAUuid(String uuid, String problem) {
    String xml = DomainXml.pc().xml().replaceFirst("<uuid>.*</uuid>", uuid);
    assertThatThrownBy(() -> DomainXmlReader.readDomain(xml, View.LIVE))
        .hasMessage("line 3, column 3: " + problem);
  }

  @ParameterizedTest
  @CsvSource({
    "6695EB01-F6A4-8304-79AA-97F2502E193F",
    "6695eb01f6a4830479aa97f2502e193f",
    "' 6695eb01-f6a4-8304-79aa-97f2502e193f\n'",
  })
  void readsAUuidInEverySpellingOfLibvirt(String uuid) {
    String xml = DomainXml.pc().xml().replaceFirst("<uuid>.*</uuid>", "<uuid>" + uuid + "</uuid>");
    assertThat(DomainXmlReader.readDomain(xml, View.LIVE).uuid())
        .isEqualTo(UUID.fromString("6695eb01-f6a4-8304-79aa-97f2502e193f"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<disk/>                                        | a <disk> without a target dev",
        "<disk><target bus='virtio'/></disk>            | a <disk> without a target dev",
        "<controller index='0'/>                        | a <controller> without a type or an"
            + " index",
        "<controller type='scsi'/>                      | a <controller> without a type or an"
            + " index",
        "<controller type='pci' index='256'/>           | <controller> has a index that is no"
            + " number from 0 to 255",
        "<controller type='scsi' index='-1'/>           | <controller> has a index that is no"
            + " number from 0 to 2147483647",
        "<controller type='scsi' index='2147483648'/>   | <controller> has a index that is no"
            + " number from 0 to 2147483647",
        "<rng><address type='pci' bus='256'/></rng>     | <address> has a bus that is no number"
            + " from 0 to 255",
        "<rng><address type='pci' domain='0x10000'/></rng> | <address> has a domain that is no"
            + " number from 0 to 65535",
        "<rng><address type='pci' slot='32'/></rng>     | <address> has a slot that is no number"
            + " from 0 to 31",
        "<rng><address type='pci' function='8'/></rng>  | <address> has a function that is no"
            + " number from 0 to 7",
        "<rng><address type='ccw' cssid='0xff'/></rng>  | <address> has a cssid that is no number"
            + " from 0 to 254",
        "<rng><address type='ccw' ssid='4'/></rng>      | <address> has a ssid that is no number"
            + " from 0 to 3",
        "<rng><address type='ccw' devno='65536'/></rng> | <address> has a devno that is no number"
            + " from 0 to 65535",
        "<rng><address type='drive' unit='x'/></rng>    | <address> has a unit that is no number"
            + " from 0 to 2147483647",
        "<rng><address type='drive' target=''/></rng>   | <address> has a target that is no number"
            + " from 0 to 2147483647",
      })
  void insistsOnUsableDevices(String device, String problem) {
    String xml = DomainXml.pc().device(device).xml();
    assertThatThrownBy(() -> DomainXmlReader.readDomain(xml, View.LIVE))
        .isInstanceOf(DomainXmlException.class)
        .hasMessageEndingWith(": " + problem)
        .hasMessageStartingWith("line 8, ");
  }

  @Test
  void refusesOtherRoots() {
    assertThatThrownBy(() -> DomainXmlReader.readDomain("<domains/>", View.LIVE))
        .hasMessage("line 1, column 1: the root element is not <domain>");
    assertThatThrownBy(() -> DomainXmlReader.readDisk("<domain/>"))
        .hasMessage("line 1, column 1: the root element is not <disk>");
    assertThatThrownBy(() -> DomainXmlReader.diskXml("<disk/>", "vda"))
        .hasMessage("line 1, column 1: the root element is not <domain>");
  }

  @Test
  void refusesWhateverFollowsTheRoot() {
    String domain = DomainXml.pc().xml();
    assertThatThrownBy(() -> DomainXmlReader.readDomain(domain + "x", View.LIVE))
        .isInstanceOf(DomainXmlException.class);
    assertThatThrownBy(() -> DomainXmlReader.readDisk("<disk><target dev='a'/></disk><x/>"))
        .isInstanceOf(DomainXmlException.class);
    assertThatThrownBy(() -> DomainXmlReader.diskXml(domain + "<x/>", "vda"))
        .isInstanceOf(DomainXmlException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sources", "test-driver", "s390x"})
  void refusesEveryTruncation(String name) {
    String xml = Fixtures.xml(name).strip();
    assertThatCode(() -> DomainXmlReader.readDomain(xml, View.LIVE)).doesNotThrowAnyException();
    for (int length = 0; length < xml.length(); length++) {
      assertThat(isRead(xml.substring(0, length))).as("the first %d characters", length).isFalse();
    }
  }

  @Test
  void toleratesDuplicateTargets() {
    DomainView domain =
        DomainXml.pc().disk("vda", "virtio", "").disk("vda", "virtio", "").view(View.LIVE);
    assertThat(domain.disks()).extracting(Disk::targetDev).containsExactly("vda", "vda");
  }

  private static boolean isRead(String xml) {
    try {
      DomainXmlReader.readDomain(xml, View.LIVE);
      return true;
    } catch (DomainXmlException e) {
      return false;
    }
  }

  private static List<Boolean> hotplug(DomainXml domain) {
    return domain.view(View.LIVE).controllers().stream().map(Controller::hotplug).toList();
  }

  private static int inCdata(String xml) {
    return xml.contains("<![CDATA[<disk>") ? 1 : 0;
  }

  @Test
  void theRunIsThatOfTheRootElement() {
    assertThat(domain("type='kvm' id='17'").run()).hasValue(17);
    assertThat(domain("type='kvm'").run()).isEmpty();
    assertThat(domain("id='-1'").run()).isEmpty();
    assertThatThrownBy(() -> DomainXmlReader.readDomain("<network id='1'/>", View.LIVE))
        .isInstanceOf(DomainXmlException.class);
  }

  private static DomainView domain(String attributes) {
    return DomainXmlReader.readDomain(
        "<domain "
            + attributes
            + "><name>vm</name><uuid>00000000-0000-0001-0000-000000000002</uuid>"
            + "<os><type arch='x86_64'>hvm</type></os><devices><x id='3'/></devices></domain>",
        View.LIVE);
  }

  @Test
  void aRunIsKeptWhateverIsAddedOrLeftOut() {
    DomainView view = domain("id='17'");
    Disk disk = DomainXmlReader.readDisk("<disk><target dev='vda'/></disk>");
    assertThat(view.with(disk).run()).hasValue(17);
    assertThat(view.with(disk).without(disk).run()).hasValue(17);
  }

  @Test
  void theValuesOfLimitsAreReplacedAndNothingElse() {
    String disk =
        "<disk type='file'><source file='/a&amp;b'/><iotune>%s<group_name>a&lt;b</group_name>%s"
            + "</iotune><target dev='vdb'/></disk>";

    assertThat(
            DomainXmlReader.withIoTune(
                disk.formatted("<x>1</x><y>7</y>", ""), Set.of("x", "z"), Map.of("z", 1L)))
        .isEqualTo(disk.formatted("<y>7</y>", "<z>1</z>"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<iotune/>", "<iotune />"})
  void aDiskWithoutLimitsStaysAsItIs(String limits) {
    String disk = "<disk type='file'><target dev='vdb'></target>" + limits + "</disk>";

    assertThat(DomainXmlReader.withIoTune(disk, Set.of("x"), Map.of("z", 1L))).isEqualTo(disk);
  }
}
