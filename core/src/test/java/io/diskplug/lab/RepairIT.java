// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.Ghost;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Repaired;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an inspection of a real domain shows, and what a repair makes of it. */
@OwnLab
class RepairIT {

  private static final long SIZE = 8 << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int MOST_KILLS = 40;

  /** virsh needs about so long before it asks for the attach. */
  private static final long MILLIS_TO_CONNECT = 25;

  private static final double FIRST_STEP_MILLIS = 12;
  private static final double LEAST_STEP_MILLIS = 1.5;

  private final Lab lab = Lab.current();
  private final LibvirtDaemon libvirtd = new LibvirtDaemon(lab);
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private Guest guest;
  private QemuMonitor qemu;

  @BeforeEach
  void boot() {
    guest = Guest.boot(lab, "q35");
    qemu = new QemuMonitor(lab, guest);
  }

  @AfterEach
  void close() {
    guest.close();
    plug.close();
  }

  private FileDisk disk() {
    return LabDisks.file(lab, SIZE);
  }

  private Inspected inspect() {
    return (Inspected) plug.inspect(guest.ref(), DEADLINE);
  }

  private Repaired repair(RepairPolicy policy) {
    return (Repaired) plug.repair(guest.ref(), policy, DEADLINE);
  }

  private void repairs(RepairPolicy policy) {
    Repaired repaired = repair(policy);
    assertThat(repaired.steps()).isNotEmpty();
    assertThat(repaired.isComplete()).as("%s", repaired.steps()).isTrue();
  }

  private Disk attached(FileDisk disk) {
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
    return guest.diskWithSerial(LIVE, disk.volumeId()).orElseThrow();
  }

  /** A disk of another tool, without serial and alias. */
  private String strangers(FileDisk disk, String target) {
    return "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%s'/><target dev='%s' bus='virtio'/></disk>"
        .formatted(disk.file(), target);
  }

  @Test
  void whatIsInOrderIsClean() {
    FileDisk disk = disk();
    Disk live = attached(disk);

    Inspected inspected = inspect();

    assertThat(inspected.isClean()).as("%s", inspected).isTrue();
    DiskReport report =
        inspected.disks().stream().filter(DiskReport::isOwn).findFirst().orElseThrow();
    assertThat(report.live()).hasValue(live);
    assertThat(report.heldByQemu()).hasValue(true);
    assertThat(inspected.disks()).hasSameSizeAs(guest.read(LIVE).disks());
    assertThat(
            repair(RepairPolicy.NOTHING.withOrphansAddedToPersistent().withOrphansPluggedLive())
                .steps())
        .isEmpty();
  }

