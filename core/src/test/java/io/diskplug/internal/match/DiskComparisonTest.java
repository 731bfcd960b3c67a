// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.Difference;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskComparisonTest {

  private static final String XML =
      """
      <disk type='network' device='disk'>
        <driver name='qemu' type='raw' cache='none' io='native'/>
        <source protocol='rbd' name='volumes/first-light'><host name='a' port='6789'/></source>
        <target dev='vdb' bus='virtio'/>
        <iotune><total_iops_sec>100</total_iops_sec></iotune>
        <serial>pvc-1</serial>
        <alias name='ua-dp-1'/>
        <address type='pci' domain='0x0000' bus='0x00' slot='0x05' function='0x0'/>
      </disk>
      """;

  private static final Disk EXPECTED = DomainXmlReader.readDisk(XML);

  private static Disk with(String from, String to) {
    assertThat(XML).contains(from);
    return DomainXmlReader.readDisk(XML.replace(from, to));
  }

  private static List<Difference> all(Disk found) {
    return Stream.of(
            DiskComparison.ofSubstance(View.LIVE, EXPECTED, found),
            DiskComparison.ofPlace(View.LIVE, EXPECTED, found),
            DiskComparison.ofTuning(View.LIVE, EXPECTED, found))
        .flatMap(List::stream)
        .toList();
  }

  @Test
  void aDiskDoesNotDifferFromItself() {
    assertThat(all(EXPECTED)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "device='disk' | device='lun' | device | disk | lun",
        "bus='virtio' | bus='scsi' | bus | VIRTIO | SCSI",
        "protocol='rbd' | protocol='nbd' | source protocol | rbd | nbd",
        "first-light' | second' | source name | volumes/first-light | volumes/second",
        "<host name='a' port='6789'/> | <snapshot name='s'/> | source name | volumes/first-light |"
            + " volumes/first-light@s",
        "<host name='a' port='6789'/> | <encryption format='luks2' engine='librbd'/> | encryption"
            + " | absent | luks2 librbd",
        "<serial>pvc-1</serial> | <encryption format='luks'/><serial>pvc-1</serial> | encryption"
            + " | absent | luks",
        "<serial>pvc-1</serial> | <serial>pvc-2</serial> | serial | pvc-1 | pvc-2",
        "<serial>pvc-1</serial> | <readonly/><serial>pvc-1</serial> | readonly | false | true",
        "<serial>pvc-1</serial> | <shareable/><serial>pvc-1</serial> | shareable | false | true"
      })
  void whatMakesItAnotherDisk(String from, String to, String field, String expected, String found) {
    assertThat(DiskComparison.ofSubstance(View.LIVE, EXPECTED, with(from, to)))
        .containsExactly(new Difference(View.LIVE, field, expected, found));
    assertThat(all(with(from, to))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dev='vdb' | dev='vdc' | target dev | vdb | vdc",
        "slot='0x05' | slot='0x06' | address | 0000:00:05.0 | 0000:00:06.0",
        "ua-dp-1 | ua-dp-2 | alias | ua-dp-1 | ua-dp-2"
      })
  void whatMakesItAnotherPlace(
      String from, String to, String field, String expected, String found) {
    assertThat(DiskComparison.ofPlace(View.PERSISTENT, EXPECTED, with(from, to)))
        .containsExactly(new Difference(View.PERSISTENT, field, expected, found));
    assertThat(all(with(from, to))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cache='none' | cache='writeback' | driver cache | none | writeback",
        "io='native' | io='threads' | driver io | native | threads",
        "<iotune> | <blockio physical_block_size='4096'/><iotune> | blockio physical_block_size"
            + " | absent | 4096",
        "<total_iops_sec>100 | <total_iops_sec>101 | iotune total_iops_sec | 100 | 101"
      })
  void whatIsTunedInAnotherWay(
      String from, String to, String field, String expected, String found) {
    Disk disk = DomainXmlReader.readDisk(XML.replace(from, to));

    assertThat(DiskComparison.ofTuning(View.LIVE, EXPECTED, disk))
        .containsExactly(new Difference(View.LIVE, field, expected, found));
    assertThat(all(disk)).hasSize(1);
  }

  @Test
  void whatIsMissingIsSaidToBeAbsent() {
    assertThat(
            all(
                DomainXmlReader.readDisk(
                    XML.replaceAll("<(serial|iotune)>.*</\\1>", "")
                        .replaceAll("<(alias|address) .*/>", ""))))
        .extracting(Difference::toString)
        .containsExactly(
            "LIVE serial: expected pvc-1, found absent",
            "LIVE alias: expected ua-dp-1, found absent",
            "LIVE address: expected 0000:00:05.0, found absent",
            "LIVE iotune total_iops_sec: expected 100, found absent");
  }

  @Test
  void whatLibvirtAddsByItselfIsNoDifference() {
    Disk found =
        DomainXmlReader.readDisk(
            XML.replace("io='native'", "io='native' discard='unmap' queues='2'")
                .replace("</iotune>", "</iotune><boot order='2'/>"));

    assertThat(all(found)).isEmpty();
  }

  @Test
  void aLimitThatNobodyAskedForIsADifference() {
    assertThat(
            DiskComparison.ofTuning(
                View.LIVE,
                EXPECTED,
                with("</iotune>", "<read_bytes_sec>1</read_bytes_sec></iotune>")))
        .containsExactly(
            new Difference(View.LIVE, "iotune read_bytes_sec", Difference.ABSENT, "1"));
  }

  @Test
  void aSeatIsTargetAndAddress() {
    assertThat(DiskComparison.ofSeat(View.LIVE, EXPECTED, with("ua-dp-1", "ua-dp-2"))).isEmpty();
    assertThat(
            DiskComparison.ofSeat(
                View.LIVE,
                EXPECTED,
                DomainXmlReader.readDisk(
                    XML.replace("dev='vdb'", "dev='vdc'").replace("slot='0x05'", "slot='0x06'"))))
        .extracting(Difference::field)
        .containsExactly("target dev", "address");
  }

  @Test
  void anAddressThatWasLeftToLibvirtIsNoDifference() {
    Disk open = DomainXmlReader.readDisk(XML.replaceAll("<address .*/>", ""));

    assertThat(DiskComparison.ofPlace(View.LIVE, open, EXPECTED)).isEmpty();
  }

  @Test
  void monitorsAreNoPartOfADisk() {
    assertThat(all(with("name='a' port='6789'", "name='b' port='3300'"))).isEmpty();
  }
}
