// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.VolumeRef;
import io.diskplug.local.FileDisk;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;

/** The contract, with the simplest storage. */
class FileDiskIT {

  private static final long SIZE = 24 << 20;

  private abstract static class FileContract extends BackendContract {
    FileContract(String machine) {
      super(machine);
    }

    @Override
    protected DiskSource newDisk(String volumeId) {
      return new FileDisk(volumeId, lab.file(volumeId, SIZE), DiskOptions.DEFAULTS);
    }

    @Override
    protected void grow(VolumeRef volume) {
      lab.resize(Path.of(volume.identity().name()), 2 * SIZE);
    }

    @Override
    protected long size() {
      return SIZE;
    }
  }

  @Nested
  class OnPc extends FileContract {
    OnPc() {
      super("pc");
    }
  }

  @Nested
  class OnQ35 extends FileContract {
    OnQ35() {
      super("q35");
    }
  }
}
