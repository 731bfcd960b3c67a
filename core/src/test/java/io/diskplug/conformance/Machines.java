// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.RunState;
import io.diskplug.internal.fault.FaultException;
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
        mended = mend(one);
      } finally {
        if (!mended) { // the cases behind get another one
          shared.remove(entry.getKey());
          bed.remove(one.subject.machine());
        }
      }
    }
  }

  /**
   * Takes away what a case has left of its disks.
   *
   * @return whether it could; not if the guest is paused and has disks, for it may have been asked
   *     for them, and a second request that meets the release of the first can crash libvirtd or
   *     leave block nodes
   */
  private static boolean mend(Shared one) throws FaultException {
    Subject subject = one.subject;
    if (subject.handle().status().state() == RunState.PAUSED) {
      if (!subject.targets(LIVE).isEmpty()) {
        return false;
      }
      subject.machine().resume();
    }
    subject.removeDisks();
    assertThat(subject.essence(LIVE)).isEqualTo(one.live);
    assertThat(subject.essence(PERSISTENT)).isEqualTo(one.persistent);
    assertThat(subject.qemu().devices()).isEqualTo(one.devices);
    assertThat(subject.qemu().nodes()).isEmpty();
    return true;
  }

  @Override
  public void close() {
    bed.close();
  }
}
