// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.ceph.RbdDisk;
import io.diskplug.ceph.RbdImage;
import io.diskplug.disk.HostPort;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a controller is tested without a hypervisor: the simulator breaks, the controller mends. */
class ControllerTest {

  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** The controller: it asks until the disk is there. */
  private static AttachOutcome reconcile(DiskPlug plug, SimulatedDomain domain, RbdDisk disk) {
    AttachOutcome outcome = plug.attach(domain.ref(), disk, DEADLINE);
    while (!(outcome instanceof Attached) && !(outcome instanceof AlreadyAttached)) {
      outcome = plug.attach(domain.ref(), disk, DEADLINE);
    }
    return outcome;
  }

  @Test
  void aDaemonThatDiesInTheMiddleOfAnAttachLeavesNothingBehind() {
    SimulatedHost host = new SimulatedHost();
    SimulatedDomain domain = host.defineQ35("guest", 4).start();
    RbdImage image = RbdImage.of("a-cluster", "volumes", "image");
    RbdDisk disk = RbdDisk.of("pvc-1", image, List.of(new HostPort("mon.example", 6789)));
    host.onceAt(Call.ATTACH, Moment.DEVICE_PLUGGED, host::crashDaemon);

    try (DiskPlug plug = DiskPlug.on(host.connect("controller"), Options.defaults())) {
      AttachOutcome outcome = reconcile(plug, domain, disk);

      assertThat(outcome.observed().evicted()).isNotEmpty(); // what the dead daemon had left
    }
    assertThat(domain.read(View.LIVE).disks()).hasSize(1);
    assertThat(domain.read(View.PERSISTENT).disks()).hasSize(1);
    assertThat(domain.guestSerials()).containsExactly("pvc-1");
  }
}