  @Test
  void anOrphanIsAddedToTheOtherViewAtTheSamePlace() {
    FileDisk disk = disk();
    Disk before = attached(disk);
    String id = disk.volumeId();

    guest.deviceOk("detach-device", guest.diskElement(LIVE, id), "--config");
    assertThat(inspect().orphans())
        .singleElement()
        .satisfies(orphan -> assertThat(orphan.drift()).isEqualTo(DiskReport.Drift.LIVE_ONLY));
    assertThat(repair(RepairPolicy.NOTHING).steps()).isEmpty();
    repairs(RepairPolicy.NOTHING.withOrphansAddedToPersistent());
    assertThat(guest.diskWithSerial(PERSISTENT, id).orElseThrow().address())
        .isEqualTo(before.address());
    assertThat(inspect().isClean()).isTrue();

    guest.deviceOk("detach-device", guest.diskElement(LIVE, id), "--live");
    guest.awaitReleased(id);
    assertThat(inspect().orphans())
        .singleElement()
        .satisfies(
            orphan -> assertThat(orphan.drift()).isEqualTo(DiskReport.Drift.PERSISTENT_ONLY));
    repairs(RepairPolicy.NOTHING.withOrphansPluggedLive());
    guest.awaitDisk(id);
    assertThat(guest.diskWithSerial(LIVE, id)).hasValue(before);
    assertThat(inspect().isClean()).isTrue();

    // The next start is with the element that the repair has written.
    guest.destroy();
    guest.start();
    guest.awaitDisk(id);
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE).isDetached()).isTrue();
  }

  @Test
  void aLeftoverOfAnotherToolIsRemovedOnlyWhenItIsNamed() {
    FileDisk stranger = disk();
    guest.deviceOk("attach-device", strangers(stranger, "vdq"), "--live");
    DiskReport leftover = inspect().drift().get(0);
    assertThat(leftover.targetDev()).isEqualTo("vdq");
    assertThat(leftover.isOrphan()).isFalse();
    assertThat(
            repair(RepairPolicy.NOTHING.withOrphansAddedToPersistent().withOrphansPluggedLive())
                .steps())
        .isEmpty();

    repairs(RepairPolicy.NOTHING.with(Repair.remove(LIVE, leftover.disk())));

    assertThat(inspect().isClean()).isTrue();
    assertThat(guest.qemuHolds(stranger.file())).isFalse();

    // Another disk has come to its target: it is not the one that was named.
    FileDisk other = disk();
    guest.deviceOk("attach-device", strangers(other, "vdq"), "--live");
    Repaired again = repair(RepairPolicy.NOTHING.with(Repair.remove(LIVE, leftover.disk())));
    assertThat(again.steps().get(0).outcome())
        .isInstanceOfSatisfying(Mended.class, mended -> assertThat(mended.changed()).isFalse());
    assertThat(guest.qemuHolds(other.file())).isTrue();
    repairs(RepairPolicy.NOTHING.with(Repair.add(PERSISTENT, inspect().drift().get(0).disk())));
    assertThat(inspect().isClean()).isTrue();
    // Now it is no leftover any more.
    Disk both =
        guest.read(LIVE).disks().stream()
            .filter(disk -> disk.targetDev().equals("vdq"))
            .findFirst()
            .orElseThrow();
    assertThat(
            repair(RepairPolicy.NOTHING.with(Repair.remove(LIVE, both))).steps().get(0).outcome())
        .isInstanceOf(Rejected.class);
    assertThat(guest.qemuHolds(other.file())).isTrue();
  }

  @Test
  void aDiskOfAnotherToolIsTakenOver() {
    FileDisk stranger = disk();
    guest.deviceOk("attach-device", strangers(stranger, "vdk"), "--live", "--config");
    // In a cluster that has a name, an image alone does not say whose it is.
    SourceIdentity named = new SourceIdentity("file", "site-1", stranger.file().toString());
    VolumeRef volume = new VolumeRef(stranger.volumeId(), named);
    assertThat(plug.detach(guest.ref(), volume, DEADLINE)).isInstanceOf(Rejected.class);

    Changed adopted = (Changed) plug.adopt(guest.ref(), volume, DEADLINE);

    assertThat(adopted.targetDev()).isEqualTo("vdk");
    assertThat(adopted.changed()).isTrue();
    assertThat(((Changed) plug.adopt(guest.ref(), volume, DEADLINE)).changed()).isFalse();
    Disk persistent =
        guest.read(PERSISTENT).disks().stream()
            .filter(disk -> disk.targetDev().equals("vdk"))
            .findFirst()
            .orElseThrow();
    assertThat(persistent.alias()).isEqualTo(named.alias());
    // libvirt refuses the source a second time, under whatever name.
    Lab.Result twice =
        guest.device(
            "attach-device",
            strangers(disk(), "vdl")
                .replace("</disk>", "<alias name='" + named.alias() + "'/></disk>"),
            "--config");
    assertThat(twice.output()).contains("non unique alias");
    assertThat(plug.detach(guest.ref(), volume, DEADLINE).isDetached()).isTrue();
    assertThat(guest.qemuHolds(stranger.file())).isFalse();
    assertThat(inspect().isClean()).isTrue();
  }

  /** Bare libvirt with a daemon that is killed in the middle, until QEMU has what no view shows. */
  private FileDisk deviceGhost() throws Exception {
    // By trying, for it depends on the machine: virsh has to connect first.
    double wait = MILLIS_TO_CONNECT;
    double step = FIRST_STEP_MILLIS;
    boolean wasTooLate = false;
    for (int kill = 0; kill < MOST_KILLS; kill++) {
      FileDisk disk = disk();
      String element =
          strangers(disk, "vdg")
              .replace(
                  "</disk>",
                  "<serial>%s</serial><alias name='%s'/></disk>"
                      .formatted(disk.volumeId(), disk.volume().identity().alias()));
      CompletableFuture<Lab.Result> attaching =
          CompletableFuture.supplyAsync(() -> guest.device("attach-device", element, "--live"));
      Thread.sleep(Math.round(wait));
      libvirtd.end(LibvirtDaemon.Signal.KILL);
      attaching.get(60, TimeUnit.SECONDS);
      libvirtd.start();
      boolean isTooLate = guest.diskWithSerial(LIVE, disk.volumeId()).isPresent();
      if (!isTooLate && qemu.hasDevice(disk.volume().identity().alias())) {
        System.out.println("a ghost after " + (kill + 1) + " kills of libvirtd");
        return disk;
      }
      step = isTooLate == wasTooLate ? step : Math.max(LEAST_STEP_MILLIS, step / 2);
      wait = Math.max(0, isTooLate ? wait - step : wait + step);
      wasTooLate = isTooLate;
      assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE).isDetached()).isTrue();
    }
    throw new AssertionError("no device ghost after " + MOST_KILLS + " kills");
  }

  /** Of a node without a device: {@code RbdGhostIT}. */
  @Test
  void aDeviceGhostOfAKilledDaemonIsListedAvoidedAndEvicted() throws Exception {
    FileDisk gone = deviceGhost();
    guest.awaitDisk(gone.volumeId());

    List<Ghost> ghosts = inspect().ghosts();

    assertThat(ghosts).hasSize(1);
    Ghost ghost = ghosts.get(0);
    assertThat(ghost.device()).hasValue(gone.volume().identity().alias());
    assertThat(ghost.source().orElseThrow().name()).isEqualTo(gone.file().toString());

    FileDisk other = disk();
    attached(other);
    assertThat(guest.qemuHolds(gone.file())).isTrue();
    assertThat(inspect().ghosts()).isEqualTo(ghosts);
    assertThat(repair(RepairPolicy.NOTHING).steps()).isEmpty();

    repairs(RepairPolicy.NOTHING.with(Repair.evict(ghost)));

    assertThat(guest.qemuHolds(gone.file())).isFalse();
    guest.awaitNoDisk(gone.volumeId());
    guest.awaitDisk(other.volumeId());
    assertThat(inspect().isClean()).isTrue();
    attached(gone);
  }
}
