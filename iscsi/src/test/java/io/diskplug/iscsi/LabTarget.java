// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.disk.HostPort;
import io.diskplug.domain.VolumeRef;
import io.diskplug.lab.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** The two targets of the lab: one is open, the other wants CHAP. */
final class LabTarget {

  static final LabTarget OPEN = new LabTarget("open", "ISCSI_OPEN_IQN");
  static final LabTarget CHAP = new LabTarget("chap", "ISCSI_CHAP_IQN");

  // LUN 1 is there from the start; beyond 255, initiators and targets differ in how they write it.
  private static final int LAST_LUN = 255;

  private final AtomicInteger nextLun = new AtomicInteger(2);

  private final String name;
  private final String iqnKey;

  private LabTarget(String name, String iqnKey) {
    this.name = name;
    this.iqnKey = iqnKey;
  }

  /** A new LUN. */
  IscsiLun newLun(Lab lab, long mebibytes) {
    Lab.Result result;
    do {
      int lun = nextLun.getAndIncrement();
      // An earlier run on the same lab may have made it.
      result = lab.tryRun("lun", "add", name, Integer.toString(lun), mebibytes + "M");
      if (result.exitCode() == 0) {
        return lun(lab, lun);
      }
    } while (nextLun.get() <= LAST_LUN);
    throw new AssertionError("no LUN could be added: " + result.output());
  }

  /** The target cannot make a LUN larger: another one takes its place, as empty as it was. */
  void grow(Lab lab, VolumeRef volume, long mebibytes) {
    String name = volume.identity().name();
    String lun = name.substring(name.lastIndexOf('/') + 1);
    lab.run("lun", "rm", this.name, lun);
    lab.run("lun", "add", this.name, lun, mebibytes + "M");
  }

  /** A LUN, whether it exists or not. */
  IscsiLun lun(Lab lab, int lun) {
    return new IscsiLun(lab.get(iqnKey), lun);
  }

  /** A disk on the LUN, with the right password if one is wanted. */
  IscsiDisk disk(Lab lab, String volumeId, IscsiLun lun) {
    IscsiDisk disk = IscsiDisk.of(volumeId, lun, portal(lab));
    return equals(OPEN) ? disk : disk.withAuth(auth(lab, "ISCSI_CHAP_SECRET_UUID"));
  }

  static HostPort portal(Lab lab) {
    return new HostPort(lab.get("ISCSI_HOST"), lab.port("ISCSI_PORT"));
  }

  static ChapAuth auth(Lab lab, String secretKey) {
    return new ChapAuth(lab.get("ISCSI_CHAP_USER"), UUID.fromString(lab.get(secretKey)));
  }

  /** A password of the lab, from the file that it is in. */
  static String password(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
