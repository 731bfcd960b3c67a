// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static io.diskplug.ceph.ProbeFixture.assertReady;
import static io.diskplug.ceph.ProbeFixture.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.lab.AloneOnTheLab;
import io.diskplug.lab.Lab;
import io.diskplug.spi.StorageProbe.Reason;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A probe of a cluster that stops under its feet, and how long it takes where none does. */
@AloneOnTheLab
class RbdProbeFaultsIT {

  private static final Duration BUDGET = Duration.ofSeconds(2);
  private static final Duration GRACE = Duration.ofMillis(500);
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int MEBIBYTES = 8;
  private static final long SIZE = (long) MEBIBYTES << 20;
  private static final int CALLS = 50;

  private final Lab lab = Lab.current();
  private final ProbeFixture fixture = new ProbeFixture(lab);
  private final RbdProbe probe = fixture.probe(fixture.rightKey());

  @AfterEach
  void close() {
    probe.close();
  }

  private void assertUnreachableInTime(RbdDisk disk) {
    long start = System.nanoTime();
    assertRefused(probe.beforeAttach(disk, BUDGET), Reason.UNREACHABLE);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BUDGET.plus(GRACE));
  }

  @Test
  void anOsdThatIsStoppedAndGoesOn() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    assertReady(probe.beforeAttach(disk, LONG), SIZE);
    lab.run("osd", "pause");
    try {
      for (int i = 0; i < 3; i++) {
        assertUnreachableInTime(disk);
      }
    } finally {
      lab.run("osd", "resume");
    }
    assertReady(probe.beforeAttach(disk, BUDGET), SIZE);
  }

  @Test
  void aMonitorThatIsStoppedAndGoesOn() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    RbdDisk lost =
        LabCluster.disk(
            lab, "pvc-lost", RbdImage.of(lab.get("CEPH_FSID"), "no-such-pool", "image"));
    assertReady(probe.beforeAttach(disk, LONG), SIZE);
    lab.run("mon", "pause");
    try {
      // The OSD alone knows of images; of pools the monitor does, and librados waits for it.
      assertReady(probe.beforeAttach(disk, BUDGET), SIZE);
      assertUnreachableInTime(lost);
      assertUnreachableInTime(disk);
    } finally {
      lab.run("mon", "resume");
    }
    assertReady(probe.beforeAttach(disk, LONG), SIZE);
    assertRefused(probe.beforeAttach(lost, LONG), Reason.NOT_FOUND);
  }

  @Test
  void aConnectionThatIsOpenAnswersInMilliseconds() {
    RbdDisk disk = fixture.newDisk(MEBIBYTES);
    assertReady(probe.beforeAttach(disk, LONG), SIZE);
    long[] nanos = new long[CALLS];
    for (int i = 0; i < CALLS; i++) {
      long start = System.nanoTime();
      assertReady(probe.beforeAttach(disk, LONG), SIZE);
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    Duration median = Duration.ofNanos(nanos[CALLS / 2]);
    System.out.println("median of " + CALLS + " probes: " + median.toNanos() / 1000 + " us");
    assertThat(median).isLessThan(Duration.ofMillis(50));
  }
}
