// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.exec.SimulatedSite;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.lab.LimitSequence;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Inspected;
import io.diskplug.sim.SimulatedDomain;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Any limits after any others, of disks that share them or do not. */
class LimitProperties {

  private static final List<FileDisk> DISKS =
      List.of(SimulatedSite.disk("one"), SimulatedSite.disk("two"), SimulatedSite.disk("three"));
  private static final int SETTINGS = 12;

  /** Which views there are, and when. */
  enum Life {
    RUNNING,
    SHUT_OFF,
    TRANSIENT,
    /** Started in the middle, with what the persistent view has by then. */
    STARTED
  }

  @Property(tries = 150)
  void areInForceAfterEachSetting(@ForAll Life life, @ForAll long seed) throws FaultException {
    SimulatedSite site = new SimulatedSite();
    SimulatedDomain domain = site.host.definePc("pc").start();
    LimitSequence sequence = new LimitSequence(seed, DISKS.size());
    try (Executor executor = site.process()) {
      for (FileDisk disk : DISKS) {
        SimulatedSite.attach(executor, domain, disk);
      }
      if (life == Life.SHUT_OFF || life == Life.STARTED) {
        domain.destroy();
      } else if (life == Life.TRANSIENT) {
        domain.undefine();
      }
      for (int i = 0; i < SETTINGS; i++) {
        if (life == Life.STARTED && i == SETTINGS / 2) {
          domain.start();
        }
        set(executor, domain, sequence);
        isInForce(domain, sequence, life);
        Inspected inspected =
            expect(Inspected.class, executor.inspect(domain.ref(), DEADLINE).await());
        assertThat(inspected.disks()).allSatisfy(disk -> assertThat(disk.differences()).isEmpty());
      }
    }
  }

  private static void set(Executor executor, SimulatedDomain domain, LimitSequence sequence) {
    int disk = sequence.disk();
    IoTune tune = sequence.draw();
    sequence.limited(disk, tune);
    Changed first =
        expect(
            Changed.class,
            executor.limit(domain.ref(), DISKS.get(disk).volume(), tune, DEADLINE).await());
    assertThat(first.targetDev()).isNotEmpty();
    Changed again =
        expect(
            Changed.class,
            executor.limit(domain.ref(), DISKS.get(disk).volume(), tune, DEADLINE).await());
    assertThat(again.changed()).isFalse();
  }

  private static void isInForce(SimulatedDomain domain, LimitSequence sequence, Life life)
      throws FaultException {
    for (View view : View.values()) {
      boolean shows = view == View.LIVE ? domain.isRunning() : life != Life.TRANSIENT;
      if (!shows) {
        continue;
      }
      for (int i = 0; i < DISKS.size(); i++) {
        assertThat(LimitSequence.meant(shown(domain, view, DISKS.get(i)).ioTune()))
            .as("%s of the %s view", DISKS.get(i).volumeId(), view)
            .isEqualTo(sequence.inForce(i));
      }
    }
  }

  private static Disk shown(SimulatedDomain domain, View view, FileDisk disk) {
    return domain.disks(view).stream()
        .filter(other -> disk.volumeId().equals(other.serial()))
        .findFirst()
        .orElseThrow();
  }
}
