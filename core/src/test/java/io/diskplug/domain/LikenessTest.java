// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.internal.model.StoragePool;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a source's text says of whether it is an image of Ceph, a LUN or a file. */
class LikenessTest {

  private static final SourceIdentity IMAGE = new SourceIdentity("rbd", "fsid-1", "volumes/light");
  private static final SourceIdentity SNAPSHOT =
      new SourceIdentity("rbd", "fsid-1", "volumes/light@daily");
  private static final SourceIdentity IN_NAMESPACE =
      new SourceIdentity("rbd", "fsid-1", "volumes/tenant/light");
  private static final SourceIdentity LUN =
      new SourceIdentity("iscsi", "", "iqn.2026-01.io.diskplug:open/1");
  private static final SourceIdentity FLAT_LUN =
      new SourceIdentity("iscsi", "", "iqn.2026-01.io.diskplug:open/256");
  private static final SourceIdentity FILE = new SourceIdentity("file", "", "/srv/x.img");

  private static StorageSource source(String kind, String name) {
    return new StorageSource(kind, name, null, List.of());
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          rbd,       volumes/light,                      SAME
          rbd,       volumes//light,                     SAME
          rbd,       volumes/light:id=admin,             SUSPECT
          rbd,       rbd:volumes/light:id=admin:conf=/c, SUSPECT
          rbd,       volumes/light-2,                    OTHER
          rbd,       volumes/tenant/light,               OTHER
          block,     /dev/rbd/volumes/light,             SAME
          file,      /dev/rbd/volumes/light,             SAME
          block,     /dev/rbd//volumes/./light/,         SAME
          block,     /dev/disk/../rbd/volumes/light,     SAME
          block,     /dev/rbd/volumes/light-part1,       SUSPECT
          block,     /dev/rbd/volumes/light-2,           OTHER
          block,     /dev/rbd/volumes/tenant/light,      OTHER
          block,     /dev/rbd/volumes/light@daily,       OTHER
          block,     /dev/rbd0,                          UNTOLD
          block,     /dev/rbd0p1,                        UNTOLD
          block,     /dev/mapper/vg-root,                UNTOLD
          block,     /dev/vg/root,                       UNTOLD
          block,     /dev/dm-3,                          UNTOLD
          block,     /dev/mapper/volumes-light,          SUSPECT
          block,     /dev/disk/by-id/volumes-light-1,    SUSPECT
          block,     /dev/vda,                           UNTOLD
          block,     /dev/xvdb3,                         UNTOLD
          block,     /dev/mmcblk0p1,                     OTHER
          block,     /dev/fd0,                           OTHER
          block,     /dev/sda,                           UNTOLD
          block,     /dev/nvme0n1,                       UNTOLD
          block,     /dev/nvme-vg/root,                  UNTOLD
          block,     /dev/srv/root,                      UNTOLD
          block,     /dev/vdata/x,                       UNTOLD
          block,     /dev/hdd/x,                         UNTOLD
          block,     /dev/md/x,                          UNTOLD
          block,     /dev/md0,                           UNTOLD
          block,     /dev/loop0,                         UNTOLD
          block,     /dev/vdata/volumes-light,           SUSPECT
          block,     /var/lib/one/datastores/0/7/disk.1, UNTOLD
          block,     /srv/volumes/light,                 SUSPECT
          file,      /var/lib/one/datastores/0/7/disk.1, OTHER
          vhost,     naa.5123456789abcde0,               UNTOLD
          scsi_host, scsi_host2:0:0:1,                   UNTOLD
          file,      /srv/volumes/light,                 OTHER
          file,      /var/lib/libvirt/images/root.qcow2, OTHER
          nbd,       export,                             UNTOLD
          nbd,       volumes/light,                      SUSPECT
          vhostuser, /run/vhost.sock,                    UNTOLD
          ssh,       /srv/x,                             UNTOLD
          volume,    pool/root,                          UNTOLD
          volume,    pool/light,                         SUSPECT
          iscsi,     iqn.2026-01.io.diskplug:open/1,     OTHER
          nvme,      0000:01:00.0/1,                     OTHER
          none,      '',                                 OTHER
          """)
  void ofAnImage(String kind, String name, Likeness likeness) {
    assertThat(IMAGE.likeness(source(kind, name))).isEqualTo(likeness);
    assertThat(IMAGE.names(source(kind, name))).isEqualTo(likeness == Likeness.SAME);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          block, /dev/rbd/volumes/tenant/light,       SAME
          block, /dev/rbd/volumes/light,              OTHER
          rbd,   volumes/tenant/light,                SAME
          rbd,   volumes//light,                      OTHER
          block, /dev/rbd/volumes/tenant/light-part2, SUSPECT
          """)
  void ofAnImageInANamespace(String kind, String name, Likeness likeness) {
    assertThat(IN_NAMESPACE.likeness(source(kind, name))).isEqualTo(likeness);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          block, /dev/rbd/volumes/light@daily, SAME
          block, /dev/rbd/volumes/light,       OTHER
          rbd,   volumes/light@daily,          SAME
          """)
  void ofASnapshot(String kind, String name, Likeness likeness) {
    assertThat(SNAPSHOT.likeness(source(kind, name))).isEqualTo(likeness);
  }

  /** udev puts an underscore in the place of what it does not take in the name of a link. */
  @Test
  void anImageWhoseNameHasASpace() {
    SourceIdentity image = new SourceIdentity("rbd", "", "volumes/first light");

    assertThat(image.likeness(source("block", "/dev/rbd/volumes/first_light")))
        .isEqualTo(Likeness.SUSPECT);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          iscsi,     iqn.2026-01.io.diskplug:open/1,     SAME
          iscsi,     IQN.2026-01.io.Diskplug:OPEN/1,     SAME
          iscsi,     iqn.2026-01.io.diskplug:open/01,    SAME
          iscsi,     iqn.2026-01.io.diskplug:open/lun-1, SUSPECT
          iscsi,     iqn.2026-01.io.diskplug:open/0x1,   SUSPECT
          iscsi,     iqn.2026-01.io.diskplug:open/2,     OTHER
          iscsi,     iqn.2026-01.io.diskplug:open,       OTHER
          block,     /dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-1,        SAME
          block,     /dev/disk/by-path/ip-[2001:db8::1]:3260-iscsi-iqn.2026-01.io.Diskplug:open-lun-1,    SAME
          block,     /dev/disk/by-path/pci-0000:00:1f.2-ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-1, SAME
          block,     /dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-1-part3,  SUSPECT
          block,     /dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-2,        OTHER
          block,     /dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:other-lun-1,       OTHER
          block,     /dev/disk/by-path/iqn.2026-01.io.diskplug:open,  SUSPECT
          block,     /dev/sdb,                           UNTOLD
          block,     /dev/disk/by-id/wwn-0x6001405,      UNTOLD
          block,     /dev/mapper/mpatha,                 UNTOLD
          block,     /dev/rbd/volumes/light,             OTHER
          block,     /dev/rbd0,                          OTHER
          block,     /dev/vda,                           UNTOLD
          block,     /dev/nvme0n1p2,                     OTHER
          block,     /dev/nvme-vg/root,                  UNTOLD
          block,     /dev/md0,                           UNTOLD
          block,     /var/lib/one/datastores/0/7/disk.1, UNTOLD
          vhost,     naa.5123456789abcde0,               UNTOLD
          file,      /srv/x,                             OTHER
          volume,    pool/unit:0:0:1,                    SUSPECT
          volume,    pool/unit:0:0:2,                    UNTOLD
          scsi_host, scsi_host2:0:0:1,                   UNTOLD
          rbd,       volumes/light,                      OTHER
          """)
  void ofALun(String kind, String name, Likeness likeness) {
    assertThat(LUN.likeness(source(kind, name))).isEqualTo(likeness);
  }

