// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.lab.ChildJvm;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.lab.OwnLab;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.PlugListener;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Detaches that rest on what Ceph says of who has an image open, without a word to QEMU. */
@OwnLab(storage = true)
class RbdReleaseIT {

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(8);

  private final Lab lab = Lab.current();
  private final ProbeFixture fixture = new ProbeFixture(lab);
  private final RbdProbe probe = fixture.probe(fixture.rightKey());
  private final Calls calls = new Calls();
  private Guest guest;
  private DiskPlug plug;

  @BeforeEach
  void boot() {
    guest = Guest.boot(lab, "q35");
    plug = plug(probe);
  }

  @AfterEach
  void close() {
    plug.close();
    guest.close();
    probe.close();
  }

  private DiskPlug plug(RbdProbe asked) {
    return DiskPlug.connect(
        lab.uri(),
        Options.defaults()
            .withMonitor(false)
            .withRequiredProof(Proof.STORAGE)
            .withStorageProbes(asked)
            .withListener(calls));
  }

  /** What libvirt was asked to do. */
  private static final class Calls implements PlugListener {
    final List<Call> made = new CopyOnWriteArrayList<>();

    @Override
    public void called(Request request, Call call, Optional<LibvirtFault> fault, Duration took) {
      made.add(call);
    }
  }

  private RbdDisk attached() {
    RbdDisk disk = fixture.newDisk(16);
    assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
    return disk;
  }

  private DetachOutcome detach(RbdDisk disk, Duration deadline) {
    return plug.detach(guest.ref(), disk.volume(), deadline);
  }

  private static Proof proof(DetachOutcome outcome) {
    return outcome instanceof AlreadyDetached already
        ? already.proof()
        : ((Detached) outcome).proof();
  }

  private static void assertHeld(DetachOutcome outcome) {
    assertThat(outcome).isInstanceOf(Pending.class);
    assertThat(((Pending) outcome).waitingFor()).isEqualTo(WaitingFor.STORAGE);
    assertThat(outcome.observed().storage()).get().asString().contains("in use", "127.0.0.1:0/");
    assertThat(outcome.observed().live()).isEmpty();
  }

  @Test
  void whatCephSaysIsTheProofAndTheMonitorIsNotUsed() {
    RbdDisk disk = attached();
    assertThat(RbdHolder.watchers(lab, disk.image())).as("QEMU").isOne();

    DetachOutcome outcome = detach(disk, LONG);

    assertThat(outcome).isInstanceOf(Detached.class);
    assertThat(proof(outcome)).isEqualTo(Proof.STORAGE);
    assertThat(RbdHolder.watchers(lab, disk.image())).isZero();
    assertThat(proof(detach(disk, LONG))).isEqualTo(Proof.STORAGE);
    assertThat(calls.made).contains(Call.ATTACH, Call.DETACH).doesNotContain(Call.ASK_QEMU);
    assertThat(messages()).as("libvirt's own word on the monitor").doesNotContain("tainted");

    try (DiskPlug asking = DiskPlug.connect(lab.uri())) {
      assertThat(asking.detach(guest.ref(), disk.volume(), LONG).isDetached()).isTrue();
    }
    if (lab.facts().domainTellsTaints()) {
      assertThat(messages()).as("the same, when it is used").contains("tainted");
    }
  }

  /** From {@code virDomainGetMessages}. */
  private String messages() {
    return lab.virsh("dominfo", guest.name());
  }

  @Test
  void asLongAsAnotherClientHasTheImageItIsPending() {
    RbdDisk disk = attached();
    try (ChildJvm.Running holder = RbdHolder.hold(lab, disk.image())) {
      assertThat(holder.isAlive()).isTrue();

      assertHeld(detach(disk, SHORT));
      assertHeld(detach(disk, SHORT));
      guest.awaitNoDisk(disk.volumeId());
    }
    // Who was killed is seen for half a minute more.
    DetachOutcome outcome = detach(disk, LONG);

    assertThat(outcome.isDetached()).isTrue();
    assertThat(proof(outcome)).isEqualTo(Proof.STORAGE);
    assertThat(RbdHolder.watchers(lab, disk.image())).isZero();
  }

  @Test
  void aProcessThatWasJustStartedAsksTheMonitorsThatItWasGiven() {
    RbdDisk disk = attached();
    RbdDisk other = attached();
    plug.close();
    try (RbdProbe fresh = fixture.probeWithMonitors();
        DiskPlug restarted = plug(fresh)) {
      assertThat(proof(restarted.detach(guest.ref(), disk.volume(), LONG)))
          .isEqualTo(Proof.STORAGE);
    }
    try (RbdProbe lost = fixture.probe(fixture.rightKey());
        DiskPlug restarted = plug(lost)) {
      assertThat(restarted.detach(guest.ref(), other.volume(), LONG))
          .isInstanceOfSatisfying(
              Rejected.class,
              notSetUp -> {
                assertThat(notSetUp.reason()).isEqualTo(Rejected.Reason.CANNOT_ASK_STORAGE);
                assertThat(notSetUp.explanation()).contains("give it the monitors");
              });
      guest.awaitNoDisk(other.volumeId());
      // It has reached the cluster by now.
      RbdDisk third = fixture.newDisk(16);
      assertThat(restarted.attach(guest.ref(), third, LONG)).isInstanceOf(Attached.class);
      assertThat(proof(restarted.detach(guest.ref(), other.volume(), LONG)))
          .isEqualTo(Proof.STORAGE);
    }
  }

  @Test
  void aClusterThatDoesNotAnswerProvesNothing() {
    RbdDisk disk = attached();
    detach(disk, LONG);
    lab.run("osd", "pause");
    try {
      DetachOutcome outcome = detach(disk, SHORT);

      assertThat(outcome).isInstanceOf(Unavailable.class);
      assertThat(((Unavailable) outcome).reason())
          .isEqualTo(Unavailable.Reason.STORAGE_UNREACHABLE);
    } finally {
      lab.run("osd", "resume");
    }
    assertThat(proof(detach(disk, LONG))).isEqualTo(Proof.STORAGE);
  }

  /** Why an image that is missing proves nothing. */
  @Test
  void cephRemovesNoImageThatSomebodyHasAndMovesItAway() {
    RbdDisk disk = attached();
    String path = disk.image().path();
    assertThat(lab.tryRun("rbd", "rm", "--no-progress", path).exitCode()).isNotZero();

    lab.run("rbd", "mv", path, path + "-moved");
    lab.run("rbd", "trash", "mv", path + "-moved");
    DetachOutcome outcome = detach(disk, LONG);

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> assertThat(rejected.reason()).isEqualTo(Rejected.Reason.PROOF_UNAVAILABLE));
    assertThat(outcome.observed().storage()).get().asString().contains("there is no image " + path);
  }
}
