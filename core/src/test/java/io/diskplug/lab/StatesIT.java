// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.outcome.Waiver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Domains whose disks are held by what no view shows: a saved file, another host's QEMU, a QEMU
 * that the daemon has forgotten. Each test first shows with virsh alone that the disk comes back,
 * or is open, and then what the library says.
 */
@OwnLab
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StatesIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(3);
  private static final long SIZE = 8 << 20;

  private final Lab lab = Lab.current();
  private final LibvirtDaemon daemon = new LibvirtDaemon(lab);
  private final DiskPlug plug = DiskPlug.connect(lab.uri());

  @AfterAll
  void close() {
    plug.close();
  }

  private FileDisk attached(Guest guest) {
    FileDisk disk = LabDisks.file(lab, SIZE, DiskOptions.DEFAULTS);
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    return disk;
  }

  private Path saved(Guest guest) {
    return lab.filesDirectory().resolve(guest.name() + ".save");
  }

  private static boolean has(Guest guest, io.diskplug.domain.View view, FileDisk disk) {
    return guest.diskWithSerial(view, disk.volumeId()).isPresent();
  }

  private void everyRequestIsRejected(Rejected.Reason reason, Guest guest, FileDisk disk) {
    FileDisk other = LabDisks.file(lab, SIZE, DiskOptions.DEFAULTS);
    String before = guest.xml(PERSISTENT);
    List<Outcome> outcomes =
        List.of(
            plug.detach(guest.ref(), disk.volume(), SHORT),
            plug.attach(guest.ref(), disk, SHORT),
            plug.attach(guest.ref(), other, SHORT),
            plug.plan(guest.ref(), List.of(other), SHORT),
            plug.limit(guest.ref(), disk.volume(), IoTune.total(1 << 20, 0), SHORT),
            plug.grow(guest.ref(), disk.volume(), 2 * SIZE, SHORT),
            plug.adopt(guest.ref(), disk.volume(), SHORT));
    for (Outcome outcome : outcomes) {
      assertThat(outcome).isInstanceOf(Rejected.class);
      assertThat(((Rejected) outcome).reason()).as("%s", outcome).isEqualTo(reason);
    }
    assertThat(guest.xml(PERSISTENT)).isEqualTo(before);
    Inspected inspected = (Inspected) plug.inspect(guest.ref(), DEADLINE);
    assertThat(inspected.mayHoldMoreThanViewsShow()).isTrue();
    assertThat(inspected.isClean()).isFalse();
  }

  private DomainStatus status(Guest guest) {
    return ((Inspected) plug.inspect(guest.ref(), DEADLINE)).observed().status().orElseThrow();
  }

  @Test
  void aFileThatADomainWasSavedToHoldsItsDisks() {
    try (Guest guest = Guest.boot(lab, "pc")) {
      FileDisk disk = attached(guest);
      String element = guest.diskElement(PERSISTENT, disk.volumeId());
      lab.virsh("save", guest.name(), saved(guest).toString());
      everyRequestIsRejected(Rejected.Reason.SAVED, guest, disk);

      // libvirt alone: the disk is in no view, the domain is shut off, and the restore has it.
      guest.deviceOk("detach-device", element, "--config");
      assertThat(has(guest, PERSISTENT, disk)).isFalse();
      everyRequestIsRejected(Rejected.Reason.SAVED, guest, disk);
      lab.virsh("restore", saved(guest).toString());
      assertThat(has(guest, LIVE, disk)).isTrue();
      assertThat(guest.qemuHolds(disk.file())).isTrue();

      // It runs again, and is asked.
      Detached detached = (Detached) plug.detach(guest.ref(), disk.volume(), DEADLINE);
      assertThat(detached.proof()).isEqualTo(Proof.QEMU);
    }
  }

  @Test
  void aCallerWhoKnowsThatTheFileIsGoneDetaches() {
    try (Guest guest = Guest.boot(lab, "q35")) {
      FileDisk disk = attached(guest);
      lab.virsh("save", guest.name(), saved(guest).toString());
      assertThat(saved(guest).toFile().delete()).isTrue();

      Detached detached =
          (Detached) plug.waiving(Waiver.SAVED_STATE).detach(guest.ref(), disk.volume(), DEADLINE);

      assertThat(detached.proof()).isEqualTo(Proof.XML);
      assertThat(has(guest, PERSISTENT, disk)).isFalse();
      // The other waiver is for another rejection.
      assertThat(plug.waiving(Waiver.MIGRATION).detach(guest.ref(), disk.volume(), DEADLINE))
          .isInstanceOf(Rejected.class);
      guest.start();
      assertThat(has(guest, LIVE, disk)).isFalse();
      assertThat(((AlreadyDetached) plug.detach(guest.ref(), disk.volume(), DEADLINE)).proof())
          .isEqualTo(Proof.QEMU);
    }
  }

  @Test
  void aGuestThatWasMigratedAwayIsAskedWhereItRuns() {
    try (OtherHost other = OtherHost.of(lab);
        DiskPlug there = DiskPlug.connect(other.lab().uri());
        Guest guest = Guest.boot(lab, "pc")) {
      FileDisk disk = attached(guest);
      other.takes(guest, "--persistent");
      assertThat(status(guest).reason()).isEqualTo(StateReason.MIGRATED);
      assertThat(other.holds(guest, disk.file())).isTrue();
      everyRequestIsRejected(Rejected.Reason.MIGRATED, guest, disk);

      Detached detached = (Detached) there.detach(guest.ref(), disk.volume(), DEADLINE);
      assertThat(detached.proof()).isEqualTo(Proof.QEMU);
      assertThat(other.holds(guest, disk.file())).isFalse();

      // What is left of it on the host that it came from is the caller's to clean up.
      detached =
          (Detached) plug.waiving(Waiver.MIGRATION).detach(guest.ref(), disk.volume(), DEADLINE);
      assertThat(detached.proof()).isEqualTo(Proof.XML);
      assertThat(has(guest, PERSISTENT, disk)).isFalse();

      other.returns(guest);
      assertThat(status(guest).reason()).isEqualTo(StateReason.MIGRATED);
      assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    }
  }

  @Test
  void aGuestThatArrivesIsWaitedForAndOneThatDidNotArriveProvesLess() throws Exception {
    try (OtherHost other = OtherHost.of(lab);
        DiskPlug there = DiskPlug.connect(other.lab().uri());
        Guest guest = Guest.boot(lab, "pc")) {
      FileDisk disk = attached(guest);
      other.takes(guest, "--persistent");
      other.returns(guest, "--persistent");
      String[] slowly = OtherHost.command(other.lab(), guest, "--persistent", "--bandwidth", "1");
      CompletableFuture<Lab.Result> migration =
          CompletableFuture.supplyAsync(() -> lab.tryVirsh(slowly));
      Awaitility.await("the guest arrives")
          .atMost(DEADLINE)
          .until(() -> other.lab().tryVirsh("domstate", guest.name()).output().contains("paused"));

      NotDone waits = (NotDone) there.detach(guest.ref(), disk.volume(), SHORT);
      assertThat(waits).isInstanceOf(Unavailable.class);
      assertThat(((Unavailable) waits).reason()).isEqualTo(Unavailable.Reason.DOMAIN_CHANGING);

      lab.virsh("domjobabort", guest.name());
      assertThat(migration.get().exitCode()).isNotZero();
      Awaitility.await("the other host knows that the guest does not come")
          .atMost(DEADLINE)
          .until(() -> other.lab().virsh("domstate", guest.name()).contains("shut off"));
      assertThat(guest.qemuHolds(disk.file())).isTrue();
      // libvirt says "crashed" or "failed" there, and QEMU has the disk here.
      Detached detached = (Detached) there.detach(guest.ref(), disk.volume(), DEADLINE);
      assertThat(detached.proof()).isEqualTo(Proof.XML);
      assertThat(has(guest, LIVE, disk)).isTrue();
    }
  }

  @Test
  void aQemuThatTheDaemonHasForgottenIsNoProof() {
    Guest guest = Guest.boot(lab, "pc");
    ProcessHandle qemu = new QemuMonitor(lab, guest).process();
    try (guest) {
      FileDisk disk = attached(guest);
      daemon.forget(guest);

      Detached detached = (Detached) plug.detach(guest.ref(), disk.volume(), DEADLINE);

      assertThat(OpenFiles.of(qemu)).contains(disk.file());
      assertThat(detached.proof()).isEqualTo(Proof.XML);
      DomainStatus status = detached.observed().status().orElseThrow();
      assertThat(status.state()).isEqualTo(RunState.SHUT_OFF);
      assertThat(status.reason()).isEqualTo(StateReason.UNKNOWN);
    } finally {
      boolean unused = qemu.destroyForcibly();
      qemu.onExit().join();
    }
  }

  @Test
  void theDaemonsWordIsWorthLessAfterItsRestart() {
    try (Guest guest = Guest.startPaused(lab, "q35")) {
      FileDisk disk = attached(guest);
      guest.destroy();
      assertThat(((Detached) plug.detach(guest.ref(), disk.volume(), DEADLINE)).proof())
          .isEqualTo(Proof.DAEMON);
      assertThat(((AlreadyDetached) plug.detach(guest.ref(), disk.volume(), DEADLINE)).proof())
          .isEqualTo(Proof.DAEMON);

      daemon.restart(LibvirtDaemon.Signal.TERM);

      assertThat(((AlreadyDetached) plug.detach(guest.ref(), disk.volume(), DEADLINE)).proof())
          .isEqualTo(Proof.XML);
      assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    }
  }

  @Test
  void aDomainThatIsDefinedAgainProvesLess() {
    Guest guest = Guest.boot(lab, "pc");
    FileDisk disk = attached(guest);
    String definition = guest.xml(PERSISTENT);
    lab.virsh("save", guest.name(), saved(guest).toString());
    lab.virsh("undefine", guest.name());
    lab.define(definition);
    try (guest) {
      Detached detached = (Detached) plug.detach(guest.ref(), disk.volume(), DEADLINE);

      assertThat(detached.proof()).isEqualTo(Proof.XML);
    }
  }

  @Test
  void aSnapshotWithMemoryHoldsDisks() {
    try (Guest guest = Guest.boot(lab, "pc")) {
      FileDisk disk = attached(guest);
      String target = guest.diskWithSerial(LIVE, disk.volumeId()).orElseThrow().targetDev();
      lab.virsh(
          "snapshot-create-as",
          guest.name(),
          "memory",
          "--memspec",
          "file=" + lab.filesDirectory().resolve(guest.name() + ".memory"),
          "--diskspec",
          target + ",snapshot=no");
      guest.destroy();

      Detached detached = (Detached) plug.detach(guest.ref(), disk.volume(), DEADLINE);

      assertThat(detached.proof()).isEqualTo(Proof.XML);
      assertThat(detached.observed().toString()).contains("1 snapshot that has memory");
      lab.virsh("snapshot-delete", guest.name(), "memory", "--metadata");
      assertThat(((AlreadyDetached) plug.detach(guest.ref(), disk.volume(), DEADLINE)).proof())
          .isEqualTo(Proof.DAEMON);
    }
  }

  @Test
  void whereTheMonitorIsForbiddenADomainThatRunsProvesNoMoreThanItsXml() {
    try (DiskPlug careful = DiskPlug.connect(lab.uri(), Options.defaults().withMonitor(false));
        Guest guest = Guest.startPaused(lab, "pc")) {
      FileDisk disk = LabDisks.file(lab, SIZE, DiskOptions.DEFAULTS);
      assertThat(((AlreadyDetached) careful.detach(guest.ref(), disk.volume(), DEADLINE)).proof())
          .isEqualTo(Proof.XML);
      guest.destroy();
      assertThat(((AlreadyDetached) careful.detach(guest.ref(), disk.volume(), DEADLINE)).proof())
          .isEqualTo(Proof.DAEMON);
    }
  }
}
