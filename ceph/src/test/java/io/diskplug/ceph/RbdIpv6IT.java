// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static io.diskplug.ceph.ProbeFixture.assertReady;
import static io.diskplug.ceph.ProbeFixture.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.HostPort;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Rejected;
import io.diskplug.spi.StorageProbe.Reason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A monitor with an IPv6 address, of a cluster that asks for no key. */
class RbdIpv6IT {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int MEBIBYTES = 16;
  private static final long SIZE = (long) MEBIBYTES << 20;

  private final Lab lab = Lab.current();

  @Test
  void anImageIsAskedForAttachedAndDetached() {
    String id = Lab.volumeId();
    try (OpenCluster cluster = OpenCluster.start(lab);
        RbdProbe probe = RbdProbe.builder().cluster(cluster.fsid(), RbdLogin.none()).build();
        Guest guest = Guest.boot(lab, "q35");
        DiskPlug plug = DiskPlug.connect(lab.uri(), Options.defaults().withStorageProbes(probe))) {
      RbdImage image = cluster.newImage(id, MEBIBYTES);
      RbdDisk disk = RbdDisk.of(id, image, List.of(cluster.monitor()));
      assertReady(probe.beforeAttach(disk, LONG), SIZE);

      assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);

      assertThat(guest.awaitDisk(id).size()).isEqualTo(SIZE);
      assertRefused(probe.beforeAttach(disk, LONG), Reason.IN_USE);
      RbdDisk elsewhere =
          RbdDisk.of(id, image, List.of(new HostPort("::2", 6789), cluster.monitor()));
      assertThat(plug.attach(guest.ref(), elsewhere, LONG)).isInstanceOf(AlreadyAttached.class);
      assertThat(plug.detach(guest.ref(), disk.volume(), LONG)).isInstanceOf(Detached.class);
      assertReady(probe.beforeAttach(disk, LONG), SIZE);

      RbdImage missing = RbdImage.of(cluster.fsid(), image.pool(), "no-such-image");
      assertThat(plug.attach(guest.ref(), RbdDisk.of("pvc-none", missing, disk.monitors()), LONG))
          .isInstanceOfSatisfying(
              Rejected.class,
              rejected ->
                  assertThat(rejected.reason()).isEqualTo(Rejected.Reason.VOLUME_NOT_FOUND));
    }
  }
}
