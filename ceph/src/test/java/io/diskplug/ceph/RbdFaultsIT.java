// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.lab.FaultContract;
import io.diskplug.lab.Lab;
import io.diskplug.outcome.Rejected;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is wrong with an image is named, and nothing is changed. */
class RbdFaultsIT extends FaultContract {

  @Test
  void a2ImageThatDoesNotExist() {
    RbdImage image = LabCluster.image(lab, "no-such-image");
    assertRejected(
        LabCluster.disk(lab, Lab.volumeId(), image),
        Rejected.Reason.VOLUME_NOT_FOUND,
        image.path());
  }

  @Test
  void aPoolThatDoesNotExist() {
    RbdImage image = RbdImage.of(lab.get("CEPH_FSID"), "no-such-pool", "image");
    assertRejected(
        LabCluster.disk(lab, Lab.volumeId(), image),
        Rejected.Reason.VOLUME_NOT_FOUND,
        "no-such-pool");
  }

  @Test
  void aWrongKey() {
    assertRejected(
        existing().withAuth(LabCluster.auth(lab, "CEPH_WRONG_SECRET_UUID")),
        Rejected.Reason.ACCESS_DENIED,
        "error connecting");
  }

  @Test
  void aSecretThatDoesNotExist() {
    UUID secret = UUID.fromString("7d3c1b5a-0a57-4a36-8b1e-d7c5b0f9a111");
    assertRejected(
        existing().withAuth(new CephAuth(lab.get("CEPH_USER"), secret)),
        Rejected.Reason.ACCESS_DENIED,
        secret.toString());
  }

  @Test
  void noKeyWhereOneIsWanted() {
    RbdDisk disk = existing();
    assertRejected(
        new RbdDisk(
            disk.volumeId(), disk.image(), disk.monitors(), Optional.empty(), disk.options()),
        Rejected.Reason.ACCESS_DENIED,
        "error connecting");
  }

  private RbdDisk existing() {
    return LabCluster.disk(lab, Lab.volumeId(), LabCluster.image(lab, lab.get("CEPH_IMAGE")));
  }
}
