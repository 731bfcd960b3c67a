// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.lab.AloneOnTheLab;
import io.diskplug.lab.ChildJvm;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.lab.LabDisks;
import io.diskplug.lab.PreflightContract;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.InspectOutcome;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a cluster says is known before QEMU is asked to open an image. */
@AloneOnTheLab
class RbdPreflightIT extends PreflightContract {

  private final ProbeFixture fixture = new ProbeFixture(lab);

  RbdPreflightIT() {
    super("q35");
  }

  @Override
  protected StorageProbe newProbe() {
    return fixture.probe(fixture.rightKey());
  }

  @BeforeEach
  void connect() {
    RbdDisk disk = fixture.newDisk(16);
    assertThat(plug.attach(guest.ref(), disk, LONG).isAttached())
        .as("the probe is connected, and the code is loaded")
        .isTrue();
    assertThat(plug.detach(guest.ref(), disk.volume(), LONG).isDetached()).isTrue();
  }

  @Test
  void aMonitorThatDoesNotAnswerWedgesNothing() throws Exception {
    try (ServerSocket dead = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      RbdDisk disk = fixture.newDisk(16);
      RbdDisk unreachable =
          RbdDisk.of(
                  disk.volumeId(),
                  disk.image(),
                  List.of(new HostPort("127.0.0.1", dead.getLocalPort())))
              .withAuth(LabCluster.auth(lab, "CEPH_SECRET_UUID"));

      assertThat(unavailable(attachInTime(unreachable)))
          .isEqualTo(Unavailable.Reason.STORAGE_UNREACHABLE);
      goesThereAndBack(fixture.newDisk(16));
    }
  }

  @Test
  void anOsdThatIsStoppedWedgesNothing() {
    RbdDisk disk = fixture.newDisk(16);
    lab.run("osd", "pause");
    try {
      assertThat(unavailable(attachInTime(disk))).isEqualTo(Unavailable.Reason.STORAGE_UNREACHABLE);
      othersHaveTheirTurnDuring(disk);
    } finally {
      lab.run("osd", "resume");
    }
    goesThereAndBack(disk);
  }

  /** libvirt and QEMU do not know of it, and would shrink the image. */
  @Test
  void anImageThatHasGrownFurtherIsNotCutOff() {
    RbdDisk disk = fixture.newDisk(16);
    assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);
    lab.run("rbd", "resize", disk.image().path(), "--size", "64M");

