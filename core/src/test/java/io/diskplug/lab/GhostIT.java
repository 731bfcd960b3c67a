// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.domain.View;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Rejected;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What QEMU has and no view shows: made by hand, and by killing libvirtd in the middle. */
@OwnLab
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GhostIT {

  private static final long SIZE = 8 << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int MOST_KILLS = 30;
  private static final int LEAST_KILLS = 6;
  private static final int GHOSTS_WANTED = 2;

  private final Lab lab = Lab.current();

  private final LibvirtDaemon libvirtd = new LibvirtDaemon(lab);
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private Guest guest;
  private QemuMonitor qemu;

  @BeforeAll
  void boot() {
    guest = Guest.boot(lab, "q35");
    qemu = new QemuMonitor(lab, guest);
  }

  @AfterAll
  void close() {
    guest.close();
    plug.close();
  }

  private FileDisk disk() {
    return LabDisks.file(lab, SIZE);
  }

  private void makeDevice(FileDisk disk, String nodes, String id) {
    qemu.makeDevice(disk, nodes, id);
    guest.awaitDisk(disk.volumeId());
  }

  @Test
  void aNodeGhostIsEvictedByTheDetachOfItsVolume() {
    FileDisk disk = disk();
    qemu.makeNodes(disk, "libvirt-90");
    assertThat(guest.qemuHolds(disk.file())).isTrue();

    DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), DEADLINE);

    assertThat(outcome).isInstanceOf(Detached.class);
    assertThat(outcome.observed().evicted())
        .containsExactly("libvirt-90-format", "libvirt-90-storage");
    assertThat(guest.qemuHolds(disk.file())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDeviceGhostIsEvictedByTheDetachOfItsVolumeAndTheGuestAgrees(boolean ours) {
    FileDisk disk = disk();
    String id = ours ? disk.volume().identity().alias() : "ua-elsewhere";
    qemu.makeNodes(disk, "libvirt-91");
    makeDevice(disk, "libvirt-91", id);

    DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), DEADLINE);

    assertThat(outcome).isInstanceOf(Detached.class);
    assertThat(outcome.observed().evicted()).startsWith(id);
    guest.awaitNoDisk(disk.volume().id());
    assertThat(guest.qemuHolds(disk.file())).isFalse();
  }

  @Test
  void anAttachThatMeetsItsOwnGhostEvictsItAndTheGuestHasOneDisk() {
    FileDisk disk = disk();
    qemu.makeNodes(disk, "libvirt-92");
    makeDevice(disk, "libvirt-92", disk.volume().identity().alias());
    // Bare libvirt cannot help itself. (QEMU's lock on the file speaks first.)
    String id = disk.volume().id();

    AttachOutcome outcome = plug.attach(guest.ref(), disk, DEADLINE);

    assertThat(outcome).isInstanceOf(Attached.class);
    assertThat(outcome.observed().evicted()).isNotEmpty();
    guest.awaitDisk(id);
    assertThat(guest.sees().stream().filter(seen -> id.startsWith(seen.serial()))).hasSize(1);
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
    guest.awaitNoDisk(id);
  }

  @Test
  void theGhostOfAnotherVolumeIsLeftAloneAndItsPlaceIsAvoided() {
    FileDisk ghost = disk();
    FileDisk disk = disk();
    qemu.makeNodes(ghost, "libvirt-93");
    makeDevice(ghost, "libvirt-93", ghost.volume().identity().alias());

    Attached attached = (Attached) plug.attach(guest.ref(), disk, DEADLINE);

    guest.awaitDisk(disk.volume().id());
    assertThat(guest.awaitDisk(ghost.volume().id()).address())
        .isNotEqualTo(guest.awaitDisk(disk.volume().id()).address());
    assertThat(attached.observed().evicted()).isEmpty();
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE).isDetached()).isTrue();
    assertThat(guest.qemuHolds(ghost.file())).isTrue();
    assertThat(plug.detach(guest.ref(), ghost.volume(), DEADLINE).isDetached()).isTrue();
    guest.awaitNoDisk(ghost.volume().id());
  }

  /** The ghost is in what QEMU saved, and not in the XML that libvirt saved beside it. */
  @Test
  void aGhostKeepsASavedDomainFromStarting() {
    try (Guest saved = Guest.boot(lab, "q35")) {
      FileDisk ghost = disk();
      QemuMonitor itsQemu = new QemuMonitor(lab, saved);
      itsQemu.makeNodes(ghost, "libvirt-95");
      itsQemu.makeDevice(ghost, "libvirt-95", ghost.volume().identity().alias());
      saved.awaitDisk(ghost.volumeId());
      lab.virsh("managedsave", saved.name());

      Lab.Result start = lab.tryVirsh("start", saved.name());

      assertThat(start).matches(saved::isRefusedForAGhost, "refused for a ghost");
      Rejected rejected = (Rejected) plug.detach(saved.ref(), ghost.volume(), DEADLINE);
      assertThat(rejected.reason()).isEqualTo(Rejected.Reason.MANAGED_SAVE);
      assertThat(rejected.explanation()).contains("virsh managedsave-remove");
      lab.virsh("managedsave-remove", saved.name());
      saved.start();
      assertThat(plug.detach(saved.ref(), ghost.volume(), DEADLINE).isDetached()).isTrue();
      assertThat(saved.qemuHolds(ghost.file())).isFalse();
    }
  }

  @Test
  void aPausedGuestKeepsItsGhostAndTheDetachIsPending() {
    FileDisk disk = disk();
    qemu.makeNodes(disk, "libvirt-94");
    makeDevice(disk, "libvirt-94", disk.volume().identity().alias());
    guest.pause();

    DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), Duration.ofSeconds(3));

    assertThat(outcome).isInstanceOf(Pending.class);
    assertThat(guest.qemuHolds(disk.file())).isTrue();
    guest.resume();
    assertThat(plug.await((Pending) outcome, DEADLINE).isDetached()).isTrue();
    guest.awaitNoDisk(disk.volume().id());
  }

  @Test
  void aLibvirtdThatIsKilledInTheMiddleOfAnAttachLeavesNothingThatARepetitionDoesNotMend()
      throws Exception {
    int ghosts = 0;
    int kills = 0;
    while (kills < LEAST_KILLS || (ghosts < GHOSTS_WANTED && kills < MOST_KILLS)) {
      FileDisk disk = disk();
      CompletableFuture<AttachOutcome> attaching = plug.attachAsync(guest.ref(), disk, DEADLINE);
      Thread.sleep(10 + 2L * (kills % 12));
      libvirtd.end(LibvirtDaemon.Signal.KILL);
      kills++;
      libvirtd.start();

      AttachOutcome first = attaching.get();
      AttachOutcome second = plug.attach(guest.ref(), disk, DEADLINE);

      assertThat(second.isAttached()).as("%s, then %s", first, second).isTrue();
      if (!first.observed().evicted().isEmpty() || !second.observed().evicted().isEmpty()) {
        ghosts++;
      }
      guest.awaitDisk(disk.volume().id());
      assertThat(guest.diskWithSerial(View.LIVE, disk.volume().id())).isPresent();
      assertThat(guest.diskWithSerial(View.PERSISTENT, disk.volume().id())).isPresent();
      DetachOutcome detached = plug.detach(guest.ref(), disk.volume(), DEADLINE);
      assertThat(detached.isDetached()).as("%s", detached).isTrue();
      guest.awaitNoDisk(disk.volume().id());
      assertThat(guest.qemuHolds(disk.file())).isFalse();
    }
    System.out.println(
        "libvirtd killed " + kills + " times during an attach, " + ghosts + " ghosts evicted");
    assertThat(ghosts).isPositive();
  }
}
