// SPDX-License-Identifier: Apache-2.0
package io.diskplug.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DiskBus;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.internal.xml.write.DiskXmlWriter;
import io.diskplug.internal.xml.write.PlacedXml;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalDisksTest {

  private static final Path PATH = Path.of("/srv/one's & <two>.img");

  @Test
  void aFileIsWrittenAsFile() {
    FileDisk disk = FileDisk.of("pvc-1", PATH);

    assertThat(written(disk))
        .contains("<disk type=\"file\"", "file=\"/srv/one's &amp; &lt;two&gt;.img\"")
        .doesNotContain("dev=\"/srv");
    assertThat(isFoundAgain(disk)).isTrue();
  }

  @Test
  void aDeviceIsWrittenAsDevice() {
    BlockDisk disk = BlockDisk.of("pvc-1", Path.of("/dev/vg/data"));

    assertThat(written(disk)).contains("<disk type=\"block\"", "dev=\"/dev/vg/data\"");
    assertThat(isFoundAgain(disk)).isTrue();
  }

  private static String written(DiskSource disk) {
    return DiskXmlWriter.write(PlacedXml.of(disk, "vdb"));
  }

  private static boolean isFoundAgain(DiskSource disk) {
    return disk.volume().identity().names(DomainXmlReader.readDisk(written(disk)).source());
  }

  /** libvirt refuses the second disk with one alias, whatever its type is. */
  @Test
  void onePathIsOneVolume() {
    assertThat(BlockDisk.ref("pvc-1", PATH)).isEqualTo(FileDisk.ref("pvc-1", PATH));
    assertThat(BlockDisk.of("pvc-1", PATH).volume().identity().alias())
        .isEqualTo(FileDisk.of("pvc-2", PATH).volume().identity().alias());
  }

  @Test
  void theOptionsAreTheCallers() {
    DiskOptions scsi = DiskOptions.DEFAULTS.withBus(DiskBus.SCSI);

    assertThat(FileDisk.of("pvc-1", PATH).withOptions(scsi).options()).isEqualTo(scsi);
    assertThat(BlockDisk.of("pvc-1", PATH).withOptions(scsi).options()).isEqualTo(scsi);
    assertThat(FileDisk.of("pvc-1", PATH).options()).isEqualTo(DiskOptions.DEFAULTS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "one.img", "./one.img", "/srv/../one.img", "/srv/./one", "/a\nb"})
  void aPathThatIsNotTheOnlyNameIsRefused(String path) {
    assertThatThrownBy(() -> FileDisk.of("pvc-1", Path.of(path)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + path + "\"");
    assertThatThrownBy(() -> BlockDisk.ref("pvc-1", Path.of(path)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "ä"})
  void aVolumeIdThatIsNoneIsRefused(String id) {
    assertThatThrownBy(() -> FileDisk.of(id, PATH)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> BlockDisk.of(id, PATH)).isInstanceOf(IllegalArgumentException.class);
  }
}
