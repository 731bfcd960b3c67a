// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.View;
import io.diskplug.lab.InterceptedHypervisor.Moment;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * QEMU is killed in the middle of an attach or a detach. The domain is shut off then, and what is
 * claimed holds for the one view that is left; its next start agrees.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QemuDeathIT {

  private static final long SIZE = 8 << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration SLACK = Duration.ofSeconds(2);

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private Guest guest;
  private QemuMonitor qemu;
  private Agreement agreement;

  @BeforeAll
  void boot() {
    guest = Guest.boot(lab, "q35");
    qemu = new QemuMonitor(lab, guest);
    agreement = new Agreement(lab, guest);
  }

  @AfterAll
  void close() {
    plug.close();
    guest.close();
  }

  @BeforeEach
  void runs() {
    if (state().equals("shut off")) {
      guest.start();
    }
  }

  private String state() {
    return lab.virsh("domstate", guest.name());
  }

  private FileDisk disk() {
    return LabDisks.file(lab, SIZE);
  }

  /**
   * Kills QEMU at a moment of a request, or in the middle of a call: {@code DURING ATTACH}, which
   * QEMU is frozen for.
   */
  private Consumer<Moment> killAt(String when) {
    if (!when.startsWith("DURING ")) {
      Moment end = Moment.parse(when);
      return moment -> {
        if (moment.equals(end)) {
          qemu.kill();
        }
      };
    }
    String operation = when.substring("DURING ".length()) + " 1";
    Moment before = Moment.parse("BEFORE " + operation);
    return moment -> {
      if (moment.equals(before)) {
        qemu.freeze();
        CompletableFuture<Void> unused = CompletableFuture.runAsync(this::killWhenOccupied);
      }
    };
  }

  private void killWhenOccupied() {
    try {
      Awaitility.await("the monitor is occupied")
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> lab.virsh("domcontrol", guest.name()).startsWith("occupied"));
    } finally {
      qemu.kill();
    }
  }

  private DiskPlug interrupted(String when) {
    return DiskPlug.on(InterceptedHypervisor.connect(lab.uri(), killAt(when)), Options.defaults());
  }

  private static void boundedBy(long start) {
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(DEADLINE.plus(SLACK));
  }

  private boolean inThePersistentView(FileDisk disk) {
    return guest.diskWithSerial(View.PERSISTENT, disk.volumeId()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"BEFORE ATTACH 1", "DURING ATTACH", "AFTER ATTACH 1"})
  void duringAnAttach(String when) {
    FileDisk disk = disk();
    long start = System.nanoTime();
    AttachOutcome first;
    try (DiskPlug interrupted = interrupted(when)) {
      first = interrupted.attach(guest.ref(), disk, DEADLINE);
    }
    boundedBy(start);
    assertThat(state()).isEqualTo("shut off");
    assertThat(first.isAttached()).as("%s", first).isTrue();
    assertThat(inThePersistentView(disk)).isTrue();

    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);
    guest.start();
    agreement.attachedOnce(disk);
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE).isDetached()).isTrue();
    agreement.detached(disk);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BEFORE NOTE 2",
        "DURING DETACH_BY_ALIAS",
        "AFTER DETACH_BY_ALIAS 1",
        "BEFORE QEMU_NODES 1"
      })
  void duringADetach(String when) {
    FileDisk disk = disk();
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
    if (when.equals("AFTER DETACH_BY_ALIAS 1")) {
      // So that it is the guest that is waited for.
      guest.pause();
    }
    long start = System.nanoTime();
    DetachOutcome first;
    try (DiskPlug interrupted = interrupted(when)) {
      first = interrupted.detach(guest.ref(), disk.volume(), DEADLINE);
    }
    boundedBy(start);
    assertThat(state()).isEqualTo("shut off");
    assertThat(first.isDetached()).as("%s", first).isTrue();
    assertThat(inThePersistentView(disk)).isFalse();

    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE))
        .isInstanceOf(AlreadyDetached.class);
    guest.start();
    agreement.detached(disk);
  }
}
