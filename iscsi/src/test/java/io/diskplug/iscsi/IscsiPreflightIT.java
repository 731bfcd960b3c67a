// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.HostPort;
import io.diskplug.lab.AloneOnTheLab;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attaches with a probe: what it refuses never reaches QEMU. */
@AloneOnTheLab
class IscsiPreflightIT {

  private static final Duration GIVEN = Duration.ofSeconds(2);
  private static final Duration TAKEN = Duration.ofMillis(2500);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Lab lab = Lab.current();
  private final IscsiProbe probe = IscsiProbe.create((target, auth) -> Optional.empty());
  private Guest guest;
  private DiskPlug plug;

  @BeforeEach
  void boot() {
    guest = Guest.boot(lab, "pc");
    plug = DiskPlug.connect(lab.uri(), Options.defaults().withStorageProbes(probe));
  }

  @AfterEach
  void close() {
    plug.close();
    guest.close();
    probe.close();
  }

  private AttachOutcome attachInTime(IscsiDisk disk) {
    String live = lab.virsh("dumpxml", guest.name());
    String persistent = lab.virsh("dumpxml", "--inactive", guest.name());
    long before = System.nanoTime();
    AttachOutcome outcome = plug.attach(guest.ref(), disk, GIVEN);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(TAKEN);
    assertThat(lab.virsh("dumpxml", guest.name())).isEqualTo(live);
    assertThat(lab.virsh("dumpxml", "--inactive", guest.name())).isEqualTo(persistent);
    assertThat(outcome.observed().faults()).as("libvirt was not asked").isEmpty();
    return outcome;
  }

  @Test
  void whatIsReadyIsAttachedAndWhatIsNotIsNot() throws Exception {
    IscsiDisk disk = LabTarget.OPEN.disk(lab, Lab.volumeId(), LabTarget.OPEN.newLun(lab, 16));
    assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);

    AttachOutcome missing =
        attachInTime(LabTarget.OPEN.disk(lab, Lab.volumeId(), LabTarget.OPEN.lun(lab, 254)));
    assertThat(missing).isInstanceOf(Rejected.class);
    assertThat(((Rejected) missing).reason()).isEqualTo(Rejected.Reason.VOLUME_NOT_FOUND);

    AttachOutcome unknown =
        attachInTime(LabTarget.CHAP.disk(lab, Lab.volumeId(), LabTarget.CHAP.lun(lab, 1)));
    assertThat(unknown).isInstanceOf(Rejected.class);
    assertThat(((Rejected) unknown).reason()).isEqualTo(Rejected.Reason.CANNOT_ASK_STORAGE);

    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      HostPort portal = new HostPort("127.0.0.1", silent.getLocalPort());
      AttachOutcome unreachable =
          attachInTime(IscsiDisk.of(Lab.volumeId(), LabTarget.OPEN.lun(lab, 1), portal));
      assertThat(unreachable).isInstanceOf(Unavailable.class);
      assertThat(((Unavailable) unreachable).reason())
          .isEqualTo(Unavailable.Reason.STORAGE_UNREACHABLE);
    }
    assertThat(plug.detach(guest.ref(), disk.volume(), LONG)).isInstanceOf(Detached.class);
  }
}
