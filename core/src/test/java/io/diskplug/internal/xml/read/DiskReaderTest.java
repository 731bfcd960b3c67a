// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.HeldByDisk;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskReaderTest {

  private final DomainView domain = DomainXmlReader.readDomain(Fixtures.xml("sources"), View.LIVE);

  @Test
  void readsANetworkDiskWithAllThatItHas() {
    assertThat(disk("vda"))
        .isEqualTo(
            new Disk(
                "disk",
                "vda",
                DiskBus.VIRTIO,
                null,
                new StorageSource(
                    "rbd", "volumes/ns/image-1", "before", List.of("10.0.0.1", "fd00::2", "mon3")),
                List.of(),
                false,
                null,
                "pvc-1",
                "ua-dp-0123456789abcdef0123456789abcdef",
                PciAddress.of(1, 0),
                false,
                true,
                Map.of("name", "qemu", "type", "raw", "cache", "none", "io", "native"),
                Map.of(
                    "total_bytes_sec", "104857600", "total_iops_sec", "1000", "group_name", "grp"),
                Map.of(),
                Map.of()));
  }

  @Test
  void readsTheHostOfAUnixSocket() {
    assertThat(disk("vdb").source()).isEqualTo(new StorageSource("nbd", "", null, List.of()));
    assertThat(disk("vdb").readOnly()).isTrue();
    assertThat(disk("vdb").shareable()).isFalse();
  }

  @Test
  void readsTheBackingChainNearestFirstAndTheMirror() {
    Disk disk = disk("vdc");
    assertThat(disk.model()).isEqualTo("virtio-transitional");
    assertThat(disk.source()).isEqualTo(file("/images/a & \"b\" && \u20AC.qcow2"));
    assertThat(disk.backingChain())
        .containsExactly(
            file("/images/mid.qcow2"), new StorageSource("rbd", "images/base", "snap", List.of()));
    assertThat(disk.mirror())
        .isEqualTo(new StorageSource("block", "/dev/mapper/copy", null, List.of()));
    assertThat(disk("vda").mirror()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "sda, lun,    SCSI,   iscsi,     iqn.2020-01.com.example:Target/4",
    "vdd, disk,   VIRTIO, block,     /dev/disk/by-id/wwn-0x1",
    "vde, disk,   VIRTIO, volume,    default/vol.img",
    "vdf, disk,   VIRTIO, nvme,      0000:21:03.1/1",
    "vdg, disk,   VIRTIO, vhostuser, /run/vhost.sock",
    "vdh, disk,   VIRTIO, vhostvdpa, /dev/vhost-vdpa-0",
    "fda, floppy, FDC,    dir,       /images/fat",
    "sdb, cdrom,  SATA,   none,      ''",
    "hda, disk,   OTHER,  none,      ''",
    "vdi, disk,   OTHER,  quantum,   ''",
  })
  void readsEveryKindOfSource(
      String targetDev, String device, DiskBus bus, String kind, String name) {
    Disk disk = disk(targetDev);
    assertThat(disk.device()).isEqualTo(device);
    assertThat(disk.bus()).isEqualTo(bus);
    assertThat(disk.source().kind()).isEqualTo(kind);
    assertThat(disk.source().name()).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "file | file='/a'",
        "block | dev='/dev/a'",
        "dir | dir='/a'",
        "volume | pool='p' volume='v'",
        "nvme | type='pci' namespace='1'",
        "vhostuser | path='/run/a.sock'",
        "vhostvdpa | dev='/dev/vhost-vdpa-0'",
        "quantum | name='a'",
        "network | protocol='rbd' name='p/i'",
        "network | protocol='iscsi' name='iqn.2026-01.io.diskplug:a/1'",
        "network | protocol='nbd'"
      })
  void readsTheEncryptionInsideAnySource(String type, String attributes) {
    String luks = "<encryption format='luks'><secret type='passphrase' usage='u'/></encryption>";
    for (String[] row :
        new String[][] {
          {"", null},
          {"<x/>", null},
          {"<x><encryption format='luks'/></x>", null},
          {luks, "luks"},
          {"<slices/>" + luks + "<address bus='1'/>", "luks"},
          {"<encryption format='luks2' engine='librbd'/>", "luks2 librbd"}
        }) {
      String source = "<source " + attributes + ">" + row[0] + "</source>";

      Disk disk = readTyped(type, source);
      assertThat(disk.source().encryption()).as(source).isEqualTo(row[1]);
      assertThat(disk.source()).isNotEqualTo(StorageSource.NONE);
      // It is no part of what the source is.
      if (!type.equals("nvme")) { // which is named by a child
        String plain = "<source " + attributes + "/>";
        assertThat(disk.source().isSameAs(readTyped(type, plain).source())).isTrue();
      }
      Disk overlay =
          read(
              "<source file='/o'/><backingStore type='%s'>%s</backingStore>"
                  .formatted(type, source));
      assertThat(overlay.source().encryption()).isNull();
      assertThat(overlay.backingChain().get(0).encryption()).isEqualTo(row[1]);
    }
  }

  @Test
  void anEmptyDriveHasNoEncryption() {
    assertThat(
            read("<source startupPolicy='optional'><encryption format='luks'/></source>").source())
        .isEqualTo(StorageSource.NONE);
  }

  @Test
  void takesTheAddressOfTheDiskAndNotThatOfItsSource() {
    assertThat(disk("vdd").address()).isNull();
    assertThat(disk("vdf").address()).isNull();
  }

  @Test
  void readsTheMirrorOfOldVersions() {
    Disk disk = DomainXmlReader.readDomain(Fixtures.xml("old-libvirt"), View.LIVE).disks().get(0);
    assertThat(disk.mirror()).isEqualTo(file("/images/copy.img"));
    assertThat(disk.address()).isEqualTo(new DriveAddress(0, 0, 0, 0));
    assertThat(read("<mirror/>").mirror()).isEqualTo(StorageSource.NONE);
  }

  @Test
  void readsABackingChainInAnyOrderOfElements() {
    Disk disk =
        read(
            "<backingStore type='block'><backingStore><source"
                + " file='/b'/><backingStore/></backingStore><source dev='/a'/></backingStore>");
    assertThat(disk.backingChain())
        .containsExactly(new StorageSource("block", "/a", null, List.of()), file("/b"));
  }

  @Test
  void aVolumeNeedsBothItsNames() {
    assertThat(readTyped("volume", "<source pool='p'/>").source()).isEqualTo(StorageSource.NONE);
    assertThat(readTyped("volume", "<source volume='v'/>").source()).isEqualTo(StorageSource.NONE);
  }

  @Test
  void anNvmeSourceWithoutNamespaceIsStillNamed() {
    Disk disk = readTyped("nvme", "<source><x/><address bus='1'/></source>");
    assertThat(disk.source().name()).isEqualTo("0000:01:00.0/");
  }

  @Test
  void aNetworkSourceNeedsAProtocol() {
    assertThatThrownBy(() -> readTyped("network", "<source name='x'/>"))
        .hasMessage("line 1, column 22: the <source> of a network disk has no protocol");
  }

  @Test
  void theLastOfRepeatedElementsCounts() {
    Disk disk =
        read(
            "<iotune><read_iops_sec> 1"
                + " </read_iops_sec><read_iops_sec>2<x>3</x></read_iops_sec></iotune><serial>a</serial><serial>"
                + " b </serial>");
    assertThat(disk.ioTune()).isEqualTo(Map.of("read_iops_sec", "2"));
    assertThat(disk.serial()).isEqualTo(" b ");
  }

  @Test
  void readsADiskOnItsOwn() {
    Disk disk =
        DomainXmlReader.readDisk(
            "<?xml version='1.0'?>\n<disk type='file'><target dev='vdq' bus='virtio'/></disk>\n");
    assertThat(disk.targetDev()).isEqualTo("vdq");
    assertThat(disk.device()).isEqualTo("disk");
    assertThat(disk.source()).isEqualTo(StorageSource.NONE);
    assertThat(new HeldByDisk(disk).isOnScsiBus()).isFalse();
    assertThat(disk.description()).isEqualTo("disk vdq");
  }

  private Disk disk(String targetDev) {
    return domain.disks().stream()
        .filter(disk -> disk.targetDev().equals(targetDev))
        .findFirst()
        .orElseThrow();
  }

  private static Disk read(String children) {
    return readTyped("file", children);
  }

  private static Disk readTyped(String type, String children) {
    return DomainXmlReader.readDisk(
        "<disk type='" + type + "'>" + children + "<target dev='vda'/></disk>");
  }

  private static StorageSource file(String path) {
    return new StorageSource("file", path, null, List.of());
  }

  @Test
  void whatIsBelowAMirrorIsBelowTheDisk() {
    Disk disk =
        DomainXmlReader.readDisk(
            """
            <disk type='file'><source file='/a'/>
              <backingStore type='file'><source file='/b'/><backingStore/></backingStore>
              <mirror type='file' job='copy'><source file='/c'/>
                <backingStore type='file'><source file='/d'/><backingStore/></backingStore>
              </mirror>
              <target dev='vda' bus='virtio'/>
            </disk>
            """);
    assertThat(disk.mirror()).isEqualTo(new StorageSource("file", "/c", null, List.of()));
    assertThat(disk.backingChain()).extracting(StorageSource::name).containsExactly("/b", "/d");
  }

  /** An empty element ends a chain, and so does a layer that is raw. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      textBlock =
          """
          raw,   "",                                  false
          qcow2, "",                                  true
          qcow2, <backingStore/>,                     false
          qcow2, <backingStore></backingStore>,       false
          qcow2, <B><format type='raw'/>S</B>,        false
          qcow2, <B><format type='qcow2'/>S</B>,      true
          qcow2, <B>S</B>,                            true
          qcow2, <B>S<format type='qcow2'/><backingStore/></B>,                     false
          qcow2, <B>S<format type='qcow2'/><B>S<format type='qcow2'/></B></B>,      true
          qcow2, <B>S<format type='qcow2'/><B>S<format type='raw'/></B></B>,        false
          qcow2, <B>S<format type='qcow2'/><B>S<format type='qcow2'/><backingStore/></B></B>, false
          qcow2, "<mirror type='file'>S<backingStore/></mirror>",                   true
          """)
  void tellsWhetherAChainIsToldToItsEnd(String format, String chain, boolean untold) {
    Disk disk =
        DomainXmlReader.readDisk(
            "<disk type='file'>"
                + chain
                    .replace("<B>", "<backingStore type='file'>")
                    .replace("</B>", "</backingStore>")
                    .replace("S", "<source file='/b'/>")
                    .replace("backing<source file='/b'/>tore", "backingStore")
                + "<driver type='"
                + format
                + "'/><source file='/a'/><target dev='vda' bus='virtio'/></disk>");

    assertThat(disk.mayHaveUntoldLayers()).isEqualTo(untold);
  }

  /** A data store is no layer below, and an empty drive has none. */
  @Test
  void aDataStoreDoesNotEndAChain() {
    String xml =
        "<disk type='file'><driver type='qcow2'/>%s<target dev='vda' bus='virtio'/></disk>";

    assertThat(
            DomainXmlReader.readDisk(
                    xml.formatted(
                        "<source file='/a'><dataStore type='file'><source file='/d'/></dataStore>"
                            + "</source>"))
                .mayHaveUntoldLayers())
        .isTrue();
    assertThat(DomainXmlReader.readDisk(xml.formatted("")).mayHaveUntoldLayers()).isFalse();
  }
}
