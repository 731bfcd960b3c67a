// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static io.diskplug.domain.View.LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.conformance.Machine.End;
import io.diskplug.conformance.Machine.Leftover;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.DomainHandle.Subscription;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.port.SecretStore;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A daemon that ends: what its domains go on with, what it knows afterwards, what it does not. */
@SuppressWarnings("try") // a subscription is held open, not used
public abstract class DaemonDeathConformance extends ConformanceSuite {

  private static final String NAMESPACE = "urn:diskplug-conformance:death";

  @Test
  void aRestartForgetsNothing() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias()).at(0, 0x10);
    pc.attachSeen(disk, BOTH);
    pc.handle().note(NAMESPACE, "<entry a='1'/>");
    int run = pc.handle().status().id();
    List<String> live = pc.essence(LIVE);

    bed().killDaemon();
    bed().startDaemon();

    assertThat(pc.essence(LIVE)).isEqualTo(live);
    assertThat(pc.handle().status().id()).isEqualTo(run);
    assertThat(DomainXmlReader.metadata(pc.handle().xml(LIVE)))
        .containsEntry(NAMESPACE, Map.of("a", "1"));
    pc.isIn(BOTH, "vdb");
    pc.handle().note(NAMESPACE, null);
    pc.detach(disk, BOTH);
    pc.isIn(Set.of(), "vdb");
  }

  @Test
  void aRestartForgetsWhyADomainIsShutOffAndNotWhyOneIsPaused() throws Exception {
    Subject off = paused(MachineSpec.pc());
    Subject on = paused(MachineSpec.pc());
    off.machine().destroy();
    assertThat(off.handle().status().reason()).isEqualTo(StateReason.DESTROYED);

    bed().restartDaemon();

    assertThat(off.handle().status().reason()).isEqualTo(StateReason.UNKNOWN);
    assertThat(on.handle().status().reason()).isEqualTo(StateReason.USER);
  }

  @Test
  void aDomainWhoseStatusIsLostIsShownAsShutOffWhileItsQemuGoesOn() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    DiskElement disk = disk("vdb").alias(alias());
    subject.attach(disk, BOTH);

    subject.machine().daemonForgets();

    DomainStatus status = subject.handle().status();
    assertThat(status.state()).isEqualTo(RunState.SHUT_OFF);
    assertThat(status.reason()).isEqualTo(StateReason.UNKNOWN);
    subject.detach(disk, IN_CONFIG);
    assertThat(subject.machine().isOpenElsewhere(disk.file())).isTrue();
    subject.machine().endElsewhere();
  }

  @Test
  void aSecretThatIsKeptComesBackAndAnEphemeralOneDoesNot() throws Exception {
    UUID kept = UUID.randomUUID();
    UUID ephemeral = UUID.randomUUID();
    try (HypervisorPort hypervisor = bed().connect()) {
      SecretStore secrets = hypervisor.secrets();
      secrets.define(secret(kept, "no"));
      secrets.define(secret(ephemeral, "yes"));

      bed().killDaemon();
      bed().startDaemon();

      assertThat(secrets.remove(kept)).isTrue();
      assertThat(secrets.remove(ephemeral)).isFalse();
    }
  }

  @Test
  void aSecretThatWasKeptBeforeItBecameEphemeralComesBackAsItWas() throws Exception {
    UUID uuid = UUID.randomUUID();
    try (HypervisorPort hypervisor = bed().connect()) {
      SecretStore secrets = hypervisor.secrets();
      secrets.define(secret(uuid, "no"));
      secrets.define(secret(uuid, "yes"));

      bed().killDaemon();
      bed().startDaemon();

      String xml = secrets.xml(uuid).orElseThrow();
      assertThat(secrets.remove(uuid)).isTrue();
      assertThat(DomainXmlReader.readSecret(xml).ephemeral()).isFalse();
    }
  }

  private static String secret(UUID uuid, String ephemeral) {
    return "<secret ephemeral='%s'><uuid>%s</uuid><usage type='ceph'><name>%s</name></usage></secret>"
        .formatted(ephemeral, uuid, "death of " + uuid);
  }

  @Test
  void whileItIsDeadEveryCallSaysThatTheConnectionIsLost() throws Exception {
    Subject pc = pc();
    DomainHandle handle = pc.handle();
    bed().killDaemon();
    try {
      lost(handle::status);
      lost(() -> handle.xml(LIVE));
      lost(() -> handle.askQemu("{\"execute\":\"query-jobs\"}"));
      lost(() -> pc.attach(disk("vdb"), BOTH));
      lost(
          () -> {
            try (HypervisorPort hypervisor = bed().connect()) {
              hypervisor.lookup(DomainRef.uuid(pc.machine().uuid()));
            }
          });
    } finally {
      bed().startDaemon();
    }
    assertThat(handle.status().active()).isTrue();
    assertThat(pc.targets(LIVE)).isEmpty();
  }

  private static void lost(TestBed.Call call) {
    try {
      call.run();
    } catch (FaultException e) {
      means(Condition.CONNECTION_LOST, e.fault());
      return;
    }
    throw new AssertionError("the call succeeded");
  }

  @Test
  void aSubscriptionOutlivesIt() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    AtomicInteger signals = new AtomicInteger();
    try (Subscription unused = subject.handle().subscribe(signals::incrementAndGet)) {
      bed().pass(Duration.ofMillis(500));
      bed().restartDaemon();
      // By now somebody listens again, or will, and is then told to look once.
      bed().pass(Duration.ofSeconds(3));
      signals.set(0);
      subject.machine().destroy();
      bed().await("a signal", () -> signals.get() > 0);
    }
  }

  @Test
  void aDomainThatEndsMeanwhileIsShutOffAfterwards() throws Exception {
    Subject subject = paused(MachineSpec.pc());
    subject.attach(disk("vdb"), IN_LIVE);
    bed().killDaemon();
    subject.machine().killQemu();
    bed().startDaemon();

    bed().await("the domain is shut off", () -> !subject.handle().status().active());
    assertThat(subject.targets(LIVE)).isEmpty();
  }

  @Test
  void anUnplugThatIsPendingIsCompletedAfterwards() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);
    pc.machine().suspend();
    pc.handle().detachDeviceByAlias(disk.alias(), BOTH);

    bed().killDaemon();
    bed().startDaemon();

    pc.isIn(IN_LIVE, "vdb");
    pc.machine().resume();
    pc.awaitNotLive("vdb");
    pc.awaitNotSeen(disk.serial());
    bed().await("QEMU closes the image", () -> !pc.qemuHolds(disk.file()));
  }

  /** QEMU tells nobody of it a second time: the daemon asks for its devices when it comes back. */
  @Test
  void whatTheGuestReleasesMeanwhileIsGoneAfterwards() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);

    pc.machine().releaseWhileDaemonIsDead(disk.alias(), disk.serial(), BOTH);

    pc.awaitNotLive("vdb");
    pc.awaitNotSeen(disk.serial());
    bed().await("QEMU closes the image", () -> !pc.qemuHolds(disk.file()));
    pc.isIn(Set.of(), "vdb");
  }

  @Test
  void killedInADetachThePersistentViewKeepsTheDiskThatTheGuestReleases() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);
    pc.machine().suspend();

    FaultException told = pc.machine().endDaemonInDetach(disk.xml(), BOTH, End.KILL);

    means(Condition.CONNECTION_LOST, told.fault());
    pc.isIn(BOTH, "vdb");
    pc.machine().resume();
    pc.awaitNotLive("vdb");
    pc.isIn(IN_CONFIG, "vdb");
    pc.awaitNotSeen(disk.serial());
    bed().await("QEMU closes the image", () -> !pc.qemuHolds(disk.file()));
    refused(
        bed().generation().missingDiskCode(LIVE),
        Condition.DEVICE_MISSING,
        () -> pc.detach(disk, BOTH));
  }

  @Test
  void terminatedInADetachItFinishesItAndTellsNobody() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias());
    pc.attachSeen(disk, BOTH);
    pc.machine().suspend();

    FaultException told = pc.machine().endDaemonInDetach(disk.xml(), BOTH, End.TERM);

    means(Condition.CONNECTION_LOST, told.fault());
    pc.isIn(IN_LIVE, "vdb");
    pc.machine().resume();
    pc.awaitNotLive("vdb");
  }

  @Test
  void terminatedInAnAttachItFinishesItAndTellsNobody() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias()).at(0, 0x10);

    FaultException told = pc.machine().terminateDaemonInAttach(disk.xml(), BOTH);

    means(Condition.CONNECTION_LOST, told.fault());
    pc.isIn(BOTH, "vdb");
    pc.awaitSeen(disk.serial());
    assertThat(pc.config("vdb").address()).isEqualTo(pc.live("vdb").address());
  }

  @ParameterizedTest
  @EnumSource(Leftover.class)
  void killedInAnAttachItLeavesAGhostThatNoViewShows(Leftover leftover) throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias()).at(0, 0x10);

    FaultException told = pc.machine().killDaemonInAttach(disk.xml(), BOTH, leftover);

    means(Condition.CONNECTION_LOST, told.fault());
    pc.isIn(Set.of(), "vdb");
    assertThat(pc.qemuHolds(disk.file())).isTrue();
    assertThat(pc.qemuHasDevice(disk.alias())).isEqualTo(leftover == Leftover.DEVICE);
    if (leftover == Leftover.DEVICE) {
      pc.awaitSeen(disk.serial());
      assertThat(pc.nodesInUse()).containsEntry(disk.alias(), pc.nodesOn(disk.file()).get(0));
    } else {
      assertThat(pc.machine().guestSerials()).isEmpty();
    }
    evict(pc, disk);
  }

  @ParameterizedTest
  @EnumSource(Leftover.class)
  void aGhostIsNotFoundByADetach(Leftover leftover) throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias()).at(0, 0x10);
    pc.machine().killDaemonInAttach(disk.xml(), BOTH, leftover);

    refused(
        bed().generation().missingDiskCode(LIVE),
        Condition.DEVICE_MISSING,
        () -> pc.detach(disk, IN_LIVE));
    refused(
        1, Condition.DEVICE_MISSING, () -> pc.handle().detachDeviceByAlias(disk.alias(), IN_LIVE));

    evict(pc, disk);
  }

  @Test
  void theGhostOfADeviceIsInTheWayUntilItIsEvicted() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias()).at(0, 0x10);
    pc.machine().killDaemonInAttach(disk.xml(), BOTH, Leftover.DEVICE);

    // Its nodes have the names that are next; then it is the device's name.
    refused(1, Condition.NAME_TAKEN_IN_QEMU, () -> pc.attach(disk, BOTH));
    refused(1, Condition.NAME_TAKEN_IN_QEMU, () -> pc.attach(disk, BOTH));
    DiskElement elsewhere = disk("vdc").alias(alias()).at(0, 0x11);
    DiskElement sameFile = DiskElement.virtio(disk.file(), "vdc").alias(alias()).at(0, 0x11);
    refused(1, Condition.VOLUME_IN_USE, () -> pc.attach(sameFile, BOTH));
    pc.isIn(Set.of(), "vdb");
    pc.isIn(Set.of(), "vdc");
    pc.attachSeen(elsewhere, BOTH);

    evict(pc, disk);
    pc.attachSeen(disk, BOTH);
    pc.isIn(BOTH, "vdb");
  }

  /** Nodes without a device lock nothing: the image is open twice then. */
  @Test
  void theGhostOfNodesIsInTheWayOnceAndIsThenForgotten() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias()).at(0, 0x10);
    pc.machine().killDaemonInAttach(disk.xml(), BOTH, Leftover.NODES);
    List<String> ghost = pc.nodesOn(disk.file());

    refused(1, Condition.NAME_TAKEN_IN_QEMU, () -> pc.attach(disk, BOTH));
    pc.isIn(Set.of(), "vdb");
    pc.attachSeen(disk, BOTH);

    pc.isIn(BOTH, "vdb");
    assertThat(pc.nodesOn(disk.file())).containsAll(ghost).hasSizeGreaterThan(ghost.size());
    for (String node : ghost) {
      assertThat(pc.deleteNode(node)).as(node).isTrue();
    }
    pc.detach(disk, BOTH);
    assertThat(pc.qemuHolds(disk.file())).isFalse();
  }

  @Test
  void theGhostOfADeviceHoldsItsSlotAndItsNameAgainstOthers() throws Exception {
    Subject pc = pc();
    DiskElement disk = disk("vdb").alias(alias()).at(0, 0x10);
    pc.machine().killDaemonInAttach(disk.xml(), BOTH, Leftover.DEVICE);
    DiskElement sameSlot = disk("vdc").alias(alias()).at(0, 0x10);
    DiskElement sameAlias = disk("vdc").alias(disk.alias()).at(0, 0x11);

    refused(1, Condition.NAME_TAKEN_IN_QEMU, () -> pc.attach(sameSlot, BOTH)); // its nodes' name
    refused(1, Condition.ADDRESS_TAKEN, () -> pc.attach(sameSlot, BOTH));
    refused(1, Condition.NAME_TAKEN_IN_QEMU, () -> pc.attach(sameAlias, BOTH));
    pc.isIn(Set.of(), "vdc");
    DiskElement elsewhere = disk("vdc").alias(alias()).at(0, 0x11);
    pc.attachSeen(elsewhere, BOTH);

    evict(pc, disk);
    pc.isIn(BOTH, "vdc");
  }

  /** Takes the device and then its nodes out of QEMU, as libvirt should have. */
  private void evict(Subject subject, DiskElement disk) throws FaultException {
    List<String> nodes = subject.nodesOn(disk.file());
    if (subject.qemuHasDevice(disk.alias())) {
      assertThat(subject.deleteDevice(disk.alias())).isTrue();
      bed().await("QEMU has no device", () -> !subject.qemuHasDevice(disk.alias()));
      subject.awaitNotSeen(disk.serial());
    }
    for (String node : nodes) {
      // It may be in use for a moment more than the device is shown.
      bed().await("QEMU deletes " + node, () -> subject.deleteNode(node));
    }
    // libvirt handles the event later, and drops a disk that has the name by then.
    bed().pass(Duration.ofSeconds(1));
    assertThat(subject.qemuHolds(disk.file())).isFalse();
  }
}
