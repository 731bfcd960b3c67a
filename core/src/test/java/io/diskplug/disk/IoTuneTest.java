// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.diskxml.IoTuneXml;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IoTuneTest {

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 0, 0, 0, 0, bytes_sec",
    "0, -1, 0, 0, 0, 0, bytes_sec",
    "0, 0, -1, 0, 0, 0, bytes_sec",
    "0, 0, 0, -1, 0, 0, iops_sec",
    "0, 0, 0, 0, -1, 0, iops_sec",
    "0, 0, 0, 0, 0, -1, iops_sec"
  })
  void aNegativeLimitIsRefused(
      long totalBytes,
      long readBytes,
      long writeBytes,
      long totalIops,
      long readIops,
      long writeIops,
      String kind) {
    assertThatThrownBy(
            () -> new IoTune(totalBytes, readBytes, writeBytes, totalIops, readIops, writeIops))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(" " + kind + " is negative");
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
    IoTuneXml xml = new IoTune(5, 0, 0, 0, 1, 2).toXml();

    assertThat(xml.totalBytesSec).isEqualTo(5);
    assertThat(xml.readBytesSec).isNull();
    assertThat(xml.writeBytesSec).isNull();
    assertThat(xml.totalIopsSec).isNull();
    assertThat(xml.readIopsSec).isEqualTo(1);
    assertThat(xml.writeIopsSec).isEqualTo(2);
  }

  @Test
  void noLimitAtAllIsNotWritten() {
    assertThat(IoTune.UNLIMITED.toXml()).isNull();
    assertThat(IoTune.total(0, 0).toXml()).isNull();
    assertThat(IoTune.total(0, 1).toXml().totalIopsSec).isEqualTo(1);
  }
}
