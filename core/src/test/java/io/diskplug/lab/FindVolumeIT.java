// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.domain.Disk;
import io.diskplug.domain.VolumeRef;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.VolumeUses;
import io.diskplug.outcome.VolumeUses.InDomain;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The domains of a real daemon that have a volume, before and after it is detached with another.
 */
class FindVolumeIT {

  private static final long SIZE = 1 << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final Lab lab = Lab.current();

  private static Optional<String> target(Optional<Disk> disk) {
    return disk.map(Disk::targetDev);
  }

  @Test
  void aVolumeIsFoundInEachDomainThatHasItUntilItIsDetached() {
    FileDisk disk = LabDisks.file(lab, SIZE);
    FileDisk another = LabDisks.file(lab, SIZE);
    try (DiskPlug plug = DiskPlug.connect(lab.uri());
        Guest running = Guest.boot(lab, "q35");
        Guest off = Guest.define(lab, "pc")) {
      for (FileDisk one : List.of(disk, another)) {
        assertThat(plug.attach(running.ref(), one, DEADLINE)).isInstanceOf(Attached.class);
        running.awaitDisk(one.volumeId());
      }
      assertThat(plug.attach(off.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);

      VolumeUses uses = plug.findVolume(disk.volume(), DEADLINE);

      assertThat(uses.unlisted()).isEmpty();
      assertThat(uses.shown())
          .extracting(InDomain::uuid)
          .containsExactlyInAnyOrder(running.uuid(), off.uuid());
      for (InDomain one : uses.shown()) {
        assertThat(one.live().isPresent()).isEqualTo(one.uuid().equals(running.uuid()));
        assertThat(target(one.persistent())).isPresent();
        assertThat(one.conflict()).isEmpty();
        assertThat(one.name())
            .isEqualTo(one.uuid().equals(running.uuid()) ? running.name() : off.name());
      }

      List<VolumeRef> both = List.of(another.volume(), disk.volume());
      List<DetachOutcome> detached = plug.detachAll(running.ref(), both, DEADLINE);

      assertThat(detached).hasSize(2).allMatch(Detached.class::isInstance);
      assertThat(plug.findVolume(disk.volume(), DEADLINE).shown())
          .extracting(InDomain::uuid)
          .containsExactly(off.uuid());
      assertThat(plug.findVolume(another.volume(), DEADLINE).shown()).isEmpty();
    }
  }
}
