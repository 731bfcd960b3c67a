// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.DiskBus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetDevTest {

  @ParameterizedTest
  @CsvSource({
    "0, vda",
    "1, vdb",
    "25, vdz",
    "26, vdaa",
    "51, vdaz",
    "52, vdba",
    "701, vdzz",
    "702, vdaaa",
    "18277, vdzzz",
    "18278, vdaaaa",
    "2147483646, vdfxshrxw",
  })
  void countsInLetters(int index, String name) {
    assertThat(TargetDev.name("vd", index)).isEqualTo(name);
    assertThat(TargetDev.index("vd", name)).isEqualTo(index);
  }

  @Test
  void countsBackAndForth() {
    for (int index = 0; index < 20_000; index++) {
      assertThat(TargetDev.index("sd", TargetDev.name("sd", index))).isEqualTo(index);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v",
        "vd",
        "vd1",
        "vda1",
        "vdA",
        "sda",
        "xvda",
        "vd-",
        "vd`",
        "vd{",
        "vd\u00E4",
        "vdfxshrxy",
        "vdzzzzzzzzzzzzzzzzzzzzzzzzzz"
      })
  void otherNamesHaveNoIndex(String name) {
    assertThat(TargetDev.index("vd", name)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vda", "vdaa", "sda", "hdc", "xvdb", "ubda"})
  void libvirtTakesTheseForDisks(String name) {
    assertThat(TargetDev.isValid(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "vd", "vd1", "vda1", "vdA", "fda", "xyz", "/dev/vda", "nvme0n1"})
  void libvirtRefusesTheseForDisks(String name) {
    assertThat(TargetDev.isValid(name)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "VIRTIO, vd",
    "SCSI, sd",
    "SATA, sd",
    "USB, sd",
    "SD, sd",
    "OTHER, sd",
    "IDE, hd",
    "FDC, fd",
    "XEN, xvd",
    "UML, ubd"
  })
  void eachBusHasItsPrefix(DiskBus bus, String prefix) {
    assertThat(TargetDev.prefix(bus)).isEqualTo(prefix);
  }
}
