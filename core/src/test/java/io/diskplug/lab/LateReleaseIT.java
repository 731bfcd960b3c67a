// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A detach that another tool has made and taken for done: libvirt waits five seconds for the guest,
 * saves the configuration without the disk, and reports success although the guest still has it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LateReleaseIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(3);

  /** What libvirt waits, and a little less than that on a machine whose clock is coarse. */
  private static final Duration LIBVIRT_WAITS = Duration.ofMillis(4500);

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private final Guest guest = Guest.boot(lab, "q35");
  private FileDisk disk;

  @AfterAll
  void close() {
    guest.close();
    plug.close();
  }

  /** The trap itself, with libvirt alone. */
  @BeforeEach
  void successIsReportedAndTheGuestHasTheDisk() {
    String id = Lab.volumeId();
    disk = new FileDisk(id, lab.file(id + ".img", 8 << 20), DiskOptions.DEFAULTS);
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    guest.awaitDisk(id);
    guest.pause();
    long begin = System.nanoTime();

    Lab.Result bare =
        guest.device("detach-device", guest.diskElement(LIVE, id), "--live", "--config");

    assertThat(bare.exitCode()).as(bare.output()).isZero();
    assertThat(bare.output()).contains("Device detached successfully");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(LIBVIRT_WAITS);
    assertThat(guest.diskWithSerial(LIVE, id)).isPresent();
    assertThat(guest.diskWithSerial(PERSISTENT, id)).isEmpty();
    assertThat(guest.qemuHolds(disk.file())).isTrue();
  }

  @AfterEach
  void nothingIsLeft() {
    if (lab.virsh("domstate", guest.name()).equals("paused")) {
      guest.resume();
    }
    DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), DEADLINE);
    assertThat(outcome.isDetached()).as("%s", outcome).isTrue();
    guest.awaitNoDisk(disk.volumeId());
    for (View view : View.values()) {
      assertThat(guest.diskWithSerial(view, disk.volumeId())).isEmpty();
    }
    assertThat(guest.qemuHolds(disk.file())).isFalse();
  }

  @Test
  void aDetachFindsItAndIsDoneWhenTheGuestIs() throws Exception {
    DetachOutcome early = plug.detach(guest.ref(), disk.volume(), SHORT);

    assertThat(early).isInstanceOf(Pending.class);
    assertThat(((Pending) early).waitingFor()).isEqualTo(Pending.WaitingFor.PAUSED_GUEST);
    assertThat(early.observed().live()).isPresent();
    assertThat(early.observed().persistent()).isEmpty();
    assertThat(guest.qemuHolds(disk.file())).isTrue();

    CompletableFuture<DetachOutcome> waiting =
        plug.detachAsync(guest.ref(), disk.volume(), DEADLINE);
    Thread.sleep(1000);
    assertThat(waiting).isNotDone();
    guest.resume();
    assertThat(waiting.get()).isInstanceOf(Detached.class);
    assertThat(guest.qemuHolds(disk.file())).isFalse();
    guest.awaitNoDisk(disk.volumeId());
  }

  @Test
  void aDetachThatComesWhileTheGuestReleasesItIsDoneToo() {
    guest.resume();

    DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), DEADLINE);

    assertThat(outcome.isDetached()).as("%s", outcome).isTrue();
    assertThat(guest.qemuHolds(disk.file())).isFalse();
    guest.awaitNoDisk(disk.volumeId());
  }

  @Test
  void anAttachAfterTheGuestHasBeenResumedEndsWithTheDiskInBothViews() {
    guest.resume();

    AttachOutcome outcome = plug.attach(guest.ref(), disk, DEADLINE);

    assertThat(outcome.isAttached()).as("%s", outcome).isTrue();
    isTheSameInBothViews();
  }

  @Test
  void anAttachToTheGuestThatHasNotAnsweredWaitsForTheAnswer() throws Exception {
    AttachOutcome early = plug.attach(guest.ref(), disk, SHORT);

    assertThat(early).isInstanceOf(Unavailable.class);
    assertThat(((Unavailable) early).reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
    assertThat(guest.diskWithSerial(PERSISTENT, disk.volumeId())).isEmpty();

    CompletableFuture<AttachOutcome> waiting = plug.attachAsync(guest.ref(), disk, DEADLINE);
    Thread.sleep(1500);
    assertThat(waiting).isNotDone();
    guest.resume();
    AttachOutcome late = waiting.get();
    assertThat(late).isInstanceOf(Attached.class);
    isTheSameInBothViews();
  }

  private void isTheSameInBothViews() {
    guest.awaitDisk(disk.volumeId());
    Disk live = guest.diskWithSerial(LIVE, disk.volumeId()).orElseThrow();
    Disk persistent = guest.diskWithSerial(PERSISTENT, disk.volumeId()).orElseThrow();
    assertThat(persistent.targetDev()).isEqualTo(live.targetDev());
    assertThat(persistent.address()).isEqualTo(live.address());
  }
}