  /** Each level of the address counts: four hexadecimal digits, the first level in front. */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          lun-0x0001000000000000, SAME
          lun-0x0001000200000000, OTHER
          lun-0x0001000000020000, OTHER
          lun-0x0001000000000002, OTHER
          lun-0x000100000000ffff, OTHER
          lun-0x0001ffffffffffff, OTHER
          lun-0x0002000000000000, OTHER
          lun-0x0000000100000000, OTHER
          """)
  void ofALunInLevels(String lun, Likeness likeness) {
    String path = "/dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-" + lun;

    assertThat(LUN.likeness(source("block", path))).isEqualTo(likeness);
  }

  /** 2 in the second level is 131073 as the kernel counts. */
  @Test
  void aLunOfTwoLevelsIsTheKernelsNumber() {
    SourceIdentity lun = new SourceIdentity("iscsi", "", "iqn.2026-01.io.diskplug:open/131073");
    String path =
        "/dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open"
            + "-lun-0x0001000200000000";

    assertThat(lun.likeness(source("block", path))).isEqualTo(Likeness.SAME);
  }

  /**
   * The kernel keeps the bits of the flat address space in its number, and udev writes it in hex.
   */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          lun-0x4100000000000000, SAME
          lun-16640,              SAME
          lun-256,                SAME
          lun-0x4101000000000000, OTHER
          lun-0x4100000100000000, OTHER
          lun-0x4100000000000001, OTHER
          lun-0x0100000000000000, SAME
          """)
  void ofALunBeyondTheFirst256(String lun, Likeness likeness) {
    String path = "/dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-" + lun;

    assertThat(FLAT_LUN.likeness(source("block", path))).isEqualTo(likeness);
  }

  /** Others have the kernel's number, as pools do that make their names of it. */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          iscsi,  iqn.2026-01.io.diskplug:open/16640,  SAME
          iscsi,  iqn.2026-01.io.diskplug:open/256,    SAME
          iscsi,  iqn.2026-01.io.diskplug:open/16641,  OTHER
          iscsi,  iqn.2026-01.io.diskplug:other/16640, OTHER
          volume, pool/unit:0:0:16640,                 SUSPECT
          volume, pool/unit:0:0:256,                   SUSPECT
          volume, pool/unit:0:0:16641,                 UNTOLD
          """)
  void ofALunByTheKernelsNumber(String kind, String name, Likeness likeness) {
    SourceIdentity other = new SourceIdentity("iscsi", "", "iqn.2026-01.io.diskplug:open/16640");

    assertThat(FLAT_LUN.likeness(source(kind, name))).isEqualTo(likeness);
    assertThat(other.likeness(source(kind, name))).isEqualTo(likeness);
    assertThat(source("iscsi", other.name()).oneIdentity().name()).isEqualTo(FLAT_LUN.name());
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          block,     /dev/mapper/mpatha,                 UNTOLD
          block,     /var/lib/one/datastores/0/7/disk.1, UNTOLD
          scsi_host, scsi_host2:0:0:1,                   UNTOLD
          file,      /srv/x,                             OTHER
          """)
  void ofADevice(String kind, String name, Likeness likeness) {
    SourceIdentity device = new SourceIdentity("file", "", "/dev/vg/data");

    assertThat(device.likeness(source(kind, name))).isEqualTo(likeness);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          file,   /srv/x.img,        SAME
          block,  /srv/x.img,        SAME
          file,   /srv//x.img,       SAME
          file,   /srv/./x.img,      SAME
          file,   /srv/a/../x.img,   SAME
          file,   /srv/y.img,        OTHER
          file,   /srv/x.img.bak,    OTHER
          block,  /dev/vg/root,      OTHER
          block,  /srv/y.img,        OTHER
          scsi_host, scsi_host2:0:0:1, OTHER
          volume, pool/y.img,        UNTOLD
          volume, pool/x.img,        SUSPECT
          nbd,    export,            UNTOLD
          rbd,    srv/x.img,         OTHER
          """)
  void ofAFile(String kind, String name, Likeness likeness) {
    assertThat(FILE.likeness(source(kind, name))).isEqualTo(likeness);
  }

  /** What the pool's definition says is what counts, whatever the volume is called. */
  @Test
  void aVolumeThatWasResolved() {
    StorageSource volume = source("volume", "pool/light");

    assertThat(IMAGE.likeness(volume.resolvedTo(source("rbd", "volumes/light"))))
        .isEqualTo(Likeness.SAME);
    assertThat(IMAGE.likeness(volume.resolvedTo(source("rbd", "other/light"))))
        .isEqualTo(Likeness.OTHER);
    assertThat(IMAGE.likeness(volume.resolvedTo(source("file", "/srv/light"))))
        .isEqualTo(Likeness.OTHER);
    assertThat(volume.resolvedTo(source("file", "/srv//x")).isSameAs(source("block", "/srv/x")))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          rbd,          volumes, '',       '',        light,      rbd,   volumes/light
          rbd,          volumes, '',       /ignored,  light,      rbd,   volumes/light
          iscsi,        '',      iqn.a:b,  /dev/disk/by-path, unit:0:0:7, iscsi, iqn.a:b/7
          iscsi-direct, '',      iqn.a:b,  '',        unit:0:0:7, iscsi, iqn.a:b/7
          dir,          '',      '',       /srv/pool, x.img,      file,  /srv/pool/x.img
          fs,           '',      /dev/sdx, /srv/pool, x.img,      file,  /srv/pool/x.img
          netfs,        '',      '',       /srv/pool, x.img,      file,  /srv/pool/x.img
          vstorage,     cluster, '',       /srv/pool, x.img,      file,  /srv/pool/x.img
          logical,      vg,      /dev/sdx, /dev/vg,   lv,         block, /dev/vg/lv
          disk,         sdx,     /dev/sdx, /dev,      sdx1,       block, /dev/sdx1
          zfs,          tank,    '',       /dev/zvol/tank, v,     block, /dev/zvol/tank/v
          gluster,      vol,     '',       '',        x.img,      gluster, vol/x.img
          sheepdog,     s,       '',       '',        x,          sheepdog, x
          """)
  void whatAPoolSaysOfAVolume(
      String type,
      String source,
      String device,
      String target,
      String volume,
      String kind,
      String name) {
    String xml =
        """
        <pool type='%s'>
          <name>p</name><uuid>u</uuid><capacity unit='bytes'>0</capacity>
          <source><host name='h'/>%s%s<path>/not/the/target</path></source>
          %s
        </pool>
        """
            .formatted(
                type,
                source.isEmpty() ? "" : "<name>" + source + "</name>",
                device.isEmpty() ? "" : "<device path='" + device + "'/>",
                target.isEmpty()
                    ? ""
                    : "<target><path>" + target + "</path><permissions/></target>");

    assertThat(DomainXmlReader.readPool(xml).volume(volume))
        .hasValueSatisfying(
            told -> assertThat(told.isSpelledAs(source(kind, name))).as("%s", told).isTrue());
  }

  /** Its definition names what its volumes lie on, and not which of them on which device. */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          logical, /dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-1, SUSPECT
          logical, /dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-1-part1, SUSPECT
          logical, /dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-2, UNTOLD
          logical, /dev/sdx, UNTOLD
          zfs,     /dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-1, SUSPECT
          disk,    /dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-1, SUSPECT
          fs,      /dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-1, SUSPECT
          fs,      /dev/sdx, OTHER
          """)
  void aVolumeOfAPoolOnADevice(String type, String device, Likeness likeness) {
    StoragePool pool =
        DomainXmlReader.readPool(
            "<pool type='%s'><source><device path='/dev/vda'/><device path='%s'/></source>"
                    .formatted(type, device)
                + "<target><path>"
                + (type.equals("fs") ? "/srv/pool" : "/dev/pool")
                + "</path></target></pool>");
    StorageSource volume =
        source("volume", "pool/root").resolvedTo(pool.volume("root").orElseThrow());

    assertThat(LUN.likeness(volume)).isEqualTo(likeness);
  }

  /** The paths of these are not made of their names, and a LUN has a name of one form. */
  @Test
  void whatAPoolDoesNotSay() {
    for (String type : List.of("scsi", "mpath", "a-new-one")) {
      assertThat(new StoragePool(type, "s", List.of("/dev/d"), "/dev/disk/by-id").volume("v"))
          .isEmpty();
    }
    assertThat(new StoragePool("iscsi", null, List.of("iqn.a:b"), "/dev").volume("odd")).isEmpty();
    assertThat(new StoragePool("iscsi", null, List.of(), "/dev").volume("unit:0:0:1")).isEmpty();
    assertThat(new StoragePool("dir", null, List.of(), null).volume("v")).isEmpty();
  }
}
