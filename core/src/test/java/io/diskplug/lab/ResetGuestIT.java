// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Pending;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A reset of a q35 guest that has a disk. With QEMU 5.2 and the firmware that comes with it the
 * guest does not boot again: the firmware copies itself and resets the machine, 25 times a second;
 * what such a guest is asked for it keeps.
 */
class ResetGuestIT {

  private static final Duration DEADLINE = Duration.ofSeconds(90);

  /** A boot takes two seconds, or ten on a busy machine. */
  private static final Duration NEVER = Duration.ofSeconds(20);

  private static final Duration SHORT = Duration.ofSeconds(5);

  private final Lab lab = Lab.current();
  private final Guest guest = Guest.boot(lab, "q35");
  private final FileDisk disk = LabDisks.file(lab, 8 << 20);
  private final DiskPlug plug = DiskPlug.connect(lab.uri());

  @AfterEach
  void close() {
    plug.close();
    guest.close();
  }

  @Test
  void aGuestThatBootsAgainReleasesItsDiskAndAnotherOneKeepsItUntilItsQemuEnds() throws Exception {
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());

    if (guest.comesBackFromReset()) {
      guest.booting(() -> lab.virsh("reset", guest.name()));
      guest.awaitDisk(disk.volumeId());
    } else {
      long boots = guest.boots();
      lab.virsh("reset", guest.name());
      Thread.sleep(NEVER.toMillis());
      assertThat(guest.boots()).isEqualTo(boots);

      DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), SHORT);

      assertThat(outcome).isInstanceOf(Pending.class);
      assertThat(((Pending) outcome).waitingFor()).isEqualTo(Pending.WaitingFor.GUEST);
      guest.destroy();
    }
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE).isDetached()).isTrue();
  }
}
