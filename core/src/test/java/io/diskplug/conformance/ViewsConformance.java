// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.port.ControlState;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.port.KnownDomain;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a domain shows of itself through its life. */
public abstract class ViewsConformance extends ConformanceSuite {

  @Test
  void aDomainIsFoundByNameAndByUuid() throws Exception {
    Machine machine = machines().fresh(MachineSpec.pc()).machine();

    try (HypervisorPort hypervisor = bed().connect()) {
      DomainHandle byName = hypervisor.lookup(DomainRef.name(machine.name()));
      DomainHandle byUuid = hypervisor.lookup(DomainRef.uuid(machine.uuid()));

      assertThat(byName.uuid()).isEqualTo(machine.uuid());
      assertThat(byUuid.name()).isEqualTo(machine.name());
    }
  }

  @Test
  void aDomainIsListedWhetherItRunsOrNotAndNoMoreWhenItIsGone() throws Exception {
    Machine machine = machines().fresh(MachineSpec.pc()).machine();
    KnownDomain known = new KnownDomain(machine.uuid(), machine.name());

    try (HypervisorPort hypervisor = bed().connect()) {
      assertThat(hypervisor.domains()).contains(known);
      machine.startPaused();
      assertThat(hypervisor.domains()).contains(known);
      machine.undefine();
      assertThat(hypervisor.domains()).contains(known);
      machine.destroy();
      assertThat(hypervisor.domains()).doesNotContain(known);
    }
  }

  @Test
  void anUnknownDomainIsNotFound() throws Exception {
    try (HypervisorPort hypervisor = bed().connect()) {
      refused(
          42,
          Condition.DOMAIN_NOT_FOUND,
          () -> hypervisor.lookup(DomainRef.name("no-domain-has-this-name")));
      refused(
          42,
          Condition.DOMAIN_NOT_FOUND,
          () -> hypervisor.lookup(DomainRef.uuid(new UUID(0x1234, 0x5678))));
    }
  }

  @Test
  void everyCallToADomainThatIsGoneSaysSo() throws Exception {
    Subject gone = machines().fresh(MachineSpec.pc());
    DomainHandle handle = gone.handle();
    assertThat(handle.status().state()).isEqualTo(RunState.SHUT_OFF);
    gone.machine().undefine();

    refused(42, Condition.DOMAIN_NOT_FOUND, handle::status);
    refused(42, Condition.DOMAIN_NOT_FOUND, () -> handle.xml(LIVE));
    refused(42, Condition.DOMAIN_NOT_FOUND, () -> handle.xml(PERSISTENT));
    refused(42, Condition.DOMAIN_NOT_FOUND, () -> handle.note("urn:x", "<x/>"));
    refused(42, Condition.DOMAIN_NOT_FOUND, () -> handle.askQemu("{\"execute\":\"query-jobs\"}"));
    refused(42, Condition.DOMAIN_NOT_FOUND, handle::control);
  }

  @Test
  void aClosedConnectionIsLost() throws Exception {
    Machine machine = pc().machine();
    HypervisorPort hypervisor = bed().connect();
    DomainHandle handle = hypervisor.lookup(DomainRef.uuid(machine.uuid()));

    hypervisor.close();

    refused(6, Condition.CONNECTION_LOST, handle::status);
    refused(6, Condition.CONNECTION_LOST, () -> handle.xml(LIVE));
  }

  @Test
  void aDomainThatIsShutOffHasNoRunAndShowsItsPersistentView() throws Exception {
    Subject shutOff = machines().fresh(MachineSpec.pc());
    shutOff.attach(disk("vdb").alias(alias()), IN_CONFIG);

    assertThat(shutOff.handle().status())
        .isEqualTo(new DomainStatus(RunState.SHUT_OFF, StateReason.UNKNOWN, -1, true, false));
    assertThat(shutOff.view(LIVE).run()).isEmpty();
    assertThat(shutOff.view(LIVE).disks()).isEqualTo(shutOff.view(PERSISTENT).disks());
    assertThat(shutOff.targets(LIVE)).containsExactly("vdb");
  }

  @Test
  void aDomainThatRunsNamesItsRunInTheLiveViewOnly() throws Exception {
    Subject pc = pc();

    DomainStatus status = pc.handle().status();

    assertThat(status.state()).isEqualTo(RunState.RUNNING);
    assertThat(status.active()).isTrue();
    assertThat(status.persistent()).isTrue();
    assertThat(pc.view(LIVE).run()).hasValue(status.id());
    assertThat(pc.view(PERSISTENT).run()).isEmpty();
  }

  @Test
  void eachStartIsAnotherRun() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    int first = subject.handle().status().id();

    subject.machine().destroy();
    assertThat(subject.handle().status().id()).isEqualTo(-1);
    subject.machine().startPaused();

