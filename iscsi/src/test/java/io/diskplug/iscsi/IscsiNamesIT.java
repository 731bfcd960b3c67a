// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.domain.View;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.spi.StorageProbe.Ready;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A target with an underscore in its name goes through libiscsi, libvirt and QEMU. */
class IscsiNamesIT {

  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Lab lab = Lab.current();

  @Test
  void aTargetWithAnUnderscoreIsProbedAttachedAndDetached() throws IOException {
    IscsiLun known = LabTarget.OPEN.newLun(lab, 12);
    String name = known.target().replace("io.diskplug", "io_diskplug");
    assertThat(name).contains("_");
    String id = Lab.volumeId();
    try (RenamedTarget target = new RenamedTarget(LabTarget.portal(lab), name, known.target());
        IscsiProbe probe = IscsiProbe.create((anyTarget, auth) -> Optional.empty());
        Guest guest = Guest.boot(lab, "pc");
        DiskPlug plug = DiskPlug.connect(lab.uri())) {
      IscsiDisk disk = IscsiDisk.of(id, new IscsiLun(name, known.lun()), target.portal());

      assertThat(probe.beforeAttach(disk, Duration.ofSeconds(5))).isInstanceOf(Ready.class);
      assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
      guest.awaitDisk(id);
      assertThat(plug.attach(guest.ref(), disk, DEADLINE))
          .isInstanceOfSatisfying(
              AlreadyAttached.class, already -> assertThat(already.differences()).isEmpty());
      for (View view : View.values()) {
        assertThat(guest.diskWithSerial(view, id).map(found -> found.source().name()))
            .isEqualTo(Optional.of(name + "/" + known.lun()));
      }
      assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
    }
  }

  /** libvirt and QEMU take each spelling of a LUN for the same number. */
  @ParameterizedTest
  @ValueSource(strings = {"0", "+", "+00"})
  void aLunIsKnownHoweverAnotherToolSpellsIt(String prefix) {
    IscsiLun lun = LabTarget.OPEN.newLun(lab, 12);
    IscsiDisk disk = LabTarget.OPEN.disk(lab, Lab.volumeId(), lun);
    String spelled = lun.target() + "/" + prefix + lun.lun();
    try (Guest guest = Guest.boot(lab, "pc");
        DiskPlug plug = DiskPlug.connect(lab.uri())) {
      guest.deviceOk(
          "attach-device",
          "<disk type='network'><driver name='qemu' type='raw'/><source protocol='iscsi' name='%s'>"
                  .formatted(spelled)
              + "<host name='%s' port='%d'/></source><target dev='vdb' bus='virtio'/>"
                  .formatted(disk.portal().host(), disk.portal().port())
              + "<serial>%s</serial></disk>".formatted(disk.volumeId()),
          "--live",
          "--config");

      assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);
      for (View view : View.values()) {
        assertThat(guest.read(view).disks()).hasSize(1);
      }
    }
  }
}
