// SPDX-License-Identifier: Apache-2.0
package io.diskplug.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.BlockSizes;
import io.diskplug.disk.CacheMode;
import io.diskplug.disk.DetectZeroes;
import io.diskplug.disk.DiscardMode;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.HostPort;
import io.diskplug.disk.IoLimit;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.View;
import io.diskplug.lab.Guest;
import io.diskplug.lab.Lab;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Rejected;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is asked for is what libvirt shows and QEMU has; the guest sees the disk. */
class RbdOptionsIT {

  private static final Duration LONG = Duration.ofSeconds(30);

  private static final IoTune TUNE =
      IoTune.UNLIMITED
          .withReadBytes(IoLimit.of(8_000_000).withBurst(16_000_000, Duration.ofSeconds(3)))
          .withWriteBytes(IoLimit.of(4_000_000))
          .withTotalIops(IoLimit.of(700).withBurst(1400, Duration.ofSeconds(2)))
          .withSizeIopsSec(8192);

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private static Guest guest;

  @BeforeAll
  static void boot() {
    guest = Guest.boot(Lab.current(), "q35");
  }

  @AfterAll
  static void remove() {
    guest.close();
  }

  @AfterEach
  void close() {
    plug.close();
  }

  private RbdDisk newDisk() {
    String id = Lab.volumeId();
    return LabCluster.disk(lab, id, LabCluster.newImage(lab, id, 16));
  }

  private void goesThereAndBack(RbdDisk disk) {
    assertThat(plug.attach(guest.ref(), disk, LONG).isAttached()).isTrue();
    guest.awaitDisk(disk.volumeId());
    assertThat(plug.attach(guest.ref(), disk, LONG))
        .isInstanceOfSatisfying(
            AlreadyAttached.class, already -> assertThat(already.differences()).isEmpty());
    assertThat(plug.detach(guest.ref(), disk.volume(), LONG)).isInstanceOf(Detached.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"VIRTIO", "SCSI"})
  void everyOption(DiskBus bus) {
    DiskOptions options =
        DiskOptions.DEFAULTS
            .withBus(bus)
            .withCache(CacheMode.WRITEBACK)
            .withDiscard(DiscardMode.UNMAP)
            .withDetectZeroes(DetectZeroes.UNMAP)
            .withIoTune(TUNE)
            .withBlockSizes(BlockSizes.of(4096));
    RbdDisk disk = newDisk();
    goesThereAndBack(disk.withOptions(bus == DiskBus.VIRTIO ? options.withQueues(2) : options));
  }

  @Test
  void theLimitsAreThoseOfQemu() {
    RbdDisk disk = newDisk().withOptions(DiskOptions.DEFAULTS.withIoTune(TUNE));
    assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);

    String blocks = guest.askQemu("{\"execute\":\"query-block\"}");

    assertThat(blocks)
        .contains(
            "\"bps_rd\":8000000",
            "\"bps_rd_max\":16000000",
            "\"bps_rd_max_length\":3",
            "\"bps_wr\":4000000",
            "\"iops\":700",
            "\"iops_max\":1400",
            "\"iops_max_length\":2",
            "\"iops_size\":8192");
  }

  @Test
  void aSnapshotIsReadOnly() {
    RbdDisk disk = newDisk();
    lab.run("rbd", "snap", "create", disk.image().path() + "@monday");
    RbdImage snapshot = disk.image().atSnapshot("monday");

    goesThereAndBack(LabCluster.disk(lab, Lab.volumeId(), snapshot));

    assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);
    RbdDisk second = LabCluster.disk(lab, Lab.volumeId(), snapshot);
    assertThat(plug.attach(guest.ref(), second, LONG))
        .as("another volume than its image")
        .isInstanceOf(Attached.class);
    assertThat(guest.read(View.LIVE).disks())
        .filteredOn(found -> disk.image().path().equals(found.source().name()))
        .hasSize(2);
  }

  /** Where libvirt takes the namespace for a part of the image's name, QEMU finds no such image. */
  @Test
  void anImageInANamespaceIsAttachedWhereLibvirtTakesThemAndElseNotFound() {
    RbdImage image =
        LabCluster.image(lab, Lab.unique("image")).inNamespace(lab.get("CEPH_NAMESPACE"));
    lab.run("rbd", "create", image.path(), "--size", "16M");
    RbdDisk disk = LabCluster.disk(lab, Lab.volumeId(), image);

    if (lab.facts().takesRbdNamespaces()) {
      goesThereAndBack(disk);
      return;
    }
    assertThat(plug.attach(guest.ref(), disk, LONG))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> {
              assertThat(rejected.reason()).isEqualTo(Rejected.Reason.VOLUME_NOT_FOUND);
              assertThat(rejected.explanation()).contains(image.path());
            });
    assertThat(guest.diskWithSerial(View.LIVE, disk.volumeId())).isEmpty();
    assertThat(guest.diskWithSerial(View.PERSISTENT, disk.volumeId())).isEmpty();
  }

  /** Ports that nobody listens on. */
  @Test
  void fiveMonitorsOfWhichOneLives() {
    RbdDisk disk = newDisk();
    List<HostPort> monitors = new ArrayList<>();
    for (int port = 1; port <= 4; port++) {
      monitors.add(new HostPort("127.0.0.1", port));
    }
    monitors.addAll(disk.monitors());

    goesThereAndBack(
        RbdDisk.of(disk.volumeId(), disk.image(), monitors)
            .withAuth(LabCluster.auth(lab, "CEPH_SECRET_UUID")));
  }
}
