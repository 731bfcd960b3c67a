// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.lab.Lab;
import io.diskplug.spi.HostPort;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** The two targets of the lab: one is open, the other wants CHAP. */
enum LabTarget {
  OPEN("open"),
  CHAP("chap");

  // LUN 1 is there from the start.
  private static final AtomicInteger NEXT_LUN =
      new AtomicInteger((int) (ProcessHandle.current().pid() % 500) * 20 + 2);

  private final String name;

  LabTarget(String name) {
    this.name = name;
  }

  /** A new LUN. */
  IscsiLun newLun(Lab lab, long mebibytes) {
    int lun = NEXT_LUN.getAndIncrement();
    lab.run("lun", "add", name, Integer.toString(lun), mebibytes + "M");
    return lun(lab, lun);
  }

  /** A LUN, whether it exists or not. */
  IscsiLun lun(Lab lab, int lun) {
    return new IscsiLun(lab.get(this == OPEN ? "ISCSI_OPEN_IQN" : "ISCSI_CHAP_IQN"), lun);
  }

  /** A disk on the LUN, with the right password if one is wanted. */
  IscsiDisk disk(Lab lab, String volumeId, IscsiLun lun) {
    IscsiDisk disk = IscsiDisk.of(volumeId, lun, portal(lab));
    return this == OPEN ? disk : disk.withAuth(auth(lab, "ISCSI_CHAP_SECRET_UUID"));
  }

  static HostPort portal(Lab lab) {
    return new HostPort(lab.get("ISCSI_HOST"), lab.port("ISCSI_PORT"));
  }

  static ChapAuth auth(Lab lab, String secretKey) {
    return new ChapAuth(lab.get("ISCSI_CHAP_USER"), UUID.fromString(lab.get(secretKey)));
  }
}
