// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.internal.fault.Condition;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A configuration that cannot be saved: what is done by then stays done. */
public abstract class SavingConformance extends ConformanceSuite {

  /** The call fails because the configuration cannot be saved. */
  private static void unsaved(Subject subject, TestBed.Call call) {
    subject.machine().blockSaving();
    try {
      refused(38, Condition.OTHER, call);
    } finally {
      subject.machine().allowSaving();
    }
  }

  @Test
  void anAttachLeavesTheDiskInTheLiveViewAlone() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").at(0, 0x10);

    unsaved(pc, () -> pc.attach(disk, BOTH));

    pc.isIn(IN_LIVE, "vdb");
    pc.awaitSeen(disk.serial());
  }

  @Test
  void theSameAttachIsRefusedAfterwardsAndOneToThePersistentViewMendsIt() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").at(0, 0x10);
    unsaved(pc, () -> pc.attach(disk, BOTH));

    pc.unchanged(() -> refused(27, Condition.TARGET_TAKEN, () -> pc.attach(disk, BOTH)));
    pc.attach(disk, IN_CONFIG);

    pc.isIn(BOTH, "vdb");
    assertThat(pc.config("vdb").address()).isEqualTo(pc.live("vdb").address());
  }

  @Test
  void withAUserAliasItIsTheAliasThatIsRefusedAfterwards() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias()).at(0, 0x10);
    unsaved(pc, () -> pc.attach(disk, BOTH));

    pc.unchanged(() -> refused(67, Condition.ALIAS_TAKEN, () -> pc.attach(disk, BOTH)));
    pc.attach(disk, IN_CONFIG);

    pc.isIn(BOTH, "vdb");
  }

  @Test
  void anAttachToThePersistentViewChangesNothing() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb");

    pc.unchanged(() -> unsaved(pc, () -> pc.attach(disk, IN_CONFIG)));
  }

  @Test
  void aDetachTakesTheDiskFromTheGuestAndLeavesThePersistentView() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb");
    pc.attachSeen(disk, BOTH);

    unsaved(pc, () -> pc.detach(disk, BOTH));

    pc.awaitNotLive("vdb");
    pc.isIn(IN_CONFIG, "vdb");
    pc.awaitNotSeen(disk.serial());
    assertThat(pc.qemuHolds(disk.file())).isFalse();
  }

  @Test
  void aDetachByAliasToo() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);

    unsaved(pc, () -> pc.handle().detachDeviceByAlias(disk.alias(), BOTH));

    pc.awaitNotLive("vdb");
    pc.isIn(IN_CONFIG, "vdb");
    pc.awaitNotSeen(disk.serial());
  }

  @Test
  void aDetachFromThePersistentViewChangesNothing() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attach(disk, BOTH);

    pc.unchanged(() -> unsaved(pc, () -> pc.detach(disk, IN_CONFIG)));
    pc.unchanged(() -> unsaved(pc, () -> pc.handle().detachDeviceByAlias(disk.alias(), IN_CONFIG)));
  }

  @Test
  void theLiveViewNeedsNoSaving() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb");
    pc.machine().blockSaving();
    try {
      pc.attachSeen(disk, IN_LIVE);
      pc.detach(disk, IN_LIVE);
    } finally {
      pc.machine().allowSaving();
    }
    pc.isIn(Set.of(), "vdb");
  }
}
