// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoMode;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.VolumeRef;
import io.diskplug.lab.BackendContract;
import io.diskplug.spi.DiskSource;
import org.junit.jupiter.api.Nested;

/** The contract, with images of a real cluster, in the way that production has them. */
class RbdDiskIT {

  private static final int MEBIBYTES = 32;

  private static final DiskOptions OPTIONS =
      DiskOptions.DEFAULTS.withIo(IoMode.NATIVE).withIoTune(IoTune.total(200 << 20, 2000));

  private abstract static class RbdContract extends BackendContract {
    RbdContract(String machine) {
      super(machine);
    }

    @Override
    protected DiskSource newDisk(String volumeId) {
      return LabCluster.disk(lab, volumeId, LabCluster.newImage(lab, volumeId, MEBIBYTES))
          .withOptions(OPTIONS);
    }

    @Override
    protected void grow(VolumeRef volume) {
      lab.run("rbd", "resize", volume.identity().name(), "--size", 2 * MEBIBYTES + "M");
    }

    @Override
    protected long size() {
      return (long) MEBIBYTES << 20;
    }
  }

  @Nested
  class OnPc extends RbdContract {
    OnPc() {
      super("pc");
    }
  }

  @Nested
  class OnQ35 extends RbdContract {
    OnQ35() {
      super("q35");
    }
  }
}
