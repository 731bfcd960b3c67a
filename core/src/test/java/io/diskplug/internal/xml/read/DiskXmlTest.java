// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class DiskXmlTest {

  @Test
  void isTheElementCharacterByCharacter() {
    String disk =
        "<disk type='file' device='disk'\n    ><!-- kept --><future x=\"&amp;'\"><y/></future>"
            + "<source file='/a'/> <target\tdev='vdb' bus='virtio'/><![CDATA[ ]]></disk >";
    String xml =
        DomainXml.pc().disk("vda", "virtio", "").device(disk).disk("vdc", "virtio", "").xml();
    assertThat(DomainXmlReader.diskXml(xml, "vdb")).contains(disk);
  }

  @Test
  void aTargetDevIsComparedAsItIsMeant() {
    String xml = DomainXml.pc().device("<disk><target dev='vd&#98;'/></disk>").xml();
    assertThat(DomainXmlReader.diskXml(xml, "vdb"))
        .contains("<disk><target dev='vd&#98;'/></disk>");
  }

  @Test
  void nothingIfNoDiskHasTheTargetDev() {
    String xml =
        DomainXml.pc()
            .disk("vda", "virtio", "")
            .device("<interface><target dev='vdb'/></interface>")
            .device("<disk><mirror><target dev='vdb'/></mirror><target dev='vdc'/></disk>")
            .xml();
    assertThat(DomainXmlReader.diskXml(xml, "vdb")).isEmpty();
    assertThat(DomainXmlReader.diskXml(xml, "vd")).isEmpty();
    assertThat(DomainXmlReader.diskXml(xml, "")).isEmpty();
    assertThat(DomainXmlReader.diskXml(Fixtures.xml("sources"), "vdz")).isEmpty();
    assertThat(DomainXmlReader.diskXml(Fixtures.xml("sources"), "vdy")).isEmpty();
  }

  @Test
  void theFirstOfTwo() {
    String xml =
        DomainXml.pc()
            .device("<disk><target dev='vda'/>1</disk>")
            .device("<disk><target dev='vda'/>2</disk>")
            .xml();
    assertThat(DomainXmlReader.diskXml(xml, "vda")).contains("<disk><target dev='vda'/>1</disk>");
  }

  @Test
  void refusesADocumentThatIsBrokenBehindTheDisk() {
    String xml = DomainXml.pc().disk("vda", "virtio", "").xml();
    assertThatThrownBy(() -> DomainXmlReader.diskXml(xml.substring(0, xml.length() - 5), "vda"))
        .isInstanceOf(DomainXmlException.class);
  }

  @ParameterizedTest
  @FieldSource("io.diskplug.internal.xml.read.Fixtures#ALL")
  void readsBackAsTheDiskOfTheDomain(String name) {
    String xml = Fixtures.xml(name);
    for (Disk disk : DomainXmlReader.readDomain(xml, View.LIVE).disks()) {
      String diskXml = DomainXmlReader.diskXml(xml, disk.targetDev()).orElseThrow();
      assertThat(DomainXmlReader.readDisk(diskXml)).isEqualTo(disk);
    }
  }

  @Test
  void aDefinitionIsWithoutWhatLibvirtFoundOutItself() {
    assertThat(
            DomainXmlReader.definition(
                "<disk type='file'><source file='/a' index='3'/><backingStore type='file'><source"
                    + " file='/b'/><backingStore/></backingStore> <target dev='vdb'/><alias"
                    + " name='virtio-disk1'/><x>&amp;</x></disk>"))
        .isEqualTo(
            "<disk type='file'><source file='/a' index='3'/> <target dev='vdb'/><x>&amp;</x></disk>");
  }

  @Test
  void aDefinitionKeepsTheUsersAlias() {
    String disk = "<disk><target dev='vdb'/><alias name='ua-1'/></disk >";
    assertThat(DomainXmlReader.definition(disk)).isEqualTo(disk);
    assertThat(DomainXmlReader.withAlias("<disk><backingStore/><target dev='vdb'/></disk>", "ua-2"))
        .isEqualTo("<disk><backingStore/><target dev='vdb'/><alias name='ua-2'/></disk>");
    assertThat(DomainXmlReader.withAlias(disk, "ua-2"))
        .isEqualTo("<disk><target dev='vdb'/><alias name='ua-2'/></disk >");
  }

  @Test
  void numbersOfBlockNodesAreThoseOfAllLayers() {
    String xml =
        DomainXml.pc()
            .device(
                "<disk type='file'><source file='/a' index='3'/><backingStore type='file' index='4'>"
                    + "<source file='/b'/></backingStore><mirror><source file='/c' index='5'/>"
                    + "</mirror><target dev='vda'/></disk>")
            .device("<disk><source file='/d'/><target dev='vdb'/></disk>")
            .device("<disk><source file='/e' index='x'/><target dev='vdc'/></disk>")
            .device("<interface><source index='9'/></interface>")
            .xml();
    assertThat(DomainXmlReader.blockNodeNumbers(xml)).containsExactlyInAnyOrder(3, 4, 5);
  }
}
