// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.internal.fault.Condition;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Block jobs and snapshots: what they forbid, and where a disk lies after them. */
public abstract class JobsConformance extends ConformanceSuite {

  private DiskElement copied(Subject subject, String destination) throws Exception {
    DiskElement disk = disk("vdb").alias(alias());
    subject.attachSeen(disk, BOTH);
    subject.machine().blockCopy("vdb", destination);
    return disk;
  }

  @Test
  void aDiskThatIsBeingCopiedIsNotDetached() throws Exception {
    Subject pc = pc();
    DiskElement disk = copied(pc, bed().file(SIZE));

    pc.unchanged(() -> refused(83, Condition.BLOCK_JOB_RUNNING, () -> pc.detach(disk, IN_LIVE)));
    pc.unchanged(() -> refused(83, Condition.BLOCK_JOB_RUNNING, () -> pc.detach(disk, BOTH)));
    pc.unchanged(
        () ->
            refused(
                83,
                Condition.BLOCK_JOB_RUNNING,
                () -> pc.handle().detachDeviceByAlias(disk.alias(), BOTH)));

    pc.machine().abortBlockCopy("vdb");
  }

  @Test
  void aDiskThatIsBeingCopiedCanLeaveThePersistentView() throws Exception {
    Subject pc = pc();
    DiskElement disk = copied(pc, bed().file(SIZE));

    pc.detach(disk, IN_CONFIG);

    pc.isIn(IN_LIVE, "vdb");
    pc.machine().abortBlockCopy("vdb");
  }

  @Test
  void theLiveViewShowsWhereTheCopyGoes() throws Exception {
    Subject pc = pc();
    String destination = bed().file(SIZE);
    DiskElement disk = copied(pc, destination);

    assertThat(pc.live("vdb").source().name()).isEqualTo(disk.file());
    StorageSource mirror = pc.live("vdb").mirror();
    assertThat(mirror).isNotNull();
    assertThat(mirror.name()).isEqualTo(destination);
    assertThat(pc.config("vdb").mirror()).isNull();
    assertThat(pc.hasJobs()).isTrue();
    assertThat(pc.qemuHolds(destination)).isTrue();

    pc.machine().abortBlockCopy("vdb");
  }

  @Test
  void aCopyThatIsAbortedLeavesTheDiskWhereItLay() throws Exception {
    Subject pc = pc();
    String destination = bed().file(SIZE);
    DiskElement disk = copied(pc, destination);

    pc.machine().abortBlockCopy("vdb");

    bed().await("no job", () -> !pc.hasJobs());
    assertThat(pc.live("vdb").source().name()).isEqualTo(disk.file());
    assertThat(pc.live("vdb").mirror()).isNull();
    bed().await("QEMU closes the copy", () -> !pc.qemuHolds(destination));
    pc.detach(disk, BOTH);
    pc.isIn(Set.of(), "vdb");
  }

  @Test
  void aCopyThatIsPivotedChangesTheSourceInBothViews() throws Exception {
    Subject pc = pc();
    String destination = bed().file(SIZE);
    DiskElement disk = copied(pc, destination);

    pc.machine().pivot("vdb");

    bed().await("no job", () -> !pc.hasJobs());
    for (View view : View.values()) {
      var now = pc.find(view, "vdb").orElseThrow();
      assertThat(now.source().name()).isEqualTo(destination);
      assertThat(now.alias()).isEqualTo(disk.alias());
      assertThat(now.serial()).isEqualTo(disk.serial());
    }
    bed().await("QEMU closes the volume", () -> !pc.qemuHolds(disk.file()));
    // The volume's own element takes the other image's disk away.
    pc.detach(disk, BOTH);
    pc.isIn(Set.of(), "vdb");
    assertThat(pc.qemuHolds(destination)).isFalse();
  }

  @Test
  void aSnapshotChangesTheSourceInBothViewsAndTheLiveOneHasTheChain() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);
    String overlay = disk.file() + ".overlay";

    pc.machine().snapshot("vdb", overlay);

    assertThat(pc.live("vdb").source().name()).isEqualTo(overlay);
    assertThat(pc.config("vdb").source().name()).isEqualTo(overlay);
    assertThat(pc.live("vdb").backingChain())
        .extracting(StorageSource::name)
        .containsExactly(disk.file());
    assertThat(pc.qemuHolds(overlay)).isTrue();
    assertThat(pc.qemuHolds(disk.file())).isTrue();
    pc.detach(disk, BOTH);
    pc.isIn(Set.of(), "vdb");
    assertThat(pc.qemuHolds(overlay)).isFalse();
    assertThat(pc.qemuHolds(disk.file())).isFalse();
  }

  @Test
  void thePersistentViewOfASnapshot() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);

    pc.machine().snapshot("vdb", disk.file() + ".overlay");

    assertThat(pc.find(PERSISTENT, "vdb").orElseThrow().backingChain())
        .extracting(StorageSource::name)
        .containsExactly(disk.file());
    assertThat(pc.find(LIVE, "vdb").orElseThrow().driver()).containsEntry("type", "qcow2");
  }
}
