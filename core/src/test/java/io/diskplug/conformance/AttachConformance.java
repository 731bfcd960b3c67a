// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.Disk;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.model.DomainView;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What an attach changes, and what a failed one leaves. */
public abstract class AttachConformance extends ConformanceSuite {

  @Test
  void toBothViewsItIsTheSameInBoth() throws Exception {
    Subject pc = pc();
    String alias = alias();
    DiskElement disk = disk("vdb").alias(alias).at(0, 0x10);

    pc.attachSeen(disk, BOTH);

    for (View view : View.values()) {
      Disk found = pc.find(view, "vdb").orElseThrow();
      assertThat(found.source().name()).isEqualTo(disk.file());
      assertThat(found.serial()).isEqualTo(disk.serial());
      assertThat(found.alias()).isEqualTo(alias);
      assertThat(found.address()).isEqualTo(PciAddress.of(0, 0x10));
    }
    assertThat(pc.qemuHasDevice(alias)).isTrue();
    assertThat(pc.qemuHolds(disk.file())).isTrue();
  }

  @Test
  void toTheLiveViewAloneThePersistentOneStaysAsItWas() throws Exception {
    Subject pc = pc();
    DomainView before = pc.view(PERSISTENT);

    pc.attachSeen(disk("vdb"), IN_LIVE);

    pc.isIn(IN_LIVE, "vdb");
    assertThat(pc.view(PERSISTENT)).isEqualTo(before);
  }

  @Test
  void toThePersistentViewAloneNothingIsPlugged() throws Exception {
    Subject pc = pc();
    DomainView before = pc.view(LIVE);
    DiskElement disk = disk("vdb");

    pc.attach(disk, IN_CONFIG);

    pc.isIn(IN_CONFIG, "vdb");
    assertThat(pc.view(LIVE)).isEqualTo(before);
    assertThat(pc.qemuHolds(disk.file())).isFalse();
    assertThat(pc.machine().guestSerials()).isEmpty();
  }

  @Test
  void toADomainThatIsShutOffThePersistentViewHasIt() throws Exception {
    Subject shutOff = machines().fresh(MachineSpec.pc());

    shutOff.attach(disk("vdb"), IN_CONFIG);

    assertThat(shutOff.targets(PERSISTENT)).containsExactly("vdb");
  }

  @Test
  void liveToADomainThatIsShutOffIsRefused() throws Exception {
    Subject shutOff = machines().fresh(MachineSpec.pc());
    DiskElement disk = disk("vdb");

    refused(55, Condition.DOMAIN_NOT_RUNNING, () -> shutOff.attach(disk, IN_LIVE));
    refused(55, Condition.DOMAIN_NOT_RUNNING, () -> shutOff.attach(disk, BOTH));

    assertThat(shutOff.targets(PERSISTENT)).isEmpty();
  }

  @Test
  void aDomainThatIsNotKnownIsNotFound() throws Exception {
    Subject gone = machines().fresh(MachineSpec.pc());
    var handle = gone.handle();
    DiskElement disk = disk("vdb");
    gone.machine().undefine();

    refused(42, Condition.DOMAIN_NOT_FOUND, () -> handle.attachDevice(disk.xml(), IN_CONFIG));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void aSecondDiskWithTheTargetDevIsRefusedInEitherView(View view) throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    DiskElement other = disk("vdb");

    pc.unchanged(
        () ->
            refused(
                view == LIVE ? 27 : 55,
                Condition.TARGET_TAKEN,
                () -> pc.attach(other, Set.of(view))));
  }

