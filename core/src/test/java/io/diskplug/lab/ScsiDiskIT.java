// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks on the bus of a virtio-scsi controller. */
class ScsiDiskIT {

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long SIZE = 12 << 20;

  private final Lab lab = Lab.current();

  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void theGuestSeesItAndAPausedGuestLetsItGo(String machine) {
    String id = Lab.volumeId();
    FileDisk disk =
        new FileDisk(id, lab.file(id, SIZE), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
    try (Guest guest = Guest.boot(lab, machine);
        DiskPlug plug = DiskPlug.connect(lab.uri())) {
      Attached attached = (Attached) plug.attach(guest.ref(), disk, DEADLINE);

      assertThat(attached.targetDev()).startsWith("sd");
      assertThat(attached.address()).isInstanceOf(DriveAddress.class);
      assertThat(attached.guestPath()).hasValue("/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_" + id);
      assertThat(guest.awaitDisk(id).size()).isEqualTo(SIZE);
      assertThat(guest.diskWithSerial(LIVE, id).orElseThrow().address())
          .isEqualTo(attached.address());
      assertThat(guest.diskWithSerial(PERSISTENT, id).orElseThrow().address())
          .isEqualTo(attached.address());

      // Unlike a PCI disk, it needs no answer of the guest.
      guest.pause();
      assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
      guest.resume();
      guest.awaitNoDisk(id);
    }
  }
}
