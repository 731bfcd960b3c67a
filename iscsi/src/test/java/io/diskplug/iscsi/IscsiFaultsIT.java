// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.disk.HostPort;
import io.diskplug.lab.FaultContract;
import io.diskplug.lab.Lab;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import org.junit.jupiter.api.Test;

/** What is wrong with a LUN is named, and nothing is changed. */
class IscsiFaultsIT extends FaultContract {

  @Test
  void aLunThatDoesNotExist() {
    IscsiLun lun = LabTarget.OPEN.lun(lab, 254);
    assertRejected(
        LabTarget.OPEN.disk(lab, Lab.volumeId(), lun),
        Rejected.Reason.VOLUME_NOT_FOUND,
        lun.path());
  }

  @Test
  void aTargetThatDoesNotExist() {
    IscsiLun lun = new IscsiLun("iqn.2026-01.io.diskplug:nowhere", 1);
    assertRejected(
        LabTarget.OPEN.disk(lab, Lab.volumeId(), lun),
        Rejected.Reason.VOLUME_NOT_FOUND,
        lun.path());
  }

  @Test
  void aWrongPassword() {
    assertRejected(
        protectedLun().withAuth(LabTarget.auth(lab, "ISCSI_CHAP_WRONG_SECRET_UUID")),
        Rejected.Reason.ACCESS_DENIED,
        "Authentication failure");
  }

  @Test
  void noPasswordWhereOneIsWanted() {
    IscsiLun lun = protectedLun().lun();
    assertRejected(
        IscsiDisk.of(Lab.volumeId(), lun, LabTarget.portal(lab)),
        Rejected.Reason.ACCESS_DENIED,
        "Authentication failure");
  }

  @Test
  void aPortalWhereNobodyListens() {
    IscsiLun lun = LabTarget.OPEN.lun(lab, 1);
    assertUnavailable(
        IscsiDisk.of(Lab.volumeId(), lun, new HostPort("127.0.0.1", 1)),
        Unavailable.Reason.STORAGE_UNREACHABLE,
        lun.path());
  }

  private IscsiDisk protectedLun() {
    return LabTarget.CHAP.disk(lab, Lab.volumeId(), LabTarget.CHAP.lun(lab, 1));
  }
}