    assertThat(subject.handle().status().id()).isGreaterThan(first);
  }

  @Test
  void aResetIsTheSameRun() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    int before = subject.handle().status().id();

    subject.machine().reset();

    assertThat(subject.handle().status().id()).isEqualTo(before);
  }

  @Test
  void pausedAndResumedAreStatesOfOneRun() throws Exception {
    Subject pc = pc();
    int run = pc.handle().status().id();

    pc.machine().suspend();
    assertThat(pc.handle().status())
        .isEqualTo(new DomainStatus(RunState.PAUSED, StateReason.USER, run, true, false));
    pc.machine().resume();
    assertThat(pc.handle().status())
        .isEqualTo(new DomainStatus(RunState.RUNNING, StateReason.UNPAUSED, run, true, false));
  }

  @Test
  void aManagedSaveImageIsToldUntilTheNextStart() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    int first = subject.handle().status().id();

    subject.machine().managedSave();
    assertThat(subject.handle().status())
        .isEqualTo(new DomainStatus(RunState.SHUT_OFF, StateReason.SAVED, -1, true, true));

    subject.machine().start();
    assertThat(subject.handle().status().managedSave()).isFalse();
    assertThat(subject.handle().status().id()).isGreaterThan(first);
  }

  @Test
  void aTransientDomainShowsWhatItWasMadeOfForItsPersistentView() throws Exception {
    Subject subject = paused(MachineSpec.pc().asTransient());
    subject.attach(disk("vdb"), IN_LIVE);

    assertThat(subject.handle().status().persistent()).isFalse();
    assertThat(subject.targets(LIVE)).containsExactly("vdb");
    assertThat(subject.view(PERSISTENT).uuid()).isEqualTo(subject.machine().uuid());
    assertThat(subject.view(PERSISTENT).run()).isEmpty();
    assertThat(subject.targets(PERSISTENT)).isEmpty();
  }

  @Test
  void aTransientDomainIsGoneWhenItEnds() throws Exception {
    Subject subject = paused(MachineSpec.pc().asTransient());
    DomainHandle handle = subject.handle();
    assertThat(handle.status().active()).isTrue();

    subject.machine().destroy();

    refused(42, Condition.DOMAIN_NOT_FOUND, handle::status);
    refused(42, Condition.DOMAIN_NOT_FOUND, () -> handle.xml(LIVE));
  }

  @Test
  void aDomainThatRunsIsTransientWhenItIsUndefined() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    int run = subject.handle().status().id();

    subject.machine().undefine();

    assertThat(subject.handle().status())
        .isEqualTo(new DomainStatus(RunState.PAUSED, StateReason.USER, run, false, false));
    DiskElement disk = disk("vdb");
    refused(55, Condition.DOMAIN_TRANSIENT, () -> subject.attach(disk, IN_CONFIG));
  }

  @Test
  void whatIsInOneViewOnlyIsForgottenOrComesWithThePowerCycle() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    subject.attach(disk("vdb"), IN_LIVE);
    subject.attach(disk("vdc"), IN_CONFIG);

    subject.machine().destroy();
    assertThat(subject.targets(PERSISTENT)).containsExactly("vdc");
    subject.machine().startPaused();

    assertThat(subject.targets(LIVE)).containsExactly("vdc");
  }

  @Test
  void aQemuThatDiesIsAPowerCycle() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    subject.attach(disk("vdb"), IN_LIVE);

    subject.machine().killQemu();

    assertThat(subject.handle().status())
        .isEqualTo(new DomainStatus(RunState.SHUT_OFF, StateReason.CRASHED, -1, true, false));
    subject.isIn(java.util.Set.of(), "vdb");
  }

  @Test
  void theLiveViewNamesTheBlockNodes() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attach(disk, BOTH);

    var live = DomainXmlReader.blockNodeNumbers(pc.handle().xml(LIVE));

    assertThat(live).hasSize(1);
    int number = live.iterator().next();
    String node = "libvirt-" + number;
    assertThat(pc.nodesOn(disk.file()))
        .isEqualTo(
            bed().generation().rawDiskIsOneNode()
                ? List.of(node + "-storage")
                : List.of(node + "-format", node + "-storage"));
    assertThat(DomainXmlReader.blockNodeNumbers(pc.handle().xml(PERSISTENT))).isEmpty();
  }

  @Test
  void aBlockNodesNumberIsNotUsedTwiceInARun() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, IN_LIVE);
    int first = number(pc);
    pc.detach(disk, IN_LIVE);
    pc.awaitNotLive("vdb");

    pc.attach(disk, IN_LIVE);

    assertThat(number(pc)).isGreaterThan(first);
  }

  private static int number(Subject subject) throws Exception {
    return DomainXmlReader.blockNodeNumbers(subject.handle().xml(LIVE)).iterator().next();
  }

  @Test
  void aDomainThatHasNothingToDoIsNotOccupied() throws Exception {
    Subject pc = pc();
    Subject shutOff = machines().fresh(MachineSpec.pc());

    assertThat(pc.handle().control()).isEqualTo(ControlState.FREE);
    assertThat(shutOff.handle().control()).isEqualTo(ControlState.FREE);
  }
}
