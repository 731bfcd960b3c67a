// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Pending;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A disk for a q35 guest while it boots. QEMU before 6.1 plugs it by PCI Express itself; Linux
 * takes the power from empty slots in its first seconds, and a disk that is plugged meanwhile is
 * ejected, or keeps the guest from noticing an unplug request. With ACPI, which later ones use,
 * neither happens.
 */
class BootingGuestIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** An unplug that the guest has noticed takes six seconds there. */
  private static final Duration MISSED = Duration.ofSeconds(15);

  /** Until the guest's driver is done with all slots. */
  private static final Duration SETTLED = Duration.ofSeconds(8);

  /** After the disk was plugged, so that the guest is working on it. */
  private static final Duration PLUGGED = Duration.ofSeconds(1);

  private final Lab lab = Lab.current();

  /** Whether the guest is plugged by PCI Express itself. */
  private final boolean isNative = lab.generation().q35PlugsNatively();

  /** What happens by chance there must not happen elsewhere, where one try tells. */
  private final int tries = isNative ? 8 : 1;

  private final Guest guest = Guest.define(lab, "q35");
  private final FileDisk disk = LabDisks.file(lab, 8 << 20);
  private final DiskPlug plug = DiskPlug.connect(lab.uri());

  @AfterEach
  void close() {
    plug.close();
    guest.close();
  }

  /** Attaches the disk when the guest has loaded its drivers, and may still be busy with slots. */
  private void attachWhileItBoots() {
    guest.startUntilDrivers();
    assertThat(plug.attach(guest.ref(), disk, DEADLINE).isAttached()).isTrue();
  }

  private boolean hasDisk() {
    return guest.diskWithSerial(LIVE, disk.volumeId()).isPresent();
  }

  @Test
  void aDiskThatTheGuestEjectsIsReportedAndAttachedAgain() throws InterruptedException {
    boolean ejected = false;
    for (int i = 0; i < tries && !ejected; i++) {
      attachWhileItBoots();
      Thread.sleep(SETTLED.toMillis());
      ejected = !hasDisk();
      if (!ejected) {
        guest.awaitDisk(disk.volumeId());
        assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);
        guest.destroy();
        assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE).isDetached()).isTrue();
      }
    }
    assertThat(ejected).isEqualTo(isNative);
    if (ejected) {
      Inspected inspected = (Inspected) plug.inspect(guest.ref(), DEADLINE);
      assertThat(inspected.isClean()).isFalse();
      DiskReport report = inspected.disks().get(0);
      assertThat(report.live()).isEmpty();
      assertThat(report.persistent()).isPresent();

      assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);

      guest.awaitDisk(disk.volumeId());
      Thread.sleep(SETTLED.toMillis());
      assertThat(hasDisk()).isTrue();
    }
  }

  @Test
  void anUnplugRequestThatTheGuestMissesIsPendingUntilItsQemuEnds() throws InterruptedException {
    boolean missed = false;
    for (int i = 0; i < tries && !missed; i++) {
      attachWhileItBoots();
      Thread.sleep(PLUGGED.toMillis());
      DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), MISSED);
      missed = !outcome.isDetached();
      if (missed) {
        assertPendingForGuest(outcome);
      } else {
        guest.destroy();
      }
    }
    assertThat(missed).isEqualTo(isNative);
    if (missed) {
      assertPendingForGuest(plug.detach(guest.ref(), disk.volume(), MISSED));

      guest.destroy();
      guest.start();
      assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE).isDetached()).isTrue();
    }
  }

  private void assertPendingForGuest(DetachOutcome outcome) {
    assertThat(outcome).isInstanceOf(Pending.class);
    assertThat(((Pending) outcome).waitingFor()).isEqualTo(Pending.WaitingFor.GUEST);
    assertThat(hasDisk()).isTrue();
  }
}
