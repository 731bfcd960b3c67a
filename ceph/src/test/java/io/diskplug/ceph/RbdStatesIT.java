// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.View;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.lab.LibvirtDaemon;
import io.diskplug.lab.OwnLab;
import io.diskplug.lab.QemuMonitor;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An image that a saved file, or a QEMU which the daemon does not know, holds. */
@OwnLab(storage = true)
class RbdStatesIT {

  private static final Duration LONG = Duration.ofSeconds(60);

  private final Lab lab = Lab.current();
  private final ProbeFixture fixture = new ProbeFixture(lab);
  private final RbdProbe probe = fixture.probe(fixture.rightKey());
  private final DiskPlug plug =
      DiskPlug.connect(lab.uri(), Options.defaults().withStorageProbes(probe));

  @AfterEach
  void close() {
    plug.close();
    probe.close();
  }

  private RbdDisk attached(Guest guest) {
    RbdDisk disk = fixture.newDisk(16);
    assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);
    return disk;
  }

  @Test
  void aSavedDomainBringsItsImageBackWhileAnotherOneHasIt() {
    try (Guest one = Guest.startPaused(lab, "pc");
        Guest other = Guest.startPaused(lab, "pc")) {
      RbdDisk disk = attached(one);
      String element = one.diskElement(View.PERSISTENT, disk.volumeId());
      Path file = lab.filesDirectory().resolve(one.name() + ".save");
      lab.virsh("save", one.name(), file.toString());

      Rejected rejected = (Rejected) plug.detach(one.ref(), disk.volume(), LONG);
      assertThat(rejected.reason()).isEqualTo(Rejected.Reason.SAVED);

      // libvirt alone.
      one.deviceOk("detach-device", element, "--config");
      other.deviceOk("attach-device", element, "--live");
      lab.virsh("restore", file.toString());
      assertThat(RbdHolder.watchers(lab, disk.image())).isEqualTo(2);
    }
  }

  @Test
  void theStorageSeesTheQemuThatTheDaemonHasForgotten() throws Exception {
    Guest guest = Guest.startPaused(lab, "q35");
    ProcessHandle qemu = new QemuMonitor(lab, guest).process();
    try (guest) {
      RbdDisk disk = attached(guest);
      new LibvirtDaemon(lab).forget(guest);

      Detached detached = (Detached) plug.detach(guest.ref(), disk.volume(), LONG);

      assertThat(RbdHolder.watchers(lab, disk.image())).isOne();
      assertThat(detached.proof()).isEqualTo(Proof.XML);
      assertThat(detached.observed().storage()).get().asString().contains("in use");

      // A QEMU that is told to end closes its images.
      assertThat(qemu.destroy()).isTrue();
      qemu.onExit().get(30, TimeUnit.SECONDS);
      AlreadyDetached again = (AlreadyDetached) plug.detach(guest.ref(), disk.volume(), LONG);
      assertThat(again.proof()).isEqualTo(Proof.STORAGE);
    } finally {
      boolean unused = qemu.destroyForcibly();
    }
  }

  @Test
  void theStorageProvesMoreThanTheDaemonsWord() {
    try (Guest guest = Guest.startPaused(lab, "q35")) {
      RbdDisk disk = attached(guest);
      guest.destroy();

      Detached detached = (Detached) plug.detach(guest.ref(), disk.volume(), LONG);

      assertThat(detached.proof()).isIn(Proof.STORAGE, Proof.DAEMON);
      if (detached.proof() == Proof.DAEMON) {
        // QEMU was killed: Ceph counts it for half a minute.
        assertThat(detached.observed().storage()).get().asString().contains("in use");
      }
    }
  }
}
