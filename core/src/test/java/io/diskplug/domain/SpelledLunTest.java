// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One LUN, however its number is spelled; libvirt shows it as it was given. */
class SpelledLunTest {

  private static final String TARGET = "iqn.2026-01.io.diskplug:open";

  @ParameterizedTest
  @CsvSource({
    "'', /0",
    "/0, /0",
    "/1, /1",
    "/01, /1",
    "/+1, /1",
    "/+001, /1",
    "'/ 1', /1",
    "/10, /10",
    "/100, /100",
    "/000, /0",
    "/1x, /1x",
    "/0x1, /0x1",
    "/1/01, /1/1",
    "/-1, /-1"
  })
  void hasOneCanonicalName(String spelled, String canonical) {
    StorageSource source = new StorageSource("iscsi", TARGET + spelled, null, List.of());

    assertThat(source.canonicalName()).isEqualTo(TARGET + canonical);
    assertThat(source.name()).isEqualTo(TARGET + spelled);
  }

  @ParameterizedTest
  @CsvSource({"rbd, pool/01", "file, /srv/+1", "block, /dev/disk/by-id/001", "volume, pool/01"})
  void otherNamesAreNoNumbers(String kind, String name) {
    assertThat(new StorageSource(kind, name, null, List.of()).canonicalName()).isEqualTo(name);
  }
}
