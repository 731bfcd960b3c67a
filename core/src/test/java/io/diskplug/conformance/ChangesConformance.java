// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.IoLimit;
import io.diskplug.disk.IoTune;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.port.DomainHandle.DiskSize;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What can be changed of a disk that stays where it is: its limits and its size. */
public abstract class ChangesConformance extends ConformanceSuite {

  private static final IoTune SLOW = IoTune.total(1_000_000, 0);

  @Test
  void limitsAreShownInTheViewsInWhichTheyWereSet() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);

    pc.handle().setLimits("vdb", SLOW, IN_LIVE);
    assertThat(pc.live("vdb").ioTune()).isEqualTo(Map.of("total_bytes_sec", "1000000"));
    assertThat(pc.config("vdb").ioTune()).isEmpty();

    pc.handle().setLimits("vdb", IoTune.total(0, 50), BOTH);
    assertThat(pc.live("vdb").ioTune()).isEqualTo(Map.of("total_iops_sec", "50"));
    assertThat(pc.config("vdb").ioTune()).isEqualTo(Map.of("total_iops_sec", "50"));
  }

  @Test
  void everyLimitIsShownByItsName() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    IoLimit bytes = IoLimit.of(1_000_000).withBurst(3_000_000, Duration.ofSeconds(2));
    IoLimit iops = IoLimit.of(70).withBurst(90, Duration.ofSeconds(3));
    IoTune all =
        IoTune.UNLIMITED
            .withReadBytes(bytes)
            .withWriteBytes(bytes)
            .withReadIops(iops)
            .withWriteIops(iops)
            .withSizeIopsSec(4096);

    pc.handle().setLimits("vdb", all, BOTH);

    assertThat(pc.live("vdb").ioTune())
        .hasSize(13)
        .containsEntry("read_bytes_sec_max", "3000000")
        .containsEntry("write_iops_sec_max_length", "3")
        .containsEntry("size_iops_sec", "4096");
    assertThat(pc.config("vdb").ioTune()).isEqualTo(pc.live("vdb").ioTune());
  }

  @Test
  void aTotalTakesThePlaceOfItsParts() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    pc.handle().setLimits("vdb", new IoTune(0, 500_000, 600_000, 0, 0, 0), BOTH);

    pc.handle().setLimits("vdb", SLOW, BOTH);

    assertThat(pc.live("vdb").ioTune()).isEqualTo(Map.of("total_bytes_sec", "1000000"));
  }

  @Test
  void unlimitedDisksShowNoLimits() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    pc.handle().setLimits("vdb", SLOW.withGroupName("tenant"), BOTH);

    pc.handle().setLimits("vdb", IoTune.UNLIMITED, BOTH);

    assertThat(pc.live("vdb").ioTune()).isEmpty();
    assertThat(pc.config("vdb").ioTune()).isEmpty();
  }

  @Test
  void aGroupIsLeftOnlyForAnotherOneOrWithTheLastLimit() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    pc.handle().setLimits("vdb", SLOW.withGroupName("one"), BOTH);

    pc.handle().setLimits("vdb", SLOW, BOTH);
    assertThat(pc.live("vdb").ioTune()).containsEntry("group_name", "one");
    assertThat(pc.config("vdb").ioTune()).containsEntry("group_name", "one");

    pc.handle().setLimits("vdb", SLOW.withGroupName("two"), BOTH);
    assertThat(pc.live("vdb").ioTune()).containsEntry("group_name", "two");

    pc.handle().setLimits("vdb", IoTune.UNLIMITED, BOTH);
    pc.handle().setLimits("vdb", SLOW, BOTH);
    assertThat(pc.live("vdb").ioTune()).doesNotContainKey("group_name");
    assertThat(pc.config("vdb").ioTune()).doesNotContainKey("group_name");
  }

  @Test
  void theDisksOfAGroupHaveTheSameLimits() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    pc.attach(disk("vdc"), BOTH);
    pc.handle().setLimits("vdb", SLOW.withGroupName("tenant"), BOTH);
    pc.handle().setLimits("vdc", SLOW.withGroupName("tenant"), BOTH);

    pc.handle().setLimits("vdb", IoTune.total(2_000_000, 0).withGroupName("tenant"), BOTH);

    assertThat(pc.live("vdc").ioTune()).isEqualTo(pc.live("vdb").ioTune());
    assertThat(pc.config("vdc").ioTune()).isEqualTo(pc.config("vdb").ioTune());
    assertThat(pc.live("vdc").ioTune()).containsEntry("total_bytes_sec", "2000000");
  }

  @Test
  void aDiskThatAViewDoesNotHaveCannotBeLimitedThere() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), IN_LIVE);

    pc.unchanged(
        () -> {
          refused(8, Condition.DEVICE_MISSING, () -> pc.handle().setLimits("vdq", SLOW, BOTH));
          refused(8, Condition.DEVICE_MISSING, () -> pc.handle().setLimits("vdb", SLOW, IN_CONFIG));
        });
  }

  @Test
  void theLiveViewIsChangedBeforeThePersistentOneIsLookedAt() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), IN_LIVE);

    refused(8, Condition.DEVICE_MISSING, () -> pc.handle().setLimits("vdb", SLOW, BOTH));

    assertThat(pc.live("vdb").ioTune()).isNotEmpty();
  }

  @Test
  void limitsThatCannotBeSavedAreShownAsIfTheyWere() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    pc.machine().blockSaving();
    try {
      refused(38, Condition.OTHER, () -> pc.handle().setLimits("vdb", SLOW, BOTH));
    } finally {
      pc.machine().allowSaving();
    }

    assertThat(pc.live("vdb").ioTune()).isNotEmpty();
    assertThat(pc.config("vdb").ioTune()).isEqualTo(pc.live("vdb").ioTune());
  }

  @Test
  void aDomainThatIsShutOffHasOneViewToLimitADiskIn() throws Exception {
    Subject off = machines().fresh(MachineSpec.pc());
    off.attach(disk("vdb"), IN_CONFIG);

    refused(55, Condition.DOMAIN_NOT_RUNNING, () -> off.handle().setLimits("vdb", SLOW, IN_LIVE));
    refused(55, Condition.DOMAIN_NOT_RUNNING, () -> off.handle().resize("vdb", 2 * SIZE));
    off.handle().setLimits("vdb", SLOW, IN_CONFIG);

    assertThat(off.config("vdb").ioTune()).isEqualTo(Map.of("total_bytes_sec", "1000000"));
  }

  @Test
  void aFileBecomesAsLargeAsTheDisk() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    assertThat(pc.handle().size("vdb")).isEqualTo(new DiskSize(SIZE, SIZE));

    pc.handle().resize("vdb", 2 * SIZE);
    assertThat(pc.handle().size("vdb")).isEqualTo(new DiskSize(2 * SIZE, 2 * SIZE));

    pc.handle().resize("vdb", SIZE);
    assertThat(pc.handle().size("vdb")).isEqualTo(new DiskSize(SIZE, SIZE));
  }

  @Test
  void qemuDoesNotSeeThatAFileHasGrownBeforeItIsTold() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb");
    pc.attach(disk, BOTH);

    bed().resize(disk.file(), 3 * SIZE);
    assertThat(pc.handle().size("vdb")).isEqualTo(new DiskSize(SIZE, 3 * SIZE));

    pc.handle().resize("vdb", 3 * SIZE);
    assertThat(pc.handle().size("vdb")).isEqualTo(new DiskSize(3 * SIZE, 3 * SIZE));
  }

  @Test
  void aSizeIsRoundedUpToWholeSectors() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);

    pc.handle().resize("vdb", SIZE + 1);

    assertThat(pc.handle().size("vdb").guestBytes()).isEqualTo(SIZE + 512);
  }

  @Test
  void aPausedDomainsDiskGrows() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    pc.machine().suspend();

    pc.handle().resize("vdb", 2 * SIZE);

    assertThat(pc.handle().size("vdb").guestBytes()).isEqualTo(2 * SIZE);
    pc.machine().resume();
  }

  @Test
  void onlyADiskOfTheLiveViewHasASize() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), IN_CONFIG);

    refused(8, Condition.DEVICE_MISSING, () -> pc.handle().resize("vdb", SIZE));
    refused(8, Condition.DEVICE_MISSING, () -> pc.handle().resize("vdq", SIZE));
    refused(8, Condition.DEVICE_MISSING, () -> pc.handle().size("vdb"));
  }
}
