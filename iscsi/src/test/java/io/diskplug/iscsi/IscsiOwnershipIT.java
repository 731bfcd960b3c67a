// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.domain.View;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Rejected;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A LUN that virsh attached without a serial: the name of a LUN says nothing of whose it is. */
class IscsiOwnershipIT {

  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @Test
  void aLunOfAnotherToolIsTouchedByNoRequestBeforeItIsAdopted() {
    Lab lab = Lab.current();
    IscsiDisk disk = LabTarget.OPEN.disk(lab, Lab.volumeId(), LabTarget.OPEN.newLun(lab, 8));
    try (DiskPlug plug = DiskPlug.connect(lab.uri());
        Guest guest = Guest.boot(lab, "q35")) {
      guest.deviceOk(
          "attach-device",
          """
          <disk type='network' device='disk'>
            <driver name='qemu' type='raw'/>
            <source protocol='iscsi' name='%s'><host name='%s' port='%s'/></source>
            <target dev='vdk' bus='virtio'/>
          </disk>
          """
              .formatted(
                  disk.volume().identity().name(), lab.get("ISCSI_HOST"), lab.get("ISCSI_PORT")),
          "--live");

      for (Outcome outcome :
          List.of(
              plug.detach(guest.ref(), disk.volume(), DEADLINE),
              plug.attach(guest.ref(), disk, DEADLINE))) {
        assertThat(outcome)
            .isInstanceOfSatisfying(
                Rejected.class,
                rejected -> assertThat(rejected.explanation()).contains("vdk", "adopt"));
      }
      assertThat(guest.read(View.LIVE).disks()).anyMatch(found -> found.targetDev().equals("vdk"));
      assertThat(plug.adopt(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Changed.class);
      assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);
      assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE).isDetached()).isTrue();
      for (View view : View.values()) {
        assertThat(guest.read(view).disks()).noneMatch(found -> found.targetDev().equals("vdk"));
      }
    }
  }
}
