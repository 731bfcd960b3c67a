// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import org.junit.jupiter.api.Test;

/** Why a domain is in its state, and what brings back disks that no view shows. */
public abstract class StatesConformance extends ConformanceSuite {

  private static void is(Subject subject, RunState state, StateReason reason) throws Exception {
    DomainStatus status = subject.handle().status();
    assertThat(status.state()).isEqualTo(state);
    assertThat(status.reason()).isEqualTo(reason);
  }

  @Test
  void eachWayToStopIsNamed() throws Exception {
    Subject subject = machines().fresh(MachineSpec.pc());
    is(subject, RunState.SHUT_OFF, StateReason.UNKNOWN);

    subject.machine().start();
    is(subject, RunState.RUNNING, StateReason.BOOTED);
    subject.machine().destroy();
    is(subject, RunState.SHUT_OFF, StateReason.DESTROYED);

    subject.machine().startPaused();
    is(subject, RunState.PAUSED, StateReason.USER);
    subject.machine().killQemu();
    is(subject, RunState.SHUT_OFF, StateReason.CRASHED);
  }

  @Test
  void aDomainThatWasSavedToAFileHasNoManagedImage() throws Exception {
    Subject subject = paused(MachineSpec.pc());

    subject.machine().saveToFile();

    is(subject, RunState.SHUT_OFF, StateReason.SAVED);
    assertThat(subject.handle().status().managedSave()).isFalse();
  }

  @Test
  void aFileBringsBackWhatThePersistentViewHasLostAndStaysBehind() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdb").alias(alias());
    subject.attach(disk, BOTH);
    subject.machine().saveToFile();

    subject.detach(disk, IN_CONFIG);
    assertThat(subject.targets(PERSISTENT)).isEmpty();
    is(subject, RunState.SHUT_OFF, StateReason.SAVED);
    subject.machine().restoreFromFile();

    subject.isIn(IN_LIVE, "vdb");
    assertThat(subject.qemuHolds(disk.file())).isTrue();
    subject.machine().destroy();
    is(subject, RunState.SHUT_OFF, StateReason.DESTROYED);
    subject.machine().restoreFromFile();
    subject.isIn(IN_LIVE, "vdb");
  }

  @Test
  void aManagedImageThatIsRemovedLeavesTheReason() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    subject.machine().managedSave();

    subject.machine().removeManagedSave();

    assertThat(subject.handle().status().managedSave()).isFalse();
    is(subject, RunState.SHUT_OFF, StateReason.SAVED);
    subject.machine().startPaused();
    is(subject, RunState.PAUSED, StateReason.USER);
  }

  @Test
  void aRestoreIsNamed() throws Exception {
    Subject subject = machines().fresh(MachineSpec.pc());
    subject.machine().start();
    subject.machine().managedSave();
    subject.machine().start();
    is(subject, RunState.RUNNING, StateReason.RESTORED);

    subject.machine().saveToFile();
    subject.machine().restoreFromFile();
    is(subject, RunState.RUNNING, StateReason.RESTORED);
  }

  /** The request is in the memory of QEMU's devices and of the guest. */
  @Test
  void anUnplugThatIsOutstandingIsSavedAndRestored() throws Exception {
    Subject subject = machines().fresh(MachineSpec.pc());
    subject.machine().start();
    subject.machine().awaitGuest();
    DiskElement disk = disk("vdb").alias(alias()).at(0, 0x10);
    subject.attachSeen(disk, BOTH);
    subject.machine().suspend();
    subject.handle().detachDeviceByAlias(disk.alias(), BOTH);
    subject.isIn(IN_LIVE, "vdb");

    subject.machine().managedSave();
    subject.machine().start();
    subject.machine().resume();

    subject.awaitNotLive("vdb");
  }

  @Test
  void snapshotsWithMemoryAreCountedOfADomainThatIsShutOff() throws Exception {
    Subject subject = machines().fresh(MachineSpec.pc());
    subject.machine().start();
    subject.machine().snapshotMemory();
    assertThat(subject.handle().status().memorySnapshots()).isZero();

    subject.machine().destroy();

    assertThat(subject.handle().status().memorySnapshots()).isOne();
  }

  @Test
  void aDomainThatWasMigratedAwayStaysDefinedAndItsDisksAreOpenElsewhere() throws Exception {
    Subject subject = machines().fresh(MachineSpec.pc());
    subject.machine().start();
    DiskElement disk = disk("vdb").alias(alias());
    subject.attach(disk, BOTH);

    subject.machine().migrateAway();

    is(subject, RunState.SHUT_OFF, StateReason.MIGRATED);
    subject.detach(disk, IN_CONFIG);
    assertThat(subject.targets(PERSISTENT)).isEmpty();
    assertThat(subject.machine().isOpenElsewhere(disk.file())).isTrue();
    subject.machine().endElsewhere();
    is(subject, RunState.SHUT_OFF, StateReason.MIGRATED);
  }
}
