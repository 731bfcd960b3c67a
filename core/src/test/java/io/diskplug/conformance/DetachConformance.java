// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.View;
import io.diskplug.internal.fault.Condition;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a detach takes away, what it leaves, and what it leaves to the guest. */
public abstract class DetachConformance extends ConformanceSuite {

  /** libvirt waits for the guest for 5 s; a wait of that kind is told from none by this. */
  private static final Duration LONG = Duration.ofSeconds(4);

  private DiskElement attached(Subject subject, Set<View> scope) throws Exception {
    DiskElement disk = disk("vdb").alias(alias()).at(0, 0x10);
    subject.attach(disk, scope);
    if (scope.contains(LIVE)) {
      subject.awaitSeen(disk.serial());
    }
    return disk;
  }

  private Duration took(TestBed.Call call) throws Exception {
    Duration begin = bed().time();
    call.run();
    return bed().time().minus(begin);
  }

  @Test
  void fromBothViewsNothingHasItAnyMore() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, BOTH);

    pc.detach(disk, BOTH);

    pc.isIn(Set.of(), "vdb");
    pc.awaitNotSeen(disk.serial());
    assertThat(pc.qemuHasDevice(disk.alias())).isFalse();
    assertThat(pc.qemuHolds(disk.file())).isFalse();
  }

  @Test
  void fromTheLiveViewAloneThePersistentOneKeepsIt() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, BOTH);

    pc.detach(disk, IN_LIVE);

    pc.isIn(IN_CONFIG, "vdb");
    assertThat(pc.qemuHolds(disk.file())).isFalse();
  }

  @Test
  void fromThePersistentViewAloneTheGuestKeepsIt() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, BOTH);

    pc.detach(disk, IN_CONFIG);

    pc.isIn(IN_LIVE, "vdb");
    assertThat(pc.machine().guestSerials()).containsExactly(disk.serial());
    assertThat(pc.qemuHasDevice(disk.alias())).isTrue();
  }

  @Test
  void itMatchesByTheTargetDevAlone() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").at(0, 0x10);
    pc.attachSeen(disk, BOTH);

    pc.detach(disk("vdb").at(0, 0x11), BOTH);

    pc.isIn(Set.of(), "vdb");
    pc.awaitNotSeen(disk.serial());
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void fromBothViewsWhereOneHasItNothingChanges(View has) throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, Set.of(has));

    View lacks = has == LIVE ? View.PERSISTENT : LIVE;
    int code = bed().generation().missingDiskCode(lacks);
    pc.unchanged(() -> refused(code, Condition.DEVICE_MISSING, () -> pc.detach(disk, BOTH)));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void fromAViewThatDoesNotHaveItItIsMissing(View view) throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb");

    int code = bed().generation().missingDiskCode(view);
    pc.unchanged(
        () -> refused(code, Condition.DEVICE_MISSING, () -> pc.detach(disk, Set.of(view))));
  }

  @Test
  void byAliasFromBothViewsItIsGoneFromThePersistentOneAtOnce() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, BOTH);

    pc.handle().detachDeviceByAlias(disk.alias(), BOTH);

    assertThat(pc.find(PERSISTENT, "vdb")).isEmpty();
    pc.awaitNotLive("vdb");
    pc.awaitNotSeen(disk.serial());
    assertThat(pc.qemuHasDevice(disk.alias())).isFalse();
    bed().await("QEMU closes the image", () -> !pc.qemuHolds(disk.file()));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void byAliasFromBothViewsWhereOneHasItNothingChanges(View has) throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, Set.of(has));

    pc.unchanged(
        () ->
            refused(
                1,
                Condition.DEVICE_MISSING,
                () -> pc.handle().detachDeviceByAlias(disk.alias(), BOTH)));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void anAliasThatAViewDoesNotHaveIsMissing(View view) throws Exception {
    Subject pc = pc();

    pc.unchanged(
        () ->
            refused(
                1,
                Condition.DEVICE_MISSING,
                () -> pc.handle().detachDeviceByAlias("ua-nobody", Set.of(view))));
  }

  @Test
  void byAliasItDoesNotWaitForTheGuest() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, BOTH);
    pc.machine().suspend();

    Duration took = took(() -> pc.handle().detachDeviceByAlias(disk.alias(), BOTH));

    assertThat(took).isLessThan(LONG);
    pc.isIn(IN_LIVE, "vdb");
    assertThat(pc.qemuHasDevice(disk.alias())).isTrue();
  }

  @Test
  void aGuestThatDoesNotAnswerIsWaitedForAndThenTheCallSucceeds() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, BOTH);
    pc.machine().suspend();

    Duration took = took(() -> pc.detach(disk, BOTH));

    assertThat(took).isBetween(LONG, LONG.multipliedBy(4));
    pc.isIn(IN_LIVE, "vdb");
    assertThat(pc.qemuHasDevice(disk.alias())).isTrue();
    assertThat(pc.qemuHolds(disk.file())).isTrue();
  }

  @Test
  void anUnplugThatIsPendingKeepsTargetDevAliasAndSlot() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, BOTH);
    pc.machine().suspend();
    var before = pc.live("vdb");

    pc.handle().detachDeviceByAlias(disk.alias(), BOTH);

    bed().pass(Duration.ofMillis(300));
    assertThat(pc.live("vdb")).isEqualTo(before);
    DiskElement sameTarget = disk("vdb").at(0, 0x11);
    refused(27, Condition.TARGET_TAKEN, () -> pc.attach(sameTarget, IN_LIVE));
    DiskElement sameSlot = disk("vdc").at(0, 0x10);
    refused(27, Condition.ADDRESS_TAKEN, () -> pc.attach(sameSlot, IN_LIVE));
    DiskElement sameAlias = disk("vdc").alias(disk.alias()).at(0, 0x11);
    refused(67, Condition.ALIAS_TAKEN, () -> pc.attach(sameAlias, IN_LIVE));
  }

  @Test
  void aGuestThatIsResumedReleases() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, BOTH);
    pc.machine().suspend();
    pc.handle().detachDeviceByAlias(disk.alias(), BOTH);
    pc.isIn(IN_LIVE, "vdb");

    pc.machine().resume();

    pc.awaitNotLive("vdb");
    pc.awaitNotSeen(disk.serial());
    assertThat(pc.qemuHasDevice(disk.alias())).isFalse();
    bed().await("QEMU closes the image", () -> !pc.qemuHolds(disk.file()));
  }

  @Test
  void aResetReleases() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdb").alias(alias());
    subject.attach(disk, BOTH);
    subject.handle().detachDeviceByAlias(disk.alias(), BOTH);
    bed().pass(Duration.ofMillis(300));
    subject.isIn(IN_LIVE, "vdb");

    subject.machine().reset();

    subject.awaitNotLive("vdb");
    assertThat(subject.qemuHasDevice(disk.alias())).isFalse();
  }

  @Test
  void anUnplugThatIsPendingEndsWithThePowerCycle() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdb").alias(alias());
    subject.attach(disk, BOTH);
    subject.handle().detachDeviceByAlias(disk.alias(), IN_LIVE);
    subject.isIn(BOTH, "vdb");

    subject.machine().destroy();
    subject.machine().startPaused();

    bed().pass(Duration.ofMillis(300));
    subject.isIn(BOTH, "vdb");
  }

  @Test
  void aSecondRequestWhileTheFirstIsPendingIsTakenByI440fx() throws Exception {
    Subject pc = pc();
    DiskElement disk = attached(pc, BOTH);
    pc.machine().suspend();
    pc.handle().detachDeviceByAlias(disk.alias(), IN_LIVE);

    pc.handle().detachDeviceByAlias(disk.alias(), IN_LIVE);

    pc.isIn(BOTH, "vdb");
  }

  @Test
  void aSecondRequestWhileTheFirstIsPendingOnQ35() throws Exception {
    Subject q35 = q35();
    DiskElement disk = disk("vdb").alias(alias());
    q35.attachSeen(disk, BOTH);
    q35.machine().suspend();
    q35.handle().detachDeviceByAlias(disk.alias(), IN_LIVE);

    TestBed.Call again = () -> q35.handle().detachDeviceByAlias(disk.alias(), IN_LIVE);
    if (bed().generation().q35PlugsNatively()) {
      refused(1, Condition.UNPLUG_IN_PROGRESS, again);
    } else {
      again.run();
    }

    q35.isIn(BOTH, "vdb");
  }

  @Test
  void aScsiDiskThatIsDetachedByAliasNeedsNoGuest() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("sdb").on("scsi").alias(alias());
    pc.attachSeen(disk, BOTH);
    pc.machine().suspend();

    Duration took =
        took(
            () -> {
              pc.handle().detachDeviceByAlias(disk.alias(), BOTH);
              pc.awaitNotLive("sdb");
            });

    assertThat(took).isLessThan(LONG);
    pc.isIn(Set.of(), "sdb");
    assertThat(pc.qemuHasDevice(disk.alias())).isFalse();
    bed().await("QEMU closes the image", () -> !pc.qemuHolds(disk.file()));
  }

  @Test
  void aScsiDiskNeedsNoGuest() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("sdb").on("scsi").alias(alias());
    pc.attachSeen(disk, BOTH);
    pc.machine().suspend();

    Duration took = took(() -> pc.detach(disk, BOTH));

    // The call waits for the guest for five seconds, and may have missed that the disk is gone.
    boolean mayMissIt = bed().generation().waitingDetachMayMissRelease();
    assertThat(took).isLessThan(mayMissIt ? LONG.multipliedBy(2) : LONG);
    pc.isIn(Set.of(), "sdb");
    assertThat(pc.qemuHasDevice(disk.alias())).isFalse();
    assertThat(pc.qemuHolds(disk.file())).isFalse();
  }

  @Test
  void liveFromADomainThatIsShutOffIsRefused() throws Exception {
    Subject shutOff = machines().fresh(MachineSpec.pc());
    DiskElement disk = disk("vdb").alias(alias());
    shutOff.attach(disk, IN_CONFIG);

    refused(55, Condition.DOMAIN_NOT_RUNNING, () -> shutOff.detach(disk, IN_LIVE));
    refused(55, Condition.DOMAIN_NOT_RUNNING, () -> shutOff.detach(disk, BOTH));
    refused(
        55,
        Condition.DOMAIN_NOT_RUNNING,
        () -> shutOff.handle().detachDeviceByAlias(disk.alias(), BOTH));

    assertThat(shutOff.targets(PERSISTENT)).containsExactly("vdb");
  }

  @Test
  void fromADomainThatIsShutOffThePersistentViewLosesIt() throws Exception {
    Subject shutOff = machines().fresh(MachineSpec.pc());
    DiskElement disk = disk("vdb").alias(alias());
    DiskElement other = disk("vdc").alias(alias());
    shutOff.attach(disk, IN_CONFIG);
    shutOff.attach(other, IN_CONFIG);

    shutOff.detach(disk, IN_CONFIG);
    shutOff.handle().detachDeviceByAlias(other.alias(), IN_CONFIG);

    assertThat(shutOff.targets(PERSISTENT)).isEmpty();
  }

  @Test
  void aTransientDomainHasNoPersistentViewToChange() throws Exception {
    Subject subject = paused(MachineSpec.pc().asTransient());
    DiskElement disk = disk("vdb").alias(alias());
    subject.attach(disk, IN_LIVE);

    refused(55, Condition.DOMAIN_TRANSIENT, () -> subject.detach(disk, IN_CONFIG));
    refused(55, Condition.DOMAIN_TRANSIENT, () -> subject.detach(disk, BOTH));
    refused(
        55,
        Condition.DOMAIN_TRANSIENT,
        () -> subject.handle().detachDeviceByAlias(disk.alias(), BOTH));

    assertThat(subject.targets(LIVE)).containsExactly("vdb");
  }

  @Test
  void aDomainThatIsNotKnownIsNotFound() throws Exception {
    Subject gone = machines().fresh(MachineSpec.pc());
    var handle = gone.handle();
    DiskElement disk = disk("vdb");
    gone.machine().undefine();

    refused(42, Condition.DOMAIN_NOT_FOUND, () -> handle.detachDevice(disk.xml(), IN_CONFIG));
    refused(
        42, Condition.DOMAIN_NOT_FOUND, () -> handle.detachDeviceByAlias("ua-nobody", IN_CONFIG));
  }

  @Test
  void aManagedSaveImageBringsBackWhatThePersistentViewHasLost() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdb").alias(alias());
    subject.attach(disk, BOTH);
    subject.machine().managedSave();
    assertThat(subject.handle().status().managedSave()).isTrue();

    subject.detach(disk, IN_CONFIG);

    assertThat(subject.targets(PERSISTENT)).isEmpty();
    subject.machine().start();
    subject.isIn(IN_LIVE, "vdb");
    assertThat(subject.live("vdb").alias()).isEqualTo(disk.alias());
    assertThat(subject.qemuHolds(disk.file())).isTrue();
  }

  @Test
  void aSlotIsFreeAgainAfterTheDetach() throws Exception {
    Subject q35 = q35();
    DiskElement disk = disk("vdb").alias(alias()).at(4, 0);
    q35.attachSeen(disk, BOTH);
    q35.detach(disk, BOTH);
    q35.awaitNotLive("vdb");
    DiskElement other = disk("vdb").alias(disk.alias()).at(4, 0);

    q35.attachSeen(other, BOTH);

    q35.isIn(BOTH, "vdb");
    assertThat(q35.live("vdb").source().name()).isEqualTo(other.file());
  }
}
