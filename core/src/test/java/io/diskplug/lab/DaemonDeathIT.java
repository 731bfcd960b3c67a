// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.Disk;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.lab.InterceptedHypervisor.Moment;
import io.diskplug.lab.LibvirtDaemon.Signal;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Pending;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** libvirtd ends in the middle of an attach or a detach, and is started again. */
@OwnLab
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DaemonDeathIT {

  private static final long SIZE = 8 << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final Lab lab = Lab.current();
  private final LibvirtDaemon daemon = new LibvirtDaemon(lab);
  private final List<FileDisk> disks = new ArrayList<>();
  private Guest guest;
  private Agreement agreement;

  @BeforeAll
  void boot() {
    guest = Guest.boot(lab, "q35");
    agreement = new Agreement(lab, guest);
  }

  @AfterAll
  void close() {
    guest.close();
  }

  /** A test that fails takes nothing from those behind it. */
  @AfterEach
  void detachAll() {
    if (lab.virsh("domstate", guest.name()).equals("paused")) {
      guest.resume();
    }
    for (FileDisk disk : disks) {
      DetachOutcome unused = detach(disk);
    }
    disks.clear();
  }

  private FileDisk disk() {
    FileDisk disk = LabDisks.file(lab, SIZE);
    disks.add(disk);
    return disk;
  }

  /** Another process, which knows nothing of what happened. */
  private AttachOutcome attach(FileDisk disk) {
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      return plug.attach(guest.ref(), disk, DEADLINE);
    }
  }

  private DetachOutcome detach(FileDisk disk) {
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      return plug.detach(guest.ref(), disk.volume(), DEADLINE);
    }
  }

  private FileDisk attachedDisk() {
    FileDisk disk = disk();
    assertThat(attach(disk)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
    return disk;
  }

  private DiskPlug interrupted(Consumer<Moment> interceptor) {
    return DiskPlug.on(InterceptedHypervisor.connect(lab.uri(), interceptor), Options.defaults());
  }

  private Consumer<Moment> restartAt(Moment end, Signal signal) {
    return moment -> {
      if (moment.equals(end)) {
        daemon.restart(signal);
      }
    };
  }

  /** Ends the daemon so long after a call was begun. */
  private CompletableFuture<Void> restartAfter(long millis, Signal signal) {
    return CompletableFuture.runAsync(
        () -> daemon.restart(signal),
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS));
  }

  /** Ends the daemon while virsh waits for a paused guest's answer to an unplug request. */
  private void virshDetachIsCutShort(FileDisk disk, Signal signal) throws Exception {
    guest.pause();
    String element = guest.diskElement(View.PERSISTENT, disk.volumeId());
    CompletableFuture<Lab.Result> detaching =
        CompletableFuture.supplyAsync(
            () -> guest.device("detach-device", element, "--live", "--config"));
    // These numbers need a job on the domain, which nobody else gets while the detach waits.
    Awaitility.await("the detach waits for the guest")
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> !lab.virsh("domstats", "--nowait", "--block", guest.name()).contains(".rd.reqs"));
    daemon.restart(signal);
    assertThat(detaching.get().exitCode()).as(detaching.get().output()).isNotZero();
  }

  private void theGuestGoesOnAndReleases(FileDisk disk) {
    guest.resume();
    guest.awaitNoDisk(disk.volumeId());
    Awaitility.await("libvirt knows that the guest has released the disk")
        .atMost(Duration.ofSeconds(30))
        .until(() -> guest.diskWithSerial(View.LIVE, disk.volumeId()).isEmpty());
  }

  @Test
  void c9KilledDuringADetachByVirshTheDiskStaysInThePersistentView() throws Exception {
    FileDisk disk = attachedDisk();
    virshDetachIsCutShort(disk, Signal.KILL);
    theGuestGoesOnAndReleases(disk);
    Disk leftover = guest.diskWithSerial(View.PERSISTENT, disk.volumeId()).orElseThrow();

    // Failure A4: the leftover blocks its address.
    FileDisk other = disk();
    PciAddress address = (PciAddress) leftover.address();
    Lab.Result refused =
        guest.device(
            "attach-device",
            "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%s'/><target dev='vdz' bus='virtio'/><address type='pci' domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x0'/></disk>"
                .formatted(other.file(), address.domain(), address.bus(), address.slot()),
            "--live",
            "--config");
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.output()).contains("Attempted double use of PCI Address");
    // virsh cannot repeat its request either.
    assertThat(
            guest
                .device(
                    "detach-device",
                    guest.diskElement(View.PERSISTENT, disk.volumeId()),
                    "--live",
                    "--config")
                .exitCode())
        .isNotZero();

    Attached placed = (Attached) attach(other);
    assertThat(placed.address()).isNotEqualTo(leftover.address());
    agreement.attachedOnce(other);
    assertThat(detach(disk)).isInstanceOf(Detached.class);
    agreement.detached(disk);
  }

  @Test
  void c9KilledDuringADetachByVirshAndTheDiskIsWantedAgain() throws Exception {
    FileDisk disk = attachedDisk();
    virshDetachIsCutShort(disk, Signal.KILL);
    theGuestGoesOnAndReleases(disk);
    assertThat(guest.diskWithSerial(View.PERSISTENT, disk.volumeId())).isPresent();

    assertThat(attach(disk)).isInstanceOf(Attached.class);
    agreement.attachedOnce(disk);
  }

  /** It works on the call to its end, five seconds for the guest included, and tells nobody. */
  @Test
  void endedDuringADetachByVirshTheDiskIsInTheLiveViewOnly() throws Exception {
    FileDisk disk = attachedDisk();
    virshDetachIsCutShort(disk, Signal.TERM);
    assertThat(guest.diskWithSerial(View.LIVE, disk.volumeId())).isPresent();
    assertThat(guest.diskWithSerial(View.PERSISTENT, disk.volumeId())).isEmpty();
    // virsh cannot repeat its request.
    assertThat(
            guest
                .device(
                    "detach-device",
                    guest.diskElement(View.LIVE, disk.volumeId()),
                    "--live",
                    "--config")
                .exitCode())
        .isNotZero();

    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      DetachOutcome early = plug.detach(guest.ref(), disk.volume(), Duration.ofSeconds(3));
      assertThat(early).isInstanceOf(Pending.class);
      guest.resume();
      assertThat(plug.await((Pending) early, DEADLINE).isDetached()).isTrue();
    }
    agreement.detached(disk);
  }

  @ParameterizedTest
  @CsvSource({
    "AFTER NOTE 2, TERM",
    "AFTER NOTE 2, KILL",
    "AFTER DETACH_BY_ALIAS 1, TERM",
    "AFTER DETACH_BY_ALIAS 1, KILL",
  })
  void theDaemonEndsBetweenTheStepsOfADetach(String moment, Signal signal) {
    FileDisk disk = attachedDisk();
    DetachOutcome first;
    try (DiskPlug plug = interrupted(restartAt(Moment.parse(moment), signal))) {
      first = plug.detach(guest.ref(), disk.volume(), DEADLINE);
    }
    convergesDetached(disk, first);
  }

  @ParameterizedTest
  @CsvSource({"0, TERM", "0, KILL", "2, TERM", "2, KILL", "20, TERM"})
  void theDaemonEndsDuringADetach(long millis, Signal signal) {
    FileDisk disk = attachedDisk();
    Moment begin = Moment.parse("BEFORE DETACH_BY_ALIAS 1");
    CompletableFuture<CompletableFuture<Void>> restarted = new CompletableFuture<>();
    DetachOutcome first;
    try (DiskPlug plug =
        interrupted(
            moment -> {
              if (moment.equals(begin)) {
                restarted.complete(restartAfter(millis, signal));
              }
            })) {
      first = plug.detach(guest.ref(), disk.volume(), DEADLINE);
    }
    Void unused = restarted.join().join();
    convergesDetached(disk, first);
  }

  private void convergesDetached(FileDisk disk, DetachOutcome first) {
    if (first.isDetached()) {
      // What was claimed is so.
      agreement.detached(disk);
    }
    DetachOutcome second = detach(disk);
    assertThat(second.isDetached()).as("%s, then %s", first, second).isTrue();
    assertThat(second.observed().evicted()).isEmpty();
    agreement.detached(disk);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BEFORE ATTACH 1", "AFTER ATTACH 1"})
  void theDaemonIsRestartedBetweenTheStepsOfAnAttach(String moment) {
    FileDisk disk = disk();
    AttachOutcome first;
    try (DiskPlug plug = interrupted(restartAt(Moment.parse(moment), Signal.TERM))) {
      first = plug.attach(guest.ref(), disk, DEADLINE);
    }
    convergesAttached(disk, first);
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 6, 9, 12})
  void theDaemonIsRestartedDuringAnAttach(long millis) {
    FileDisk disk = disk();
    Moment begin = Moment.parse("BEFORE ATTACH 1");
    CompletableFuture<CompletableFuture<Void>> restarted = new CompletableFuture<>();
    AttachOutcome first;
    try (DiskPlug plug =
        interrupted(
            moment -> {
              if (moment.equals(begin)) {
                restarted.complete(restartAfter(millis, Signal.TERM));
              }
            })) {
      first = plug.attach(guest.ref(), disk, DEADLINE);
    }
    Void unused = restarted.join().join();
    convergesAttached(disk, first);
  }

  private void convergesAttached(FileDisk disk, AttachOutcome first) {
    if (first.isAttached()) {
      agreement.attachedOnce(disk);
    }
    AttachOutcome second = attach(disk);
    assertThat(second.isAttached()).as("%s, then %s", first, second).isTrue();
    agreement.attachedOnce(disk);
    assertThat(detach(disk)).isInstanceOf(Detached.class);
    agreement.detached(disk);
  }
}
