// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.internal.xml.write.DiskXml;
import io.diskplug.internal.xml.write.DiskXmlWriter;
import io.diskplug.internal.xml.write.IoTuneXml;
import io.diskplug.internal.xml.write.Written;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IoTuneTest {

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 0, 0, 0, 0",
    "0, -1, 0, 0, 0, 0",
    "0, 0, -1, 0, 0, 0",
    "0, 0, 0, -1, 0, 0",
    "0, 0, 0, 0, -1, 0",
    "0, 0, 0, 0, 0, -1"
  })
  void aNegativeLimitIsRefused(
      long totalBytes,
      long readBytes,
      long writeBytes,
      long totalIops,
      long readIops,
      long writeIops) {
    assertThatThrownBy(
            () -> new IoTune(totalBytes, readBytes, writeBytes, totalIops, readIops, writeIops))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a limit of -1 is not between 0 and");
  }

  @ParameterizedTest
  @CsvSource({
    "5, 1, 0, 0, 0, 0, total_bytes_sec",
    "5, 0, 1, 0, 0, 0, total_bytes_sec",
    "0, 0, 0, 5, 1, 0, total_iops_sec",
    "0, 0, 0, 5, 0, 1, total_iops_sec"
  })
  void aTotalBesideItsPartsIsRefused(
      long totalBytes,
      long readBytes,
      long writeBytes,
      long totalIops,
      long readIops,
      long writeIops,
      String total) {
    assertThatThrownBy(
            () -> new IoTune(totalBytes, readBytes, writeBytes, totalIops, readIops, writeIops))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(total + " excludes");
  }

  @Test
  void aTotalOfOneKindGoesWithThePartsOfTheOther() {
    IoTuneXml xml = Written.ioTune(new IoTune(5, 0, 0, 0, 1, 2));

    assertThat(xml.totalBytesSec).isEqualTo(5);
    assertThat(xml.readBytesSec).isNull();
    assertThat(xml.writeBytesSec).isNull();
    assertThat(xml.totalIopsSec).isNull();
    assertThat(xml.readIopsSec).isEqualTo(1);
    assertThat(xml.writeIopsSec).isEqualTo(2);
  }

  @Test
  void noLimitAtAllIsNotWritten() {
    assertThat(Written.ioTune(IoTune.UNLIMITED)).isNull();
    assertThat(Written.ioTune(IoTune.total(0, 0))).isNull();
    assertThat(Written.ioTune(IoTune.total(0, 1)).totalIopsSec).isEqualTo(1);
  }

  @Test
  void everyLimitIsWrittenUnderItsName() {
    IoTuneXml parts =
        Written.ioTune(
            IoTune.UNLIMITED
                .withReadBytes(limit(10))
                .withWriteBytes(limit(20))
                .withReadIops(limit(30))
                .withWriteIops(limit(40))
                .withSizeIopsSec(4096)
                .withGroupName("tenant-1"));
    IoTuneXml totals =
        Written.ioTune(IoTune.UNLIMITED.withTotalBytes(limit(50)).withTotalIops(limit(60)));

    assertThat(written(parts))
        .isEqualTo(
            "<read_bytes_sec>10</read_bytes_sec><write_bytes_sec>20</write_bytes_sec>"
                + "<read_iops_sec>30</read_iops_sec><write_iops_sec>40</write_iops_sec>"
                + "<read_bytes_sec_max>11</read_bytes_sec_max>"
                + "<write_bytes_sec_max>21</write_bytes_sec_max>"
                + "<read_iops_sec_max>31</read_iops_sec_max>"
                + "<write_iops_sec_max>41</write_iops_sec_max>"
                + "<read_bytes_sec_max_length>12</read_bytes_sec_max_length>"
                + "<write_bytes_sec_max_length>22</write_bytes_sec_max_length>"
                + "<read_iops_sec_max_length>32</read_iops_sec_max_length>"
                + "<write_iops_sec_max_length>42</write_iops_sec_max_length>"
                + "<size_iops_sec>4096</size_iops_sec><group_name>tenant-1</group_name>");
    assertThat(written(totals))
        .isEqualTo(
            "<total_bytes_sec>50</total_bytes_sec><total_iops_sec>60</total_iops_sec>"
                + "<total_bytes_sec_max>51</total_bytes_sec_max>"
                + "<total_iops_sec_max>61</total_iops_sec_max>"
                + "<total_bytes_sec_max_length>52</total_bytes_sec_max_length>"
                + "<total_iops_sec_max_length>62</total_iops_sec_max_length>");
  }

  /** libvirt's parameters have the same names. */
  @Test
  void everyNumberHasTheNameOfItsElement() {
    IoTune parts =
        IoTune.UNLIMITED
            .withReadBytes(limit(10))
            .withWriteBytes(limit(20))
            .withReadIops(limit(30))
            .withWriteIops(limit(40))
            .withSizeIopsSec(4096);
    IoTune totals = IoTune.UNLIMITED.withTotalBytes(limit(50)).withTotalIops(limit(60));

    for (IoTune tune : List.of(parts, totals)) {
      String written = written(Written.ioTune(tune));
      assertThat(tune.numbers()).hasSize(19);
      tune.numbers()
          .forEach(
              (name, number) -> {
                if (number == 0) {
                  assertThat(written).doesNotContain("<" + name + ">");
                } else {
                  assertThat(written).contains("<" + name + ">" + number + "</" + name + ">");
                }
              });
    }
  }

  private static IoLimit limit(int number) {
    return IoLimit.of(number).withBurst(number + 1, Duration.ofSeconds(number + 2));
  }

  private static String written(IoTuneXml xml) {
    DiskXml disk = new DiskXml();
    disk.iotune = xml;
    return DiskXmlWriter.write(disk).replace("<disk><iotune>", "").replace("</iotune></disk>", "");
  }

  @Test
  void theSizeOfAnOperationNeedsALimitOfOperations() {
    assertThatThrownBy(() -> IoTune.total(5, 0).withSizeIopsSec(4096))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("size_iops_sec needs a limit of iops_sec");
    assertThatThrownBy(() -> IoTune.total(0, 5).withSizeIopsSec(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a size_iops_sec of -1 is not between");
    assertThatThrownBy(() -> IoTune.total(0, 5).withSizeIopsSec(IoLimit.MOST + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("size_iops_sec");
    assertThat(new IoTune(0, 0, 0, 0, 1, 0).withSizeIopsSec(4096).sizeIopsSec()).isEqualTo(4096);
    assertThat(new IoTune(0, 0, 0, 0, 0, 1).withSizeIopsSec(4096).sizeIopsSec()).isEqualTo(4096);
  }

  @Test
  void aGroupNeedsALimit() {
    assertThatThrownBy(() -> IoTune.UNLIMITED.withGroupName("g"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("group_name \"g\" needs a limit");
    assertThat(new IoTune(0, 0, 1, 0, 0, 0).withGroupName("g").groupName()).contains("g");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", " a", "a\n", "\u00e4", "a\u0001"})
  void aGroupsNameThatIsNoneIsNamed(String name) {
    assertThatThrownBy(() -> IoTune.total(1, 0).withGroupName(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + name + "\"");
  }
}
