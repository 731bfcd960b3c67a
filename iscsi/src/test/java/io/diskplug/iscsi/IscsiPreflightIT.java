// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.HostPort;
import io.diskplug.lab.AloneOnTheLab;
import io.diskplug.lab.Lab;
import io.diskplug.lab.PreflightContract;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.StorageProbe;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

/** What a target says is known before QEMU is asked to open a LUN. */
@AloneOnTheLab
class IscsiPreflightIT extends PreflightContract {

  IscsiPreflightIT() {
    super("pc");
  }

  @Override
  protected StorageProbe newProbe() {
    return IscsiProbe.create(ChapPasswords.NONE);
  }

  @Test
  void whatIsReadyIsAttachedAndWhatIsNotIsNot() throws Exception {
    IscsiDisk disk = LabTarget.OPEN.disk(lab, Lab.volumeId(), LabTarget.OPEN.newLun(lab, 16));
    assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);

    AttachOutcome missing =
        attachInTime(LabTarget.OPEN.disk(lab, Lab.volumeId(), LabTarget.OPEN.lun(lab, 254)));
    assertThat(rejected(missing)).isEqualTo(Rejected.Reason.VOLUME_NOT_FOUND);

    AttachOutcome unknown =
        attachInTime(LabTarget.CHAP.disk(lab, Lab.volumeId(), LabTarget.CHAP.lun(lab, 1)));
    assertThat(rejected(unknown)).isEqualTo(Rejected.Reason.CANNOT_ASK_STORAGE);

    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      HostPort portal = new HostPort("127.0.0.1", silent.getLocalPort());
      IscsiDisk unreachable = IscsiDisk.of(Lab.volumeId(), LabTarget.OPEN.lun(lab, 1), portal);
      assertThat(unavailable(attachInTime(unreachable)))
          .isEqualTo(Unavailable.Reason.STORAGE_UNREACHABLE);
      othersHaveTheirTurnDuring(unreachable);
    }
    assertThat(plug.detach(guest.ref(), disk.volume(), LONG)).isInstanceOf(Detached.class);
  }
}
