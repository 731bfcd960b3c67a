// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of docs/libvirt.md, "Values that libvirt rewrites", row by row. */
class NormalFormTest {

  /** A disk with these children besides those that each disk has. */
  private static Disk disk(String children) {
    String driver = children.contains("<driver") ? "" : "<driver name='qemu' type='raw'/>";
    String source = children.contains("<source") ? "" : "<source file='/srv/one'/>";
    return DomainXmlReader.readDisk(
        "<disk type='file' device='disk'>"
            + driver
            + source
            + "<target dev='vdb' bus='virtio'/>"
            + children
            + "</disk>");
  }

  private static List<String> differences(String expected, String found) {
    return Stream.of(
            DiskComparison.ofSubstance(View.LIVE, disk(expected), disk(found)),
            DiskComparison.ofTuning(View.LIVE, disk(expected), disk(found)))
        .flatMap(List::stream)
        .map(Object::toString)
        .toList();
  }

  /** What was asked for, and what libvirt shows of it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<iotune><total_bytes_sec>9</total_bytes_sec></iotune>"
            + " | <iotune><total_bytes_sec>9</total_bytes_sec>"
            + "<total_bytes_sec_max_length>1</total_bytes_sec_max_length></iotune>",
        "<iotune><read_iops_sec>9</read_iops_sec><read_iops_sec_max>10</read_iops_sec_max></iotune>"
            + " | <iotune><read_iops_sec>9</read_iops_sec><read_iops_sec_max>10</read_iops_sec_max>"
            + "<read_iops_sec_max_length>1</read_iops_sec_max_length></iotune>",
        "<iotune><write_bytes_sec>9</write_bytes_sec><write_bytes_sec_max>10</write_bytes_sec_max>"
            + "<write_bytes_sec_max_length>1</write_bytes_sec_max_length></iotune>"
            + " | <iotune><write_bytes_sec>9</write_bytes_sec>"
            + "<write_bytes_sec_max>10</write_bytes_sec_max></iotune>",
        "<iotune><total_bytes_sec>0</total_bytes_sec><size_iops_sec>0</size_iops_sec></iotune>"
            + " | <serial/>",
        "<iotune><total_iops_sec>050</total_iops_sec></iotune>"
            + " | <iotune><total_iops_sec>50</total_iops_sec></iotune>",
        "<iotune><group_name>g</group_name></iotune>"
            + " | <iotune><total_iops_sec>50</total_iops_sec><group_name>g</group_name></iotune>",
        "<iotune><total_iops_sec>5</total_iops_sec><group_name>007</group_name></iotune>"
            + " | <iotune><total_iops_sec>5</total_iops_sec><group_name>007</group_name></iotune>",
        "<driver cache='default'/> | <driver name='qemu' type='raw'/>",
        "<driver cache='default'/><shareable/> | <driver cache='none'/><shareable/>",
        "<driver name='qemu'/><shareable/> | <driver name='qemu' cache='none'/><shareable/>",
        "<driver queues='04'/> | <driver name='qemu' type='raw' queues='4'/>",
        "<driver discard='ignore'/> | <driver name='qemu'/>",
        "<driver detect_zeroes='off'/> | <driver name='qemu'/>",
        "<driver detect_zeroes='unmap'/> | <driver detect_zeroes='on'/>",
        "<driver detect_zeroes='unmap' discard='ignore'/> | <driver detect_zeroes='on'/>",
        "<blockio logical_block_size='0' physical_block_size='0'/> | <serial/>",
        "<blockio logical_block_size='0512' physical_block_size='4096'/>"
            + " | <blockio physical_block_size='4096'/>",
        "<serial/> | <blockio logical_block_size='512' physical_block_size='512'/>",
        "<serial></serial> | <iotune/>",
        "<encryption format='luks'/> | <encryption format='luks' engine='qemu'/>",
        "<source file='/srv/one'><encryption format='luks'/></source>"
            + " | <encryption format='luks' engine='qemu'/>",
      })
  void whatLibvirtRewritesIsNoDifference(String asked, String shown) {
    assertThat(differences(asked, shown)).isEmpty();
  }

  /** What looks alike and makes QEMU do something else. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<iotune><total_bytes_sec>9</total_bytes_sec><total_bytes_sec_max>10</total_bytes_sec_max>"
            + "<total_bytes_sec_max_length>2</total_bytes_sec_max_length></iotune>"
            + " | <iotune><total_bytes_sec>9</total_bytes_sec>"
            + "<total_bytes_sec_max>10</total_bytes_sec_max>"
            + "<total_bytes_sec_max_length>1</total_bytes_sec_max_length></iotune>"
            + " | LIVE iotune total_bytes_sec_max_length: expected 2, found 1",
        "<iotune><total_bytes_sec>1</total_bytes_sec></iotune>"
            + " | <iotune><total_bytes_sec>1</total_bytes_sec>"
            + "<total_bytes_sec_max>1</total_bytes_sec_max></iotune>"
            + " | LIVE iotune total_bytes_sec_max: expected absent, found 1",
        "<iotune><total_iops_sec>50</total_iops_sec></iotune>"
            + " | <iotune><total_iops_sec>50</total_iops_sec><group_name>g</group_name></iotune>"
            + " | LIVE iotune group_name: expected absent, found g",
        "<iotune><group_name>g</group_name></iotune>"
            + " | <iotune><total_iops_sec>50</total_iops_sec><group_name>h</group_name></iotune>"
            + " | LIVE iotune group_name: expected g, found h",
        "<iotune><total_iops_sec>5</total_iops_sec><group_name>07</group_name></iotune>"
            + " | <iotune><total_iops_sec>5</total_iops_sec><group_name>7</group_name></iotune>"
            + " | LIVE iotune group_name: expected 07, found 7",
        "<driver discard='ignore'/> | <driver discard='unmap'/>"
            + " | LIVE driver discard: expected ignore, found unmap",
        "<driver detect_zeroes='unmap' discard='unmap'/> | <driver detect_zeroes='on'"
            + " discard='unmap'/> | LIVE driver detect_zeroes: expected unmap, found on",
        "<driver cache='none'/> | <driver name='qemu'/>"
            + " | LIVE driver cache: expected none, found absent",
        "<driver queues='4'/> | <driver queues='40'/>"
            + " | LIVE driver queues: expected 4, found 40",
        "<serial/> | <blockio logical_block_size='4096'/>"
            + " | LIVE blockio logical_block_size: expected absent, found 4096",
        "<encryption format='luks' engine='librbd'/> | <encryption format='luks' engine='qemu'/>"
            + " | LIVE encryption: expected luks librbd, found luks qemu",
        "<encryption format='luks'/> | <serial/>"
            + " | LIVE encryption: expected luks, found absent",
        "<serial>a</serial> | <serial>A</serial> | LIVE serial: expected a, found A",
      })
  void whatQemuTellsApartIsADifference(String asked, String shown, String difference) {
    assertThat(differences(asked, shown)).containsExactly(difference);
  }
}
