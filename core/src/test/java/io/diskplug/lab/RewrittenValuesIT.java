// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.BlockSizes;
import io.diskplug.disk.CacheMode;
import io.diskplug.disk.DetectZeroes;
import io.diskplug.disk.DiscardMode;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoLimit;
import io.diskplug.disk.IoMode;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.View;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Rejected;
import io.diskplug.spi.DiskSource;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * However libvirt writes an option down, it is no difference: of a disk that runs, of one in a
 * domain that is shut off, and after the next start.
 */
class RewrittenValuesIT {

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long SIZE = 4 << 20;
  private static final IoLimit BURST =
      IoLimit.of(1_000_000).withBurst(2_000_000, Duration.ofSeconds(1));

  private static final List<DiskOptions> OPTIONS =
      Stream.of(
              DiskOptions.DEFAULTS,
              DiskOptions.DEFAULTS.withIo(IoMode.NATIVE),
              DiskOptions.DEFAULTS.withIo(IoMode.THREADS).withCache(CacheMode.WRITEBACK),
              DiskOptions.DEFAULTS.withCache(CacheMode.UNSAFE).withDiscard(DiscardMode.IGNORE),
              DiskOptions.DEFAULTS
                  .withDiscard(DiscardMode.UNMAP)
                  .withDetectZeroes(DetectZeroes.UNMAP),
              DiskOptions.DEFAULTS.withDetectZeroes(DetectZeroes.ON),
              DiskOptions.DEFAULTS.withDetectZeroes(DetectZeroes.OFF),
              DiskOptions.DEFAULTS.withBlockSizes(BlockSizes.of(512)),
              DiskOptions.DEFAULTS.withBlockSizes(new BlockSizes(512, 4096)),
              DiskOptions.DEFAULTS.withReadOnly(true),
              DiskOptions.DEFAULTS.withShareable(true),
              DiskOptions.DEFAULTS.withReadOnly(true).withShareable(true),
              DiskOptions.DEFAULTS.withIoTune(IoTune.UNLIMITED.withTotalBytes(BURST)),
              DiskOptions.DEFAULTS.withIoTune(
                  IoTune.UNLIMITED
                      .withReadIops(IoLimit.of(70).withBurst(90, Duration.ZERO))
                      .withWriteBytes(BURST)
                      .withSizeIopsSec(4096)))
          .flatMap(options -> Stream.of(options, options.withBus(DiskBus.SCSI)))
          .toList();

  private final Lab lab = Lab.current();

  private List<FileDisk> disks() {
    return Stream.concat(
            OPTIONS.stream(), Stream.of(DiskOptions.DEFAULTS.withQueues(2).withIothread(1)))
        .map(options -> LabDisks.file(lab, SIZE, options))
        .toList();
  }

  private static void areThereAsAskedFor(DiskPlug plug, Guest guest, List<FileDisk> disks) {
    for (FileDisk disk : disks) {
      assertThat(plug.attach(guest.ref(), disk, DEADLINE))
          .as("%s", disk)
          .isInstanceOfSatisfying(
              AlreadyAttached.class, already -> assertThat(already.differences()).isEmpty());
      assertThat(plug.plan(guest.ref(), List.of(disk), DEADLINE))
          .isInstanceOfSatisfying(
              Planned.class,
              planned ->
                  assertThat(planned.disks().get(0))
                      .isInstanceOfSatisfying(
                          DiskPlan.Present.class,
                          present -> assertThat(present.differences()).isEmpty()));
    }
    assertThat(plug.inspect(guest.ref(), DEADLINE))
        .isInstanceOfSatisfying(
            Inspected.class,
            inspected ->
                assertThat(inspected.disks())
                    .hasSize(disks.size())
                    .allSatisfy(report -> assertThat(report.differences()).isEmpty()));
  }

  @Test
  void anOptionIsNoDifferenceHoweverLibvirtWritesItDown() {
    try (Guest guest = Guest.boot(lab, "pc");
        DiskPlug plug = DiskPlug.connect(lab.uri())) {
      lab.virsh("iothreadadd", guest.name(), "1", "--live", "--config");
      List<FileDisk> disks = disks();
      for (FileDisk disk : disks) {
        assertThat(plug.attach(guest.ref(), disk, DEADLINE))
            .as("%s", disk)
            .isInstanceOf(Attached.class);
      }
      areThereAsAskedFor(plug, guest, disks);
      guest.destroy();
      areThereAsAskedFor(plug, guest, disks);
      guest.start();
      areThereAsAskedFor(plug, guest, disks);
    }
  }

  @Test
  void aDiskThatComesToAGroupIsWrittenAsTheGroupIs() {
    IoTune plain = IoTune.total(1_000_000, 0).withGroupName("tenant");
    IoTune bursts =
        plain.withTotalBytes(IoLimit.of(1_000_000).withBurst(2_000_000, Duration.ofSeconds(5)));
    try (Guest guest = Guest.boot(lab, "pc");
        DiskPlug plug = DiskPlug.connect(lab.uri())) {
      DiskOptions options = DiskOptions.DEFAULTS.withIoTune(bursts);
      FileDisk first = LabDisks.file(lab, SIZE, options);
      FileDisk second = LabDisks.file(lab, SIZE, options.withIoTune(plain));
      assertThat(plug.attach(guest.ref(), first, DEADLINE)).isInstanceOf(Attached.class);

      // libvirt refuses it: unsupported configuration: different iotunes for disks vdb and vda
      assertThat(plug.attach(guest.ref(), second, DEADLINE))
          .isInstanceOfSatisfying(
              Rejected.class,
              rejected -> {
                assertThat(rejected.reason()).isEqualTo(Rejected.Reason.CONFLICT);
                assertThat(rejected.explanation()).contains("vda", "2000000");
              });

      assertThat(plug.limit(guest.ref(), first.volume(), plain, DEADLINE))
          .isInstanceOf(Changed.class);
      assertThat(guest.diskWithSerial(View.PERSISTENT, first.volumeId()).orElseThrow().ioTune())
          .containsEntry("total_bytes_sec_max_length", "1");
      assertThat(plug.attach(guest.ref(), second, DEADLINE)).isInstanceOf(Attached.class);
      List<DiskSource> both =
          List.of(new FileDisk(first.volumeId(), first.file(), second.options()), second);
      for (DiskSource disk : both) {
        assertThat(plug.attach(guest.ref(), disk, DEADLINE))
            .isInstanceOfSatisfying(
                AlreadyAttached.class, already -> assertThat(already.differences()).isEmpty());
      }
    }
  }
}
