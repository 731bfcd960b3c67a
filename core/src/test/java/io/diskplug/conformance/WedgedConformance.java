// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.RunState;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.port.ControlState;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A QEMU that answers nothing, and who waits for it. These cases have two calls under way. */
public abstract class WedgedConformance extends ConformanceSuite {

  /** How long a call waits for the domain's job. */
  private static final Duration JOB_WAIT = Duration.ofSeconds(30);

  private static final Duration A_WHILE = JOB_WAIT.dividedBy(2);

  @Test
  void aWedgedDomainIsOccupiedAndItsCallEndsWhenItGoesOn() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdb");
    subject.machine().freezeQemu();

    TestBed.CallUnderWay attach = bed().begin(() -> subject.attach(disk, BOTH));

    bed()
        .await(
            "the domain is occupied",
            () -> subject.handle().control().occupiedFor().compareTo(Duration.ofMillis(100)) > 0);
    Duration first = subject.handle().control().occupiedFor();
    bed().pass(Duration.ofMillis(300));
    assertThat(subject.handle().control().occupiedFor()).isGreaterThan(first);
    assertThat(attach.hasReturned()).isFalse();
    subject.machine().thawQemu();
    attach.join();
    assertThat(subject.handle().control().occupiedFor()).isEqualTo(Duration.ZERO);
    subject.isIn(BOTH, "vdb");
  }

  @Test
  void whatTakesNoJobIsReadMeanwhile() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement old = disk("vdx");
    subject.attach(old, BOTH);
    DiskElement disk = disk("vdb");
    assertThat(subject.handle().control().isJobTaken()).isFalse();
    subject.machine().freezeQemu();
    assertThat(subject.handle().control().isJobTaken()).isFalse();
    TestBed.CallUnderWay attach = bed().begin(() -> subject.attach(disk, BOTH));
    bed().await("the domain is occupied", () -> !subject.handle().control().occupiedFor().isZero());

    Duration begin = bed().time();
    assertThat(subject.handle().status().state()).isEqualTo(RunState.PAUSED);
    assertThat(subject.handle().control().isJobTaken()).isTrue();
    assertThat(subject.handle().targetDevs()).containsExactly("vdx");
    assertThat(bed().time().minus(begin)).isLessThan(A_WHILE);

    subject.machine().thawQemu();
    attach.join();
    assertThat(subject.handle().control().isJobTaken()).isFalse();
    assertThat(subject.handle().targetDevs()).containsExactlyInAnyOrder("vdb", "vdx");
  }

  @Test
  void theViewsAreReadMeanwhileOrWaitForTheJob() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdb");
    subject.machine().freezeQemu();
    TestBed.CallUnderWay attach = bed().begin(() -> subject.attach(disk, BOTH));
    bed().await("the domain is occupied", () -> !subject.handle().control().occupiedFor().isZero());

    Duration begin = bed().time();
    if (bed().generation().daemon().readingTakesJob()) {
      TestBed.CallUnderWay persistent = bed().begin(() -> subject.handle().xml(PERSISTENT));
      TestBed.CallUnderWay live = bed().begin(() -> subject.handle().xml(LIVE));
      persistent.join();
      live.join();
      assertThat(bed().time().minus(begin)).isGreaterThan(JOB_WAIT.minusSeconds(1));
    } else {
      subject.isIn(Set.of(), "vdb");
      assertThat(bed().time().minus(begin)).isLessThan(A_WHILE);
    }

    subject.machine().thawQemu();
    attach.join();
  }

  @Test
  void aBackupHidesThatQemuDoesNotAnswer() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdx").alias(alias());
    subject.attach(disk, BOTH);
    if (!subject.machine().beginBackup("vdx")) {
      return; // This generation makes no backups.
    }
    assertThat(subject.handle().control()).isEqualTo(ControlState.FREE);
    DiskElement other = disk("vdb");
    subject.machine().freezeQemu();
    TestBed.CallUnderWay attach = bed().begin(() -> subject.attach(other, IN_LIVE));

    bed().await("the attach is under way", () -> subject.handle().control().isJobTaken());
    bed().pass(Duration.ofMillis(300));

    assertThat(subject.handle().control()).isEqualTo(ControlState.HIDDEN);
    assertThat(attach.hasReturned()).isFalse();
    subject.machine().thawQemu();
    attach.join();
    assertThat(subject.handle().control()).isEqualTo(ControlState.FREE);
    subject.machine().endBackup("vdx");
    subject.isIn(IN_LIVE, "vdb");
  }

  @Test
  void aDomainWhoseGuestIsWaitedForHasItsJobTaken() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdb").alias(alias());
    subject.attach(disk, BOTH);

    TestBed.CallUnderWay detach = bed().begin(() -> subject.detach(disk, BOTH));
    // Not while QEMU takes the request.
    bed()
        .await(
            "the guest is waited for", () -> subject.handle().control().equals(ControlState.CALL));

    assertThat(detach.hasReturned()).isFalse();
    bed().await("the detach has returned", detach::hasReturned);
    detach.join();
    assertThat(subject.handle().control().isJobTaken()).isFalse();
  }

  @Test
  void aDomainThatIsShutOffHasNoJobAndNoLiveDisks() throws Exception {
    Subject subject = machines().fresh(MachineSpec.pc());
    subject.attach(disk("vdb"), Subject.IN_CONFIG);

    assertThat(subject.handle().control().isJobTaken()).isFalse();
    assertThat(subject.handle().targetDevs()).isEmpty();
  }

  @Test
  void aCallThatNeedsTheDomainsJobTimesOut() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdb");
    DiskElement other = disk("vdc");
    subject.machine().freezeQemu();
    TestBed.CallUnderWay attach = bed().begin(() -> subject.attach(disk, IN_LIVE));
    bed().await("the domain is occupied", () -> !subject.handle().control().occupiedFor().isZero());

    Duration begin = bed().time();
    TestBed.CallUnderWay second = bed().begin(() -> subject.attach(other, IN_LIVE));
    TestBed.CallUnderWay third =
        bed().begin(() -> subject.handle().detachDeviceByAlias("ua-nobody", IN_LIVE));
    TestBed.CallUnderWay fourth =
        bed().begin(() -> subject.handle().note("urn:diskplug-conformance", "<entry/>"));
    refused(68, Condition.DOMAIN_BUSY, second::join);
    assertThat(bed().time().minus(begin))
        .isBetween(JOB_WAIT.minusSeconds(1), JOB_WAIT.multipliedBy(2));
    refused(68, Condition.DOMAIN_BUSY, third::join);
    refused(68, Condition.DOMAIN_BUSY, fourth::join);

    subject.machine().thawQemu();
    attach.join();
    assertThat(subject.targets(LIVE)).containsExactly("vdb");
  }

  @Test
  void aDetachThatWaitsForItsGuestKeepsOthersWaiting() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    DiskElement other = disk("vdc");
    pc.attachSeen(disk, BOTH);
    pc.machine().suspend();
    TestBed.CallUnderWay detach = bed().begin(() -> pc.detach(disk, BOTH));
    bed().pass(Duration.ofSeconds(1));
    assertThat(detach.hasReturned()).isFalse();
    Duration before = bed().time();

    pc.attach(other, BOTH);

    // libvirt waits five seconds for a guest; whose thread runs first afterwards is left open.
    assertThat(bed().time().minus(before)).isGreaterThan(Duration.ofSeconds(2));
    bed().await("the detach has returned", detach::hasReturned);
    detach.join();
    pc.isIn(IN_LIVE, "vdb");
    pc.isIn(BOTH, "vdc");
  }

  @Test
  void aQemuThatDiesEndsTheCall() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdb");
    subject.machine().freezeQemu();
    TestBed.CallUnderWay attach = bed().begin(() -> subject.attach(disk, BOTH));
    bed().await("the domain is occupied", () -> !subject.handle().control().occupiedFor().isZero());

    subject.machine().killQemu();

    refused(38, Condition.QEMU_GONE, attach::join);
    assertThat(subject.handle().status().state()).isEqualTo(RunState.SHUT_OFF);
    subject.isIn(Set.of(), "vdb");
  }

  @Test
  void aQemuThatDiesEndsTheDetachThatWaits() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdb").alias(alias());
    subject.attach(disk, BOTH);
    TestBed.CallUnderWay detach = bed().begin(() -> subject.detach(disk, BOTH));
    bed().pass(Duration.ofMillis(500));
    assertThat(detach.hasReturned()).isFalse();

    subject.machine().killQemu();

    refused(1, Condition.QEMU_GONE, detach::join);
    subject.isIn(BOTH, "vdb");
  }
}
