// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.xml.read.DomainXmlReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One storage has one key for its unplug requests, however it is sought and spelled. */
class UnplugKeyTest {

  private static Disk disk(String type, String source) {
    return DomainXmlReader.readDisk(
        "<disk type='%s' device='disk'><source %s/><target dev='vdb' bus='virtio'/></disk>"
            .formatted(type, source));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rbd   | volumes/light   | network | protocol='rbd' name='volumes/light'
          rbd   | volumes/light   | network | protocol='rbd' name='volumes//light'
          rbd   | volumes/light   | block   | dev='/dev/rbd/volumes/light'
          rbd   | volumes/light   | block   | dev='/dev//rbd/./volumes/light'
          rbd   | volumes/light   | file    | file='/dev/rbd/volumes/light'
          rbd   | volumes/n/light | block   | dev='/dev/rbd/volumes/n/light'
          rbd   | volumes/light@s | block   | dev='/dev/rbd/volumes/light@s'
          iscsi | iqn.2026-01.x:open/1   | network | protocol='iscsi' name='iqn.2026-01.X:open/01'
          iscsi | iqn.2026-01.x:open/1   | block   | dev='/dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.x:open-lun-1'
          iscsi | iqn.2026-01.x:open/256 | block   | dev='/dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.x:open-lun-16640'
          iscsi | iqn.2026-01.x:open/256 | block   | dev='/dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.x:open-lun-0x4100000000000000'
          file  | /srv/x.img      | file    | file='/srv/x.img'
          file  | /srv/x.img      | file    | file='/srv//a/../x.img'
          file  | /srv/x.img      | block   | dev='/srv/x.img'
          file  | /dev/rbd/volumes/light | network | protocol='rbd' name='volumes/light'
          """)
  void isOne(String kind, String name, String type, String source) {
    VolumeRef volume = new VolumeRef("pvc-1", new SourceIdentity(kind, "cluster", name));
    String ofDisk = new ExactDiskSelector(disk(type, source)).unplugKey();

    assertThat(new VolumeSelector(volume, Namesakes.LISTED).unplugKey()).isEqualTo(ofDisk);
    assertThat(new SourceSelector(volume).unplugKey()).isEqualTo(ofDisk);
  }

  /** Notes of other versions are in the metadata of domains that run. */
  @ParameterizedTest
  @CsvSource({"rbd, volumes/light", "iscsi, iqn.2026-01.x:open/1", "file, /srv/x.img"})
  void isTheOneOfBefore(String kind, String name) {
    VolumeRef volume = new VolumeRef("pvc-1", new SourceIdentity(kind, "cluster", name));

    assertThat(new VolumeSelector(volume, Namesakes.LISTED).unplugKey())
        .isEqualTo(new SourceIdentity(kind, "", name).alias());
  }

  @ParameterizedTest
  @CsvSource({
    "dev='/dev/rbd/volumes/dark'",
    "dev='/dev/rbd0'",
    "dev='/dev/rbd/volumes/light@s'",
    "dev='/dev/rbd/volumes/light-part1'"
  })
  void isAnotherForAnotherStorage(String source) {
    VolumeRef volume = new VolumeRef("pvc-1", new SourceIdentity("rbd", "c", "volumes/light"));

    assertThat(new ExactDiskSelector(disk("block", source)).unplugKey())
        .isNotEqualTo(new VolumeSelector(volume, Namesakes.LISTED).unplugKey());
  }
}
