// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.lab.BackendContract;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Rejected;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A backend that is not part of the project keeps the contract of those that are. */
class SharedFileIT {

  private static final long SIZE = 24 << 20;

  @Nested
  class OnQ35 extends BackendContract {
    OnQ35() {
      super("q35");
    }

    @Override
    protected DiskSource newDisk(String volumeId) {
      return new SharedFile(volumeId, lab.file(volumeId, SIZE), DiskOptions.DEFAULTS);
    }

    @Override
    protected void grow(VolumeRef volume) {
      lab.resize(Path.of(volume.identity().name()), 2 * size());
    }

    @Override
    protected long size() {
      return SIZE;
    }
  }

  @Test
  void aFileThatIsNotThereIsNotSentToQemu() {
    SimulatedHost host = new SimulatedHost();
    SimulatedDomain domain = host.defineQ35("guest", 4).start();
    SharedFile missing =
        new SharedFile("pvc-1", Path.of("/nowhere/at/all.img"), DiskOptions.DEFAULTS);
    Options options = Options.defaults().withStorageProbes(new SharedFile.Probe());

    try (DiskPlug plug = DiskPlug.on(host.connect("controller"), options)) {
      AttachOutcome outcome = plug.attach(domain.ref(), missing, Duration.ofSeconds(5));

      assertThat(outcome).isInstanceOf(Rejected.class);
      assertThat(((Rejected) outcome).reason()).isEqualTo(Rejected.Reason.VOLUME_NOT_FOUND);
      assertThat(((Rejected) outcome).explanation()).contains("/nowhere/at/all.img");
    }
    assertThat(domain.read(View.LIVE).disks()).isEmpty();
  }
}
