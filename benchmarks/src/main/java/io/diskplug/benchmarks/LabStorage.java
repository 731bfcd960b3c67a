// SPDX-License-Identifier: Apache-2.0
package io.diskplug.benchmarks;

import io.diskplug.ceph.CephAuth;
import io.diskplug.ceph.RbdDisk;
import io.diskplug.ceph.RbdImage;
import io.diskplug.ceph.RbdLogin;
import io.diskplug.ceph.RbdProbe;
import io.diskplug.disk.HostPort;
import io.diskplug.iscsi.ChapAuth;
import io.diskplug.iscsi.IscsiDisk;
import io.diskplug.iscsi.IscsiLun;
import io.diskplug.iscsi.IscsiProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Disks and probes of the lab's storages. */
final class LabStorage {

  private LabStorage() {}

  /** A disk of a new image. */
  static RbdDisk rbd(LabGuest guest, String serial, long mebibytes) {
    RbdImage image =
        RbdImage.of(guest.get("CEPH_FSID"), guest.get("CEPH_POOL"), guest.image(mebibytes));
    return RbdDisk.of(serial, image, List.of(hostPort(guest, "CEPH_MON_HOST", "CEPH_MON_PORT")))
        .withAuth(
            new CephAuth(guest.get("CEPH_USER"), UUID.fromString(guest.get("CEPH_SECRET_UUID"))));
  }

  /** A disk of the LUN that the open target has from the start. */
  static IscsiDisk open(LabGuest guest, String serial) {
    return lun(guest, serial, "ISCSI_OPEN_IQN");
  }

  /** A disk of that of the target which wants CHAP. */
  static IscsiDisk chap(LabGuest guest, String serial) {
    return lun(guest, serial, "ISCSI_CHAP_IQN")
        .withAuth(
            new ChapAuth(
                guest.get("ISCSI_CHAP_USER"),
                UUID.fromString(guest.get("ISCSI_CHAP_SECRET_UUID"))));
  }

  private static IscsiDisk lun(LabGuest guest, String serial, String iqn) {
    return IscsiDisk.of(
        serial,
        new IscsiLun(guest.get(iqn), Integer.parseInt(guest.get("ISCSI_LUN"))),
        hostPort(guest, "ISCSI_HOST", "ISCSI_PORT"));
  }

  static RbdProbe rbdProbe(LabGuest guest) {
    return RbdProbe.builder()
        .cluster(
            guest.get("CEPH_FSID"),
            RbdLogin.key(guest.get("CEPH_USER"), () -> read(guest.get("CEPH_KEY_FILE"))))
        .build();
  }

  static IscsiProbe iscsiProbe(LabGuest guest) {
    return IscsiProbe.create(
        (target, auth) -> Optional.of(read(guest.get("ISCSI_CHAP_PASSWORD_FILE"))));
  }

  private static byte[] read(String file) {
    try {
      return Files.readAllBytes(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HostPort hostPort(LabGuest guest, String host, String port) {
    return new HostPort(guest.get(host), Integer.parseInt(guest.get(port)));
  }
}
