// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Repaired;
import io.diskplug.sim.Generation;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/** A simulated host, and processes with the library that know nothing of each other. */
public final class SimulatedSite {

  public static final Duration LONGER = Duration.ofSeconds(20);

  public final SteppedTime time = new SteppedTime();
  public final SimulatedHost host;

  public SimulatedSite() {
    this(Generation.BOOKWORM);
  }

  public SimulatedSite(Generation generation) {
    host = new SimulatedHost(generation);
    host.passTimeWith(time::nanoTime, time::pass, () -> {});
  }

  public static FileDisk disk(String name) {
    return new FileDisk("pvc-" + name, Path.of("/srv/" + name), DiskOptions.DEFAULTS);
  }

  /** The leases of each have another name. */
  private int processes;

  public Executor process() {
    return new Executor(
        host.connect("process"),
        ExampleKind.FAULTS,
        ExampleKind.ALL,
        ReleaseRules.USUAL,
        StorageProbes.none(),
        time,
        new Random(++processes),
        ListenerDispatcher.none());
  }

  public static DeviceAddress attach(Executor process, SimulatedDomain domain, FileDisk disk) {
    return expect(Attached.class, process.attach(domain.ref(), disk, LONGER).await()).address();
  }

  public static void detach(Executor process, SimulatedDomain domain, FileDisk disk) {
    expect(Detached.class, process.detach(domain.ref(), disk.volume(), DEADLINE).await());
  }

  /** A repair that may plug what the persistent view alone has. */
  public static Repaired plugOrphans(Executor process, SimulatedDomain domain) {
    RepairPolicy policy = RepairPolicy.NOTHING.withOrphansPluggedLive();
    return expect(Repaired.class, process.repair(domain.ref(), policy, LONGER).await());
  }

  /** No device was ejected, or dropped from a view, that had come to the place of another one. */
  public void nothingIsLost(SimulatedDomain domain) {
    time.pass(Duration.ofSeconds(10));
    assertThat(domain.lostDevices()).isEmpty();
  }
}
