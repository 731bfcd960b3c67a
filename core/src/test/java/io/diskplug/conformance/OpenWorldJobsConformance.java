// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.RunState;
import io.diskplug.internal.fault.Condition;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Jobs of other tools, and places without hot-plug: what they refuse, and in which words. */
public abstract class OpenWorldJobsConformance extends ConformanceSuite {

  private static final Duration JOB_WAIT = Duration.ofSeconds(30);

  private DiskElement attached(Subject subject, String targetDev) throws Exception {
    DiskElement disk = disk(targetDev).alias(alias());
    subject.attachSeen(disk, BOTH);
    return disk;
  }

  private boolean isBackedUp(Subject subject, String targetDev) {
    boolean begun = subject.machine().beginBackup(targetDev);
    assertThat(begun).isEqualTo(bed().generation().takesBackups());
    return begun;
  }

  @Test
  void aDiskThatIsBackedUpIsNotDetached() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, "vdb");
    if (!isBackedUp(pc, "vdb")) {
      return;
    }

    pc.unchanged(() -> refused(84, Condition.BLOCK_JOB_RUNNING, () -> pc.detach(disk, IN_LIVE)));
    pc.unchanged(
        () ->
            refused(
                84,
                Condition.BLOCK_JOB_RUNNING,
                () -> pc.handle().detachDeviceByAlias(disk.alias(), BOTH)));
    // The guest was not asked: it is there when the backup has ended.
    pc.machine().endBackup("vdb");
    pc.isIn(BOTH, "vdb");
    pc.handle().detachDeviceByAlias(disk.alias(), BOTH);
    pc.awaitNotLive("vdb");
  }

  @Test
  void aBackupIsNoJobThatChangesWaitFor() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, "vdb");
    if (!isBackedUp(pc, "vdb")) {
      return;
    }

    assertThat(pc.handle().longJob()).isEmpty();
    pc.attachSeen(disk("vdc").alias(alias()), BOTH);
    pc.handle().setLimits("vdb", IoTune.total(0, 500), IN_LIVE);

    assertThat(pc.live("vdb").ioTune()).containsEntry("total_iops_sec", "500");
    pc.isIn(BOTH, "vdc");
    pc.machine().endBackup("vdb");
    assertThat(disk.alias()).isEqualTo(pc.live("vdb").alias());
  }

  @Test
  void aDiskWithABlockJobIsNotGrown() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, "vdb");
    bed().resize(disk.file(), 2 * SIZE);
    if (!isBackedUp(pc, "vdb")) {
      return;
    }

    refused(1, Condition.BLOCK_JOB_RUNNING, () -> pc.handle().resize("vdb", 2 * SIZE));

    assertThat(pc.handle().size("vdb").guestBytes()).isEqualTo(SIZE);
    pc.machine().endBackup("vdb");
    pc.handle().resize("vdb", 2 * SIZE);
    assertThat(pc.handle().size("vdb").guestBytes()).isEqualTo(2 * SIZE);
  }

  @Test
  void aDiskThatIsCopiedIsNotGrown() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, "vdb");
    pc.machine().blockCopy("vdb", bed().file(SIZE));
    bed().resize(disk.file(), 2 * SIZE);

    refused(1, Condition.BLOCK_JOB_RUNNING, () -> pc.handle().resize("vdb", 2 * SIZE));

    pc.machine().abortBlockCopy("vdb");
  }

  @Test
  void aDumpLetsChangesWaitAndQuestionsNot() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    assertThat(pc.handle().longJob()).isEmpty();
    pc.machine().beginDump();

    Duration begin = bed().time();
    assertThat(pc.handle().longJob()).contains("dump");
    assertThat(pc.handle().status().state()).isEqualTo(RunState.PAUSED);
    assertThat(pc.handle().control().occupiedFor()).isEqualTo(Duration.ZERO);
    pc.isIn(java.util.Set.of(), "vdb");
    assertThat(bed().time().minus(begin)).isLessThan(JOB_WAIT.dividedBy(2));
    refused(68, Condition.DOMAIN_BUSY, () -> pc.attach(disk, BOTH));
    assertThat(bed().time().minus(begin)).isGreaterThan(JOB_WAIT.minusSeconds(1));

    pc.machine().endDump();
    bed().await("the dump has ended", () -> pc.handle().longJob().isEmpty());
    pc.attachSeen(disk, BOTH);
  }

  @Test
  void aDiskOnTheRootBusIsNotDetachedWhileTheDomainRuns() throws Exception {
    Subject q35 = machines().fresh(MachineSpec.q35(8));
    DiskElement disk = disk("vdb").alias(alias()).at(0, 0x0e);
    q35.attach(disk, IN_CONFIG);
    q35.machine().start();

    q35.unchanged(
        () ->
            refused(
                1,
                Condition.NOT_PLUGGABLE,
                () -> q35.handle().detachDeviceByAlias(disk.alias(), BOTH)));

    q35.handle().detachDeviceByAlias(disk.alias(), IN_CONFIG);
    q35.isIn(IN_LIVE, "vdb");
  }
}
