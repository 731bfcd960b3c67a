// SPDX-License-Identifier: Apache-2.0
package io.diskplug.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.DiskBus;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Serials are in the persistent views of domains, and in other programs: they stay as they are. */
class SerialChoiceTest {

  private static final String TWENTY = "pvc-22650282-34fe-41";
  private static final String LONG = "pvc-22650282-34fe-41d6-a4f5-1f5ad5b1a4a7";
  private static final String HASH = "dp95b3f617942fa1fabf";

  private static VolumeRef volume(String id) {
    return new VolumeRef(id, new SourceIdentity("file", "", "/srv/a"));
  }

  /** Computed with {@code printf dp%.18s "$(printf %s "$ID" | sha256sum)"}. */
  @ParameterizedTest
  @CsvSource({"a, dpca978112ca1bbdcafa", "Vol_1-x, dpd1696c4ad894f506c1", LONG + ", " + HASH})
  void theDerivedSerialIsTheSameForEver(String id, String serial) {
    assertThat(volume(id).derivedSerial()).isEqualTo(serial);
    assertThat(volume(id).makes(serial)).isTrue();
    assertThat(volume(id).makes(id)).isTrue();
    assertThat(volume(id).makes(serial.toUpperCase(Locale.ROOT))).isFalse();
    assertThat(volume(id + "0").makes(serial)).isFalse();
    assertThat(volume(id).makes(null)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "VIRTIO, " + TWENTY + ", " + TWENTY,
    "VIRTIO, " + LONG + ", " + HASH,
    "SCSI, " + TWENTY + "d6-a4f5-1f5ad5b1, " + TWENTY + "d6-a4f5-1f5ad5b1",
    "SCSI, " + LONG + ", " + HASH
  })
  void itIsDerivedWhereTheGuestWouldNotSeeTheWholeId(DiskBus bus, String id, String serial) {
    assertThat(SerialChoice.DERIVED.serial(volume(id), bus)).isEqualTo(serial);
    assertThat(SerialChoice.ID.serial(volume(id), bus)).isEqualTo(id);
    assertThat(SerialChoice.own("x.1+2").serial(volume(id), bus)).isEqualTo("x.1+2");
  }

  @Test
  void theIdIsDerivedFromTheFirstCharacterBeyondTheRoom() {
    String id = "v".repeat(36);
    assertThat(SerialChoice.DERIVED.serial(volume(id), DiskBus.SCSI)).isEqualTo(id);
    assertThat(SerialChoice.DERIVED.serial(volume(id + "v"), DiskBus.SCSI)).startsWith("dp");
    assertThat(SerialChoice.DERIVED.serial(volume("v".repeat(21)), DiskBus.VIRTIO))
        .startsWith("dp");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a b", "a,b", "a/b", "ä", "a\n", "0123456789012345678901234567890123456"})
  void noSerial(String text) {
    assertThatThrownBy(() -> SerialChoice.own(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("36 characters");
  }

  @Test
  void anOwnSerialHasToFitTheBus() {
    DiskOptions scsi = DiskOptions.DEFAULTS.withBus(DiskBus.SCSI);
    SerialChoice twentyOne = SerialChoice.own("012345678901234567890");

    assertThat(scsi.withSerial(twentyOne).serial()).isEqualTo(twentyOne);
    assertThat(scsi.withSerial(SerialChoice.own("v".repeat(36))).bus()).isEqualTo(DiskBus.SCSI);
    assertThatThrownBy(() -> DiskOptions.DEFAULTS.withSerial(twentyOne))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("21 characters")
        .hasMessageContaining("20 on the virtio bus");
    assertThatThrownBy(() -> scsi.withSerial(twentyOne).withBus(DiskBus.VIRTIO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> twentyOne.serial(volume("a"), DiskBus.VIRTIO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyOtherOptionKeepsTheChoice() {
    DiskOptions options = DiskOptions.DEFAULTS.withSerial(SerialChoice.DERIVED);

    assertThat(options.withBus(DiskBus.SCSI).withReadOnly(true).withShareable(true).serial())
        .isEqualTo(SerialChoice.DERIVED);
    assertThat(
            options
                .withCache(CacheMode.WRITEBACK)
                .withIoTune(IoTune.total(0, 50))
                .withBlockSizes(BlockSizes.of(4096))
                .serial())
        .isEqualTo(SerialChoice.DERIVED);
    assertThat(DiskOptions.DEFAULTS.serial()).isEqualTo(SerialChoice.ID);
  }
}
