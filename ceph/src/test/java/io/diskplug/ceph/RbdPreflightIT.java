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
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attaches with a probe: what it refuses never reaches QEMU. */
@AloneOnTheLab
class RbdPreflightIT {

  private static final Duration GIVEN = Duration.ofSeconds(2);
  private static final Duration TAKEN = Duration.ofMillis(2500);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Lab lab = Lab.current();
  private final ProbeFixture fixture = new ProbeFixture(lab);
  private final RbdProbe probe = fixture.probe(fixture.rightKey());
  private Guest guest;
  private DiskPlug plug;

  @BeforeEach
  void boot() {
    guest = Guest.boot(lab, "q35");
    plug = DiskPlug.connect(lab.uri(), Options.defaults().withStorageProbes(probe));
    assertThat(plug.attach(guest.ref(), fixture.newDisk(16), LONG).isAttached())
        .as("the probe is connected, and the code is loaded")
        .isTrue();
  }

  @AfterEach
  void close() {
    plug.close();
    guest.close();
    probe.close();
  }

  private AttachOutcome attachInTime(DiskSource disk) {
    String live = lab.virsh("dumpxml", guest.name());
    String persistent = lab.virsh("dumpxml", "--inactive", guest.name());
    long before = System.nanoTime();
    AttachOutcome outcome = plug.attach(guest.ref(), disk, GIVEN);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(TAKEN);
    assertThat(lab.virsh("dumpxml", guest.name())).isEqualTo(live);
    assertThat(lab.virsh("dumpxml", "--inactive", guest.name())).isEqualTo(persistent);
    return outcome;
  }

  private void others() {
    long before = System.nanoTime();
    RbdDisk other = fixture.newDisk(16);
    assertThat(plug.attach(guest.ref(), other, LONG)).isInstanceOf(Attached.class);
    assertThat(Duration.ofNanos(System.nanoTime() - before))
        .as("the domain is not wedged")
        .isLessThan(LONG.dividedBy(3));
    assertThat(plug.detach(guest.ref(), other.volume(), LONG)).isInstanceOf(Detached.class);
  }

  private static Unavailable.Reason unavailable(AttachOutcome outcome) {
    assertThat(outcome).isInstanceOf(Unavailable.class);
    return ((Unavailable) outcome).reason();
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
      others();
    }
  }

  @Test
  void aMissingImageDoesNotReachQemu() {
    RbdImage missing = LabCluster.image(lab, "no-such-image");

    AttachOutcome outcome = attachInTime(LabCluster.disk(lab, Lab.volumeId(), missing));

    assertThat(outcome).isInstanceOf(Rejected.class);
    assertThat(((Rejected) outcome).reason()).isEqualTo(Rejected.Reason.VOLUME_NOT_FOUND);
    assertThat(((Rejected) outcome).explanation()).contains("no image " + missing.path());
    assertThat(outcome.observed().faults()).as("libvirt was not asked").isEmpty();
  }

  /** And by one that was just killed. */
  @Test
  void anImageThatAnotherClientHasIsInUse() throws Exception {
    RbdDisk disk = fixture.newDisk(16);
    try (ChildJvm.Running holder = RbdHolder.hold(lab, disk.image())) {
      assertThat(holder.isAlive()).isTrue();
      AttachOutcome outcome = attachInTime(disk);
      assertThat(unavailable(outcome)).isEqualTo(Unavailable.Reason.VOLUME_IN_USE);
      assertThat(((Unavailable) outcome).retryAfter()).hasSeconds(30);
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
                            probe,
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
