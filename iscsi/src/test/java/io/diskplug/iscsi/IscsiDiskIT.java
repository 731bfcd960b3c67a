// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.lab.BackendContract;
import io.diskplug.spi.DiskSource;
import org.junit.jupiter.api.Nested;

/** The contract, with LUNs of a real target, open and protected by CHAP. */
class IscsiDiskIT {

  private static final int MEBIBYTES = 16;

  private abstract static class IscsiContract extends BackendContract {
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
    protected long size() {
      return (long) MEBIBYTES << 20;
    }
  }

  @Nested
  class OpenOnPc extends IscsiContract {
    OpenOnPc() {
      super("pc", LabTarget.OPEN);
    }
  }

  @Nested
  class OpenOnQ35 extends IscsiContract {
    OpenOnQ35() {
      super("q35", LabTarget.OPEN);
    }
  }

  @Nested
  class ChapOnPc extends IscsiContract {
    ChapOnPc() {
      super("pc", LabTarget.CHAP);
    }
  }

  @Nested
  class ChapOnQ35 extends IscsiContract {
    ChapOnQ35() {
      super("q35", LabTarget.CHAP);
    }
  }
}
