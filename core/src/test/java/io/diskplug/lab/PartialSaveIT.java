// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Unavailable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The live part of a change is made, and the configuration cannot be saved: libvirt reports an
 * error (code 38), and takes nothing back.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PartialSaveIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration LIMITED = Duration.ofSeconds(10);
  private static final int SYSTEM_ERROR = 38;

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private final Guest guest = Guest.boot(lab, "q35");

  /** libvirt writes this file and renames it; a directory of that name is in its way. */
  private final Path obstacle =
      lab.directory().resolve("conf/libvirt/qemu").resolve(guest.name() + ".xml.new");

  @AfterAll
  void close() {
    guest.close();
    plug.close();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    Files.deleteIfExists(obstacle);
    assertThat(guest.read(LIVE).disks()).isEmpty();
    assertThat(guest.read(PERSISTENT).disks()).isEmpty();
  }

  private void block() {
    try {
      Files.createDirectory(obstacle);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void clear() {
    try {
      Files.delete(obstacle);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FileDisk disk() {
    return LabDisks.file(lab, 8 << 20);
  }

  private FileDisk attached() {
    FileDisk disk = disk();
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
    return disk;
  }

  private boolean in(View view, FileDisk disk) {
    return guest.diskWithSerial(view, disk.volumeId()).isPresent();
  }

  private void isTheSameInBothViews(FileDisk disk) {
    Disk live = guest.diskWithSerial(LIVE, disk.volumeId()).orElseThrow();
    Disk persistent = guest.diskWithSerial(PERSISTENT, disk.volumeId()).orElseThrow();
    assertThat(persistent.targetDev()).isEqualTo(live.targetDev());
    assertThat(persistent.address()).isEqualTo(live.address());
    assertThat(persistent.alias()).isEqualTo(live.alias());
    assertThat(guest.read(LIVE).disks()).hasSize(1);
    assertThat(guest.read(PERSISTENT).disks()).hasSize(1);
    guest.awaitDisk(disk.volumeId());
    assertThat(guest.sees()).hasSize(1);
  }

  private void detach(FileDisk disk) {
    DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), DEADLINE);
    assertThat(outcome.isDetached()).as("%s", outcome).isTrue();
    guest.awaitNoDisk(disk.volumeId());
  }

  private static void failedToSave(Lab.Result bare) {
    assertThat(bare.exitCode()).isNotZero();
    assertThat(bare.output()).contains(".xml.new': Is a directory");
  }

  private static String element(FileDisk disk) {
    return """
        <disk type='file' device='disk'>
          <driver name='qemu' type='raw' cache='none'/>
          <source file='%s'/>
          <target dev='vdb' bus='virtio'/>
          <serial>%s</serial>
          <alias name='%s'/>
        </disk>
        """
        .formatted(disk.file(), disk.volumeId(), disk.volume().identity().alias());
  }

  /** The library, with the obstacle taken away as soon as libvirt has met it. */
  private DiskPlug withAnObstacleThatGoesAway(AtomicInteger failures) {
    return DiskPlug.on(
        ForwardingDomain.hypervisor(
            lab,
            real ->
                new ForwardingDomain(real) {
                  @Override
                  public void attachDevice(String deviceXml, Set<View> scope)
                      throws FaultException {
                    try {
                      super.attachDevice(deviceXml, scope);
                    } catch (FaultException e) {
                      met();
                      throw e;
                    }
                  }

                  @Override
                  public void detachDeviceByAlias(String alias, Set<View> scope)
                      throws FaultException {
                    try {
                      super.detachDeviceByAlias(alias, scope);
                    } catch (FaultException e) {
                      met();
                      throw e;
                    }
                  }

                  private void met() {
                    if (failures.getAndIncrement() == 0) {
                      clear();
                    }
                  }
                }),
        Options.defaults());
  }

  @Test
  void whatLibvirtLeavesAfterAnAttachIsMendedByTheSameAttach() {
    FileDisk disk = disk();
    block();
    // libvirt alone: an error, and the disk is there; asked again, another error.
    failedToSave(guest.device("attach-device", element(disk), "--live", "--config"));
    clear();
    guest.awaitDisk(disk.volumeId());
    assertThat(in(LIVE, disk)).isTrue();
    assertThat(in(PERSISTENT, disk)).isFalse();
    Lab.Result again = guest.device("attach-device", element(disk), "--live", "--config");
    assertThat(again.exitCode()).isNotZero();

    AttachOutcome outcome = plug.attach(guest.ref(), disk, DEADLINE);

    assertThat(outcome).isInstanceOf(Attached.class);
    isTheSameInBothViews(disk);
    detach(disk);
  }

  @Test
  void whatLibvirtLeavesAfterADetachIsMendedByTheSameDetach() {
    FileDisk disk = attached();
    String element = guest.diskElement(LIVE, disk.volumeId());
    block();
    // libvirt alone: an error, the guest has lost the disk, and the next start brings it back.
    failedToSave(guest.device("detach-device", element, "--live", "--config"));
    guest.awaitReleased(disk.volumeId());
    assertThat(in(PERSISTENT, disk)).isTrue();
    clear();

    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
    assertThat(in(PERSISTENT, disk)).isFalse();
  }

  @Test
  void anAttachThatMeetsItOnceConverges() {
    FileDisk disk = disk();
    AtomicInteger failures = new AtomicInteger();
    block();
    try (DiskPlug met = withAnObstacleThatGoesAway(failures)) {
      AttachOutcome outcome = met.attach(guest.ref(), disk, DEADLINE);

      assertThat(outcome).isInstanceOf(Attached.class);
      assertThat(outcome.observed().faults())
          .extracting(LibvirtFault::code)
          .containsExactly(SYSTEM_ERROR);
    }
    assertThat(failures).hasValue(1);
    isTheSameInBothViews(disk);
    detach(disk);
  }

  @Test
  void aDetachThatMeetsItOnceConverges() {
    FileDisk disk = attached();
    AtomicInteger failures = new AtomicInteger();
    block();
    try (DiskPlug met = withAnObstacleThatGoesAway(failures)) {
      DetachOutcome outcome = met.detach(guest.ref(), disk.volume(), DEADLINE);

      assertThat(outcome).isInstanceOf(Detached.class);
      assertThat(outcome.observed().faults())
          .extracting(LibvirtFault::code)
          .containsExactly(SYSTEM_ERROR);
    }
    assertThat(failures).hasValue(1);
    guest.awaitNoDisk(disk.volumeId());
  }

  @Test
  void anAttachThatMeetsItAlwaysSaysSoAndTheRepetitionConverges() {
    FileDisk disk = disk();
    block();
    long begin = System.nanoTime();

    AttachOutcome outcome = plug.attach(guest.ref(), disk, LIMITED);

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LIMITED.plusSeconds(1));
    unknownOrLater(outcome);
    assertThat(outcome.observed().live()).isPresent();
    assertThat(outcome.observed().persistent()).isEmpty();
    AttachOutcome second = plug.attach(guest.ref(), disk, LIMITED);
    unknownOrLater(second);
    assertThat(guest.read(LIVE).disks()).hasSize(1);
    assertThat(guest.read(PERSISTENT).disks()).isEmpty();

    clear();
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    isTheSameInBothViews(disk);
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);
    detach(disk);
  }

  @Test
  void aDetachThatMeetsItAlwaysSaysSoAndTheRepetitionConverges() {
    FileDisk disk = attached();
    block();
    long begin = System.nanoTime();

    DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), LIMITED);

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LIMITED.plusSeconds(1));
    unknownOrLater(outcome);
    assertThat(outcome.observed().persistent()).isPresent();
    unknownOrLater(plug.detach(guest.ref(), disk.volume(), LIMITED));
    assertThat(in(PERSISTENT, disk)).isTrue();

    clear();
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE))
        .isInstanceOf(AlreadyDetached.class);
    guest.awaitNoDisk(disk.volumeId());
  }

  /** It may work later, or is not known: not done, not refused, and no guest is waited for. */
  private static void unknownOrLater(Object outcome) {
    assertThat(outcome).isInstanceOfAny(Unavailable.class, Indeterminate.class);
  }
}
