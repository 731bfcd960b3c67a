// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A domain that has no persistent view. */
class TransientDomainIT {

  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Lab lab = Lab.current();

  @Test
  void b10TransientDomain() {
    String id = Lab.volumeId();
    FileDisk disk = new FileDisk(id, lab.file(id, 1 << 20), DiskOptions.DEFAULTS);
    try (Guest guest = Guest.bootTransient(lab, "pc");
        DiskPlug plug = DiskPlug.connect(lab.uri())) {
      // Shown first with libvirt alone.
      Lab.Result bare = lab.tryVirsh("detach-disk", guest.name(), "vdz", "--live", "--config");
      assertThat(bare.exitCode()).isNotZero();

      assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
      guest.awaitDisk(id);
      assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);
      assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
      guest.awaitNoDisk(id);
      assertThat(guest.diskWithSerial(LIVE, id)).isEmpty();
      assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE))
          .isInstanceOf(AlreadyDetached.class);
    }
  }
}
