// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.disk.HostPort;
import io.diskplug.lab.Lab;
import java.util.List;
import java.util.UUID;

/** The lab's Ceph cluster. */
public final class LabCluster {

  private LabCluster() {}

  /** A new image of the lab's pool. */
  public static RbdImage newImage(Lab lab, String name, long mebibytes) {
    lab.run("rbd", "create", lab.get("CEPH_POOL") + "/" + name, "--size", mebibytes + "M");
    return image(lab, name);
  }

  /** An image of the lab's pool, whether it exists or not. */
  public static RbdImage image(Lab lab, String name) {
    return RbdImage.of(lab.get("CEPH_FSID"), lab.get("CEPH_POOL"), name);
  }

  /** A disk on the image, with the cluster's monitor and the right key. */
  public static RbdDisk disk(Lab lab, String volumeId, RbdImage image) {
    return RbdDisk.of(volumeId, image, List.of(monitor(lab)))
        .withAuth(auth(lab, "CEPH_SECRET_UUID"));
  }

  /** Its monitor. */
  static HostPort monitor(Lab lab) {
    return new HostPort(lab.get("CEPH_MON_HOST"), lab.port("CEPH_MON_PORT"));
  }

  public static CephAuth auth(Lab lab, String secretKey) {
    return new CephAuth(lab.get("CEPH_USER"), UUID.fromString(lab.get(secretKey)));
  }
}
