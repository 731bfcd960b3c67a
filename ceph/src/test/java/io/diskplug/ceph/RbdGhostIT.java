// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.View;
import io.diskplug.internal.xml.write.DiskXml;
import io.diskplug.internal.xml.write.DiskXmlWriter;
import io.diskplug.internal.xml.write.TargetXml;
import io.diskplug.internal.xml.write.Written;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.lab.OwnLab;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Ghost;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Repaired;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An image that QEMU has open for no device: while the OSD answers nothing, QEMU is in the middle
 * of opening it, and libvirtd is killed.
 */
@OwnLab(storage = true)
class RbdGhostIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int MEBIBYTES = 8;

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private Guest guest;

  @BeforeEach
  void boot() {
    guest = Guest.boot(lab, "q35");
  }

  @AfterEach
  void close() {
    guest.close();
    plug.close();
  }

  private RbdDisk disk() {
    String id = Lab.volumeId();
    return LabCluster.disk(lab, id, LabCluster.newImage(lab, id, MEBIBYTES));
  }

  /** Bare libvirt leaves a ghost of the disk, at the place that is taken next. */
  private void haunt(RbdDisk disk) throws Exception {
    DiskXml xml = Written.disk(disk);
    xml.target = new TargetXml();
    xml.target.dev = "vdg";
    xml.target.bus = "virtio";
    String element = DiskXmlWriter.write(xml);
    lab.run("osd", "pause");
    try {
      CompletableFuture<Lab.Result> attaching =
          CompletableFuture.supplyAsync(() -> guest.device("attach-device", element, "--live"));
      Awaitility.await("QEMU is busy with the image")
          .atMost(Duration.ofSeconds(30))
          .until(() -> lab.virsh("domcontrol", guest.name()).contains("occupied"));
      lab.run("libvirtd", "kill");
      assertThat(attaching.get(60, TimeUnit.SECONDS).exitCode()).isNotZero();
    } finally {
      lab.run("osd", "resume");
    }
    lab.run("libvirtd", "start");
    Awaitility.await("QEMU has the image open")
        .atMost(Duration.ofSeconds(30))
        .until(() -> isOpen(disk));
    assertThat(guest.read(View.LIVE).disks()).isEmpty();
  }

  /** What the cluster says. */
  private boolean isOpen(RbdDisk disk) {
    return lab.run("rbd", "status", lab.get("CEPH_POOL") + "/" + disk.volume().id())
        .contains("watcher=");
  }

  private Inspected inspect() {
    return (Inspected) plug.inspect(guest.ref(), DEADLINE);
  }

  @Test
  void aNodeGhostIsListedAvoidedAndEvictedByARepair() throws Exception {
    RbdDisk gone = disk();
    haunt(gone);

    List<Ghost> ghosts = inspect().ghosts();

    assertThat(ghosts).hasSize(1);
    Ghost ghost = ghosts.get(0);
    assertThat(ghost.device()).isEmpty();
    assertThat(ghost.nodes()).isNotEmpty();
    assertThat(gone.volume().identity().names(ghost.source().orElseThrow())).isTrue();

    RbdDisk other = disk();
    assertThat(plug.attach(guest.ref(), other, DEADLINE)).isInstanceOf(Attached.class);
    guest.awaitDisk(other.volume().id());
    assertThat(isOpen(gone)).isTrue();
    assertThat(inspect().ghosts()).isEqualTo(ghosts);

    Repaired repaired =
        (Repaired)
            plug.repair(guest.ref(), RepairPolicy.NOTHING.with(Repair.evict(ghost)), DEADLINE);

    assertThat(repaired.isComplete()).as("%s", repaired.steps()).isTrue();
    assertThat(isOpen(gone)).isFalse();
    assertThat(inspect().isClean()).isTrue();
    assertThat(plug.attach(guest.ref(), gone, DEADLINE)).isInstanceOf(Attached.class);
    guest.awaitDisk(gone.volume().id());
    guest.awaitDisk(other.volume().id());
  }

  @Test
  void aDetachEvictsTheNodeGhostOfItsVolumeBeforeItClaimsSuccess() throws Exception {
    RbdDisk gone = disk();
    haunt(gone);

    DetachOutcome outcome = plug.detach(guest.ref(), gone.volume(), DEADLINE);

    assertThat(outcome).isInstanceOf(Detached.class);
    assertThat(outcome.observed().evicted()).isNotEmpty();
    assertThat(isOpen(gone)).isFalse();
    assertThat(inspect().isClean()).isTrue();
  }

  /** Where the monitor is forbidden, Ceph knows of what libvirt and its views do not. */
  @Test
  void cephSeesTheNodeGhostThatTheViewsDoNotShow() throws Exception {
    RbdDisk gone = disk();
    haunt(gone);
    try (RbdProbe probe = new ProbeFixture(lab).probeWithMonitors();
        DiskPlug byStorage =
            DiskPlug.connect(
                lab.uri(),
                Options.defaults()
                    .withMonitor(false)
                    .withRequiredProof(Proof.STORAGE)
                    .withStorageProbes(probe))) {
      DetachOutcome held = byStorage.detach(guest.ref(), gone.volume(), Duration.ofSeconds(4));

      assertThat(held).isInstanceOf(Pending.class);
      assertThat(((Pending) held).waitingFor()).isEqualTo(Pending.WaitingFor.STORAGE);
      assertThat(plug.detach(guest.ref(), gone.volume(), DEADLINE)).isInstanceOf(Detached.class);
      assertThat(byStorage.detach(guest.ref(), gone.volume(), DEADLINE))
          .isInstanceOfSatisfying(
              AlreadyDetached.class,
              outcome -> assertThat(outcome.proof()).isEqualTo(Proof.STORAGE));
    }
  }
}
