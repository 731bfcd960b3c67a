// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.domain.VolumeRef;
import io.diskplug.lab.BackendContract;
import io.diskplug.spi.DiskSource;

/** The contract, with LUNs of a real target. */
abstract class IscsiContract extends BackendContract {

  private static final int MEBIBYTES = 16;

  private final LabTarget target;

  IscsiContract(String machine, LabTarget target) {
    super(machine);
    this.target = target;
  }

  @Override
  protected DiskSource newDisk(String volumeId) {
    return target.disk(lab, volumeId, target.newLun(lab, MEBIBYTES));
  }

  @Override
  protected void grow(VolumeRef volume) {
    target.grow(lab, volume, 2 * MEBIBYTES);
  }

  @Override
  protected long size() {
    return (long) MEBIBYTES << 20;
  }
}