  @Test
  void ofBothViewsThePersistentOneComplainsFirst() throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), BOTH);
    DiskElement other = disk("vdb");

    pc.unchanged(() -> refused(55, Condition.TARGET_TAKEN, () -> pc.attach(other, BOTH)));
  }

  @ParameterizedTest
  @CsvSource({"LIVE, 27", "PERSISTENT, 55"})
  void aTargetDevThatOneViewHasIsRefusedForBoth(View has, int code) throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), Set.of(has));
    DiskElement other = disk("vdb");

    pc.unchanged(() -> refused(code, Condition.TARGET_TAKEN, () -> pc.attach(other, BOTH)));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void aTargetDevThatOneViewHasIsFreeInTheOther(View has) throws Exception {
    Subject pc = pc();
    pc.attach(disk("vdb"), Set.of(has));
    DiskElement other = disk("vdb");

    pc.attach(other, has == LIVE ? IN_CONFIG : IN_LIVE);

    pc.isIn(BOTH, "vdb");
    assertThat(pc.live("vdb").source()).isNotEqualTo(pc.config("vdb").source());
  }

  @Test
  void aMissingFileIsNotFoundAndNothingChanges() throws Exception {
    Subject pc = pc();
    DiskElement missing = DiskElement.virtio(bed().file(SIZE) + ".missing", "vdb");

    pc.unchanged(() -> refused(38, Condition.VOLUME_NOT_FOUND, () -> pc.attach(missing, IN_LIVE)));
    pc.unchanged(() -> refused(38, Condition.VOLUME_NOT_FOUND, () -> pc.attach(missing, BOTH)));
  }

  @Test
  void thePersistentViewTakesAFileThatIsMissing() throws Exception {
    Subject pc = pc();

    pc.attach(DiskElement.virtio(bed().file(SIZE) + ".missing", "vdb"), IN_CONFIG);

    pc.isIn(IN_CONFIG, "vdb");
  }

  @Test
  void theSameFileIsLockedAgainstASecondUseInTheDomain() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb");
    pc.attach(disk, IN_LIVE);

    pc.unchanged(
        () -> refused(1, Condition.VOLUME_IN_USE, () -> pc.attach(disk.target("vdc"), IN_LIVE)));
  }

  @Test
  void theSameFileIsLockedAgainstASecondDomain() throws Exception {
    DiskElement disk = disk("vdb");
    Subject q35 = q35();
    q35.attach(disk, IN_LIVE);
    Subject pc = pc();

    pc.unchanged(() -> refused(1, Condition.VOLUME_IN_USE, () -> pc.attach(disk, BOTH)));
  }

  @Test
  void theSameFileIsTakenTwiceIfItIsShareable() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").shareable();
    pc.attach(disk, BOTH);
    String other = serial();

    pc.attachSeen(disk.target("vdc").serial(other), BOTH);

    assertThat(pc.targets(LIVE)).containsExactlyInAnyOrder("vdb", "vdc");
    assertThat(pc.targets(PERSISTENT)).containsExactlyInAnyOrder("vdb", "vdc");
  }

  @Test
  void thePersistentViewTakesTheSameFileTwice() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb");

    pc.attach(disk, IN_CONFIG);
    pc.attach(disk.target("vdc"), IN_CONFIG);

    assertThat(pc.targets(PERSISTENT)).containsExactlyInAnyOrder("vdb", "vdc");
  }

  @Test
  void virtioShowsTheGuestTwentyBytesOfTheSerial() throws Exception {
    Subject pc = pc();
    String serial = "0123456789012345678-tail-of-it";

    pc.attachSeen(disk("vdb").serial(serial), BOTH);

    assertThat(pc.machine().guestSerials()).containsExactly("0123456789012345678-");
    assertThat(pc.live("vdb").serial()).isEqualTo(serial);
    assertThat(pc.config("vdb").serial()).isEqualTo(serial);
  }

  @Test
  void malformedXmlIsABadRequest() throws Exception {
    Subject pc = pc();

    pc.unchanged(
        () ->
            refused(
                35,
                Condition.BAD_REQUEST,
                () -> pc.handle().attachDevice("<disk type='file'", BOTH)));
  }

  @Test
  void aTransientDomainHasNoPersistentViewToChange() throws Exception {
    Subject subject = paused(MachineSpec.pc().asTransient());
    DiskElement disk = disk("vdb");

    refused(55, Condition.DOMAIN_TRANSIENT, () -> subject.attach(disk, IN_CONFIG));
    refused(55, Condition.DOMAIN_TRANSIENT, () -> subject.attach(disk, BOTH));
    assertThat(subject.targets(LIVE)).isEmpty();

    subject.attach(disk, IN_LIVE);
    assertThat(subject.targets(LIVE)).containsExactly("vdb");
  }

  @Test
  void anUpdateOfThePersistentViewChangesTheAlias() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").at(0, 0x10);
    pc.attach(disk, BOTH);
    String before = pc.live("vdb").alias();
    String alias = alias();

    pc.handle().updateDevice(disk.alias(alias).xml(), IN_CONFIG);

    assertThat(pc.config("vdb").alias()).isEqualTo(alias);
    assertThat(pc.config("vdb").serial()).isEqualTo(disk.serial());
    assertThat(pc.live("vdb").alias()).isEqualTo(before);
  }
}
