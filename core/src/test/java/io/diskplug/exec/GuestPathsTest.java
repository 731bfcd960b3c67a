// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuestPathsTest {

  @ParameterizedTest
  @CsvSource({
    "a, a",
    "pvc-22650282-34fe-4, pvc-22650282-34fe-4",
    "pvc-22650282-34fe-41, pvc-22650282-34fe-41",
    "pvc-22650282-34fe-4112-9b3c-0a5d6f7e8d90, pvc-22650282-34fe-41"
  })
  void aGuestSeesTheFirstTwentyBytesOfTheSerial(String serial, String shown) {
    assertThat(GuestPaths.virtio(serial)).isEqualTo("/dev/disk/by-id/virtio-" + shown);
  }

  /** A serial that another tool has set may be anything. */
  @Test
  void bytesCountAndNotCharacters() {
    assertThat(GuestPaths.shownSerial("ä".repeat(12))).isEqualTo("ä".repeat(10));
    assertThat(GuestPaths.shownSerial("")).isEmpty();
  }
}
