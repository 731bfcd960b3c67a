// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.RunState;
import io.diskplug.fault.FaultException;
import io.diskplug.qemu.QemuNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The domains of a test bed that cases share: booting one takes longer than most cases. One that a
 * case would wreck it makes for itself.
 */
public final class Machines implements AutoCloseable {

  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
  private static final int MOST_LOOKS = 100;

  /** A guest that goes on releases what it was asked for within a second, or was not asked. */
  private static final int LOOKS_FOR_A_RELEASE = 15;

  private final TestBed bed;
  private final Map<MachineSpec, Shared> shared = new HashMap<>();
  private final List<Machine> fresh = new ArrayList<>();

  /** A booted domain, and what it was like at the beginning. */
  private record Shared(
      Subject subject, List<String> live, List<String> persistent, Set<String> devices) {}

  /** The domains of this test bed, which is closed with them. */
  public Machines(TestBed bed) {
    this.bed = bed;
  }

  TestBed bed() {
    return bed;
  }

  /** A domain that has booted and has no disks. */
  Subject booted(MachineSpec spec) throws FaultException {
    Shared known = shared.get(spec);
    if (known == null) {
      Subject subject = new Subject(bed, bed.define(spec));
      subject.machine().start();
      subject.machine().awaitGuest();
      known =
          new Shared(
              subject,
              subject.essence(LIVE),
              subject.essence(PERSISTENT),
              subject.qemu().devices());
      shared.put(spec, known);
    }
    return known.subject;
  }

  /** A domain of the case's own, which is shut off. */
  Subject fresh(MachineSpec spec) {
    Machine machine = bed.define(spec);
    fresh.add(machine);
    return new Subject(bed, machine);
  }

  /** After a case: what it made is gone, and what it shared is as it was. */
  void tidy() throws FaultException {
    List<Machine> made = List.copyOf(fresh);
    fresh.clear();
    made.forEach(bed::remove);
    for (Map.Entry<MachineSpec, Shared> entry : new ArrayList<>(shared.entrySet())) {
      Shared one = entry.getValue();
      boolean mended = false;
      try {
        mend(one);
        mended = true;
      } finally {
        if (!mended) { // the cases behind get another one
          shared.remove(entry.getKey());
          bed.remove(one.subject.machine());
        }
      }
    }
  }

  private void mend(Shared one) throws FaultException {
    Subject subject = one.subject;
    boolean wasPaused = subject.handle().status().state() == RunState.PAUSED;
    if (wasPaused) {
      subject.removeConfiguredDisks();
      subject.machine().resume();
      // A request that meets the release of an earlier one can crash libvirtd.
      for (int i = 0; i < LOOKS_FOR_A_RELEASE && !subject.targets(LIVE).isEmpty(); i++) {
        bed.pass(LOOK_AGAIN);
      }
    }
    subject.removeDisks();
    if (wasPaused) {
      closeNodes(subject);
    }
    assertThat(subject.essence(LIVE)).isEqualTo(one.live);
    assertThat(subject.essence(PERSISTENT)).isEqualTo(one.persistent);
    assertThat(subject.qemu().devices()).isEqualTo(one.devices);
    assertThat(subject.qemu().nodes()).isEmpty();
  }

  /**
   * A second request that meets the release of the first makes libvirt leave block nodes: QEMU has
   * them in use for a moment longer than it shows the device.
   */
  private void closeNodes(Subject subject) throws FaultException {
    List<QemuNode> left = subject.qemu().nodes();
    for (int i = 0; i < MOST_LOOKS && !left.isEmpty(); i++) {
      for (QemuNode node : left) {
        subject.deleteNode(node.name());
      }
      bed.pass(LOOK_AGAIN);
      left = subject.qemu().nodes();
    }
  }

  @Override
  public void close() {
    bed.close();
  }
}
