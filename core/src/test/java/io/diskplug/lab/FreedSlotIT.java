// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.Disk;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Several disks are unplugged at once, and as soon as the first is gone another one is plugged. The
 * guest ejects the slot of the first once more, and whatever is in it by then.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FreedSlotIT {

  private static final int DISKS = 6;
  private static final int TRIES = 12;
  private static final int TIMES = 2;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** The guest's queue is empty long before. */
  private static final Duration LATER = Duration.ofSeconds(6);

  private final Lab lab = Lab.current();
  private final Guest guest = Guest.boot(lab, "pc");

  @AfterAll
  void close() {
    guest.close();
  }

  private List<FileDisk> attachAll(DiskPlug plug) {
    List<FileDisk> disks = new ArrayList<>();
    for (int i = 0; i < DISKS; i++) {
      FileDisk disk = LabDisks.file(lab, 4 << 20);
      disks.add(disk);
      assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    }
    disks.forEach(disk -> guest.awaitDisk(disk.volumeId()));
    return disks;
  }

  private static void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(DEADLINE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(condition);
  }

  /** With libvirt alone, where it happens nearly always, less often on a busy machine. */
  @Test
  void withLibvirtAloneTheNewDiskIsEjected() throws InterruptedException {
    boolean ejected = false;
    for (int i = 0; i < TRIES && !ejected; i++) {
      ejected = isEjected();
    }
    assertThat(ejected).as("ejected in one of %d tries", TRIES).isTrue();
  }

  private boolean isEjected() throws InterruptedException {
    List<FileDisk> disks;
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      disks = attachAll(plug);
    }
    String first = disks.get(0).volumeId();
    Disk freed = guest.diskWithSerial(LIVE, first).orElseThrow();
    FileDisk next = LabDisks.file(lab, 4 << 20);
    String element =
        guest
            .diskElement(LIVE, first)
            .replace(disks.get(0).file().toString(), next.file().toString())
            .replace(first, next.volumeId())
            .replace(String.valueOf(freed.alias()), next.volume().identity().alias());
    StringBuilder commands = new StringBuilder();
    for (FileDisk disk : disks) {
      commands
          .append("detach-device-alias ")
          .append(guest.name())
          .append(' ')
          .append(disk.volume().identity().alias())
          .append(" --live --config;");
    }
    lab.virsh(commands.toString());
    await("the first is gone", () -> guest.diskWithSerial(LIVE, first).isEmpty());
    guest.deviceOk("attach-device", element, "--live");
    Thread.sleep(LATER.toMillis());
    boolean ejected = guest.diskWithSerial(LIVE, next.volumeId()).isEmpty();
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      disks.add(next);
      for (FileDisk disk : disks) {
        DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), DEADLINE);
        assertThat(outcome.isDetached()).as("%s", outcome).isTrue();
      }
    }
    return ejected;
  }

  @Test
  void anAttachIsNotInTheWay() throws Exception {
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      for (int i = 0; i < TIMES; i++) {
        stays(plug, plug);
      }
    }
  }

  /** The guest is asked for one disk at a time, so that the slot is safe when it is free. */
  @Test
  void thatOfAProcessThatHasJustBegunNeither() throws Exception {
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      for (int i = 0; i < TIMES; i++) {
        try (DiskPlug another = DiskPlug.connect(lab.uri())) {
          stays(plug, another);
        }
      }
    }
  }

  private void stays(DiskPlug plug, DiskPlug another) throws Exception {
    List<FileDisk> disks = attachAll(plug);
    String first = disks.get(0).volumeId();
    Disk freed = guest.diskWithSerial(LIVE, first).orElseThrow();
    List<CompletableFuture<DetachOutcome>> detached = new ArrayList<>();
    for (FileDisk disk : disks) {
      detached.add(plug.detachAsync(guest.ref(), disk.volume(), DEADLINE));
    }
    await("the first is gone", () -> guest.diskWithSerial(LIVE, first).isEmpty());
    FileDisk next =
        new FileDisk(Lab.volumeId(), lab.file(Lab.unique("n"), 4 << 20), DiskOptions.DEFAULTS);

    Attached attached = (Attached) another.attach(guest.ref(), next, DEADLINE);

    if (another == plug) {
      // A process that has seen the slot taken leaves it alone for a while.
      assertThat(attached.address()).isNotEqualTo(freed.address());
    }
    for (CompletableFuture<DetachOutcome> outcome : detached) {
      assertThat(outcome.get().isDetached()).as("%s", outcome.get()).isTrue();
    }
    Thread.sleep(LATER.toMillis());
    assertThat(guest.diskWithSerial(LIVE, next.volumeId())).isPresent();
    assertThat(guest.diskWithSerial(PERSISTENT, next.volumeId())).isPresent();
    guest.awaitDisk(next.volumeId());
    assertThat(guest.xml(LIVE)).doesNotContain("urn:diskplug");
    DetachOutcome outcome = plug.detach(guest.ref(), next.volume(), DEADLINE);
    assertThat(outcome.isDetached()).as("%s", outcome).isTrue();
  }
}