    assertThat(plug.grow(guest.ref(), disk.volume(), 32L << 20, LONG))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> assertThat(rejected.explanation()).contains("" + (64L << 20)));

    assertThat(plug.grow(guest.ref(), disk.volume(), 64L << 20, LONG)).isInstanceOf(Changed.class);
    assertThat(lab.run("rbd", "info", disk.image().path())).contains("64 MiB");
  }

  @Test
  void anImageWhoseSizeIsNotKnownDoesNotGrow() {
    RbdDisk disk = fixture.newDisk(16);
    try (DiskPlug unknowing = DiskPlug.connect(lab.uri())) {
      assertThat(unknowing.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);
      lab.run("rbd", "resize", disk.image().path(), "--size", "64M");

      assertThat(unknowing.grow(guest.ref(), disk.volume(), 32L << 20, LONG))
          .isInstanceOfSatisfying(
              Rejected.class,
              rejected -> assertThat(rejected.reason()).isEqualTo(Rejected.Reason.SIZE_UNKNOWN));
    }
    assertThat(lab.run("rbd", "info", disk.image().path())).contains("64 MiB");
  }

  @Test
  void growingOnAnOsdThatIsStoppedKeepsQemuWaitingForNothing() {
    Duration given = Duration.ofSeconds(2);
    RbdDisk disk = fixture.newDisk(16);
    assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);
    // A newer QEMU lets no disk in before the guest has what it reads from the others.
    guest.awaitDisk(disk.volumeId());
    lab.run("osd", "pause");
    try {
      long before = System.nanoTime();
      assertThat(plug.grow(guest.ref(), disk.volume(), 32L << 20, given))
          .isInstanceOfSatisfying(
              Unavailable.class,
              later ->
                  assertThat(later.reason()).isEqualTo(Unavailable.Reason.STORAGE_UNREACHABLE));
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(given.plusMillis(500));
      assertThat(plug.attach(guest.ref(), LabDisks.file(lab, 1 << 20), LONG))
          .as("QEMU's monitor is free")
          .isInstanceOf(Attached.class);
    } finally {
      lab.run("osd", "resume");
    }
    assertThat(plug.grow(guest.ref(), disk.volume(), 32L << 20, LONG)).isInstanceOf(Rejected.class);
    lab.run("rbd", "resize", disk.image().path(), "--size", "32M");
    assertThat(plug.grow(guest.ref(), disk.volume(), 32L << 20, LONG)).isInstanceOf(Changed.class);
  }

  /** A QEMU that reads from its images when it is asked for its block nodes waits for the OSD. */
  @Test
  void aGuestThatHasAnImageOfThatOsdIsInspectedInTime() throws InterruptedException {
    Duration given = Duration.ofSeconds(2);
    assertThat(plug.attach(guest.ref(), fixture.newDisk(16), LONG)).isInstanceOf(Attached.class);
    lab.run("osd", "pause");
    try {
      long before = System.nanoTime();
      Inspected inspected = (Inspected) plug.inspect(guest.ref(), LONG);
      if (lab.facts().namingNodesNeedsStorage()) {
        assertThat(inspected.proof()).isEqualTo(Proof.XML);
        assertThat(inspected.whyNotAsked()).get().asString().contains("QEMU has not answered");
      } else {
        assertThat(inspected.proof()).isEqualTo(Proof.QEMU);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(given.plusMillis(500));
    } finally {
      lab.run("osd", "resume");
    }
    assertThat(inspectedInTheEnd()).isInstanceOf(Inspected.class);
  }

  /** The question that was cut off is outstanding until QEMU has its answer from the OSD. */
  private InspectOutcome inspectedInTheEnd() throws InterruptedException {
    long start = System.nanoTime();
    InspectOutcome outcome = plug.inspect(guest.ref(), LONG);
    while (outcome instanceof Unavailable later && System.nanoTime() - start < LONG.toNanos()) {
      Thread.sleep(later.retryAfter().orElseThrow().toMillis());
      outcome = plug.inspect(guest.ref(), LONG);
    }
    return outcome;
  }

  @Test
  void aMissingImageDoesNotReachQemu() {
    RbdImage missing = LabCluster.image(lab, "no-such-image");

    AttachOutcome outcome = attachInTime(LabCluster.disk(lab, Lab.volumeId(), missing));

    assertThat(rejected(outcome)).isEqualTo(Rejected.Reason.VOLUME_NOT_FOUND);
    assertThat(((Rejected) outcome).explanation()).contains("no image " + missing.path());
  }

  /** And by one that was just killed. */
  @Test
  void anImageThatAnotherClientHasIsInUse() throws Exception {
    RbdDisk disk = fixture.newDisk(16);
    try (ChildJvm.Running holder = RbdHolder.hold(lab, disk.image())) {
      assertThat(holder.isAlive()).isTrue();
      AttachOutcome outcome = attachInTime(disk);
      assertThat(unavailable(outcome)).isEqualTo(Unavailable.Reason.VOLUME_IN_USE);
      assertThat(outcome.retryAfter()).contains(Duration.ofSeconds(30));
    }
    assertThat(unavailable(attachInTime(disk))).isEqualTo(Unavailable.Reason.VOLUME_IN_USE);

    RbdDisk shared = disk.withOptions(DiskOptions.DEFAULTS.withShareable(true));
    assertThat(plug.attach(guest.ref(), shared, LONG)).isInstanceOf(Attached.class);
  }

  /** The first sees nobody before, and the second one after. */
  @Test
  void ofTwoThatAttachAtTheSameMomentNoneKeepsItAlone() {
    RbdDisk disk = fixture.newDisk(16);
    try (Guest other = Guest.boot(lab, "pc");
        DiskPlug without = DiskPlug.connect(lab.uri());
        DiskPlug late =
            DiskPlug.connect(
                lab.uri(),
                Options.defaults()
                    .withStorageProbes(
                        new Late(
                            probe(),
                            () ->
                                assertThat(without.attach(other.ref(), disk, LONG).isAttached())
                                    .isTrue())))) {
      AttachOutcome outcome = late.attach(guest.ref(), disk, LONG);

      assertThat(unavailable(outcome)).isEqualTo(Unavailable.Reason.VOLUME_IN_USE);
      assertThat(((Unavailable) outcome).explanation()).contains("the attach was undone");
      assertThat(guest.sees()).noneMatch(seen -> seen.serial().equals(disk.volumeId()));
      assertThat(without.detach(other.ref(), disk.volume(), LONG).isDetached()).isTrue();
    }
  }

  /** Somebody else is faster, just when the storage was asked. */
  private record Late(StorageProbe probe, Runnable meanwhile) implements StorageProbe {
    @Override
    public boolean answersFor(DiskSource disk) {
      return probe.answersFor(disk);
    }

    @Override
    public Finding beforeAttach(DiskSource disk, Duration budget) {
      Finding finding = probe.beforeAttach(disk, budget);
      meanwhile.run();
      return finding;
    }

    @Override
    public Finding afterAttach(DiskSource disk, Duration budget) {
      return probe.afterAttach(disk, budget);
    }

    @Override
    public void close() {}
  }
}
