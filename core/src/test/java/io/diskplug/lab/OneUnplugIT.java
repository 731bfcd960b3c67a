// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.domain.Disk;
import io.diskplug.domain.PciAddress;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Several disks are detached at once, by one process and by two, and another tool plugs a disk into
 * the first slot that is free, while the guest works on the next: it stays. {@link FreedSlotIT}
 * shows that it is ejected where the guest is asked for all of them at once.
 */
class OneUnplugIT {

  private static final int DISKS = 6;
  private static final int TIMES = 3;
  private static final Duration DEADLINE = Duration.ofSeconds(90);
  private static final Duration LATER = Duration.ofSeconds(6);

  private final Lab lab = Lab.current();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private static void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(DEADLINE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(condition);
  }

  private static boolean isThere(Guest guest, FileDisk disk) {
    return guest.diskWithSerial(LIVE, disk.volumeId()).isPresent();
  }

  @ParameterizedTest
  @CsvSource({"pc, 1", "pc, 2", "q35, 1"})
  void theDiskOfAnotherToolStays(String machine, int processes) throws Exception {
    Guest guest = Guest.boot(lab, machine);
    open.add(guest);
    List<DiskPlug> plugs = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      DiskPlug plug = DiskPlug.connect(lab.uri());
      open.add(0, plug);
      plugs.add(plug);
    }
    for (int i = 0; i < TIMES; i++) {
      stays(guest, plugs);
    }
  }

  private void stays(Guest guest, List<DiskPlug> plugs) throws Exception {
    List<FileDisk> disks = new ArrayList<>();
    List<PciAddress> places = new ArrayList<>();
    for (int i = 0; i < DISKS; i++) {
      FileDisk disk = LabDisks.file(lab, 4 << 20);
      Attached attached = (Attached) plugs.get(0).attach(guest.ref(), disk, DEADLINE);
      disks.add(disk);
      places.add((PciAddress) attached.address());
    }
    disks.forEach(disk -> guest.awaitDisk(disk.volumeId()));
    long begin = System.nanoTime();
    List<CompletableFuture<DetachOutcome>> detached = new ArrayList<>();
    for (int i = 0; i < DISKS; i++) {
      DiskPlug plug = plugs.get(i % plugs.size());
      detached.add(plug.detachAsync(guest.ref(), disks.get(i).volume(), DEADLINE));
    }
    await("one is gone", () -> disks.stream().anyMatch(disk -> !isThere(guest, disk)));
    FileDisk gone = disks.stream().filter(disk -> !isThere(guest, disk)).findFirst().orElseThrow();
    PciAddress freed = places.get(disks.indexOf(gone));
    Path file = lab.file(Lab.unique("other"), 4 << 20);
    String serial = Lab.unique("other");
    guest.deviceOk("attach-device", element(file, serial, freed), "--live");
    for (CompletableFuture<DetachOutcome> outcome : detached) {
      assertThat(outcome.get()).isInstanceOf(Detached.class);
    }
    System.out.printf(
        Locale.ROOT,
        "%d disks of %s were detached by %d processes in %.1f s%n",
        DISKS,
        guest.name(),
        plugs.size(),
        (System.nanoTime() - begin) / 1e9);
    Thread.sleep(LATER.toMillis());
    Disk theirs = guest.diskWithSerial(LIVE, serial).orElseThrow();
    assertThat(theirs.address()).isEqualTo(freed);
    guest.awaitDisk(serial);
    guest.deviceOk("detach-device", element(file, serial, freed), "--live");
    await("theirs is gone", () -> guest.diskWithSerial(LIVE, serial).isEmpty());
    assertThat(guest.xml(LIVE)).doesNotContain("urn:diskplug");
  }

  private static String element(Path file, String serial, PciAddress place) {
    return """
        <disk type='file' device='disk'>
          <driver name='qemu' type='raw'/>
          <source file='%s'/>
          <target dev='vdz' bus='virtio'/>
          <serial>%s</serial>
          <address type='pci' domain='0x0000' bus='0x%02x' slot='0x%02x' function='0x0'/>
        </disk>
        """
        .formatted(file, serial, place.bus(), place.slot());
  }
}
