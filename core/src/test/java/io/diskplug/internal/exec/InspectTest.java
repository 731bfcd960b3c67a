// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.ALIAS;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.VOLUME;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.Requests.strangers;
import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.coordination.UnplugAnnotations;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.DiskReport.Drift;
import io.diskplug.outcome.InspectOutcome;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.NotedUnplug;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class InspectTest {

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();

  private InspectOutcome outcome(Proof required) {
    return executor(time, required, domain).inspect(domain.ref(), DEADLINE).await();
  }

  private Inspected inspect() {
    Inspected inspected = expect(Inspected.class, outcome(Proof.QEMU));
    assertThat(domain.changes()).isEmpty();
    return inspected;
  }

  private DiskReport only() {
    return inspect().disks().get(0);
  }

  private void nodes(String name) {
    for (String layer : List.of("format", "storage")) {
      domain.qemuNodes.add(
          "{\"node-name\":\"libvirt-%s-%s\",\"drv\":\"%s\",\"file\":\"/srv/ghost.img\"}"
              .formatted(name, layer, layer.equals("format") ? "raw" : "file"));
    }
  }

  @Test
  void aDomainInOrder() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);
    domain.qemuDevices.add(ALIAS);

    Inspected inspected = inspect();

    assertThat(inspected.isClean()).isTrue();
    assertThat(inspected.proof()).isEqualTo(Proof.QEMU);
    DiskReport report = inspected.disks().get(0);
    assertThat(report.drift()).isEqualTo(Drift.NONE);
    assertThat(report.isOwn()).isTrue();
    assertThat(report.isOrphan()).isFalse();
    assertThat(report.heldByQemu()).hasValue(true);
    assertThat(inspected.capacity().virtio().free()).isEqualTo(28);
  }

  @Test
  void aDiskThatQemuHasLost() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);
    domain.dropped.add(ALIAS);

    assertThat(only().heldByQemu()).hasValue(false);
    assertThat(inspect().isClean()).isFalse();
  }

  @Test
  void oneViewOnly() {
    domain.put(placed(DISK, "vda", 3), PERSISTENT);
    assertThat(only().drift()).isEqualTo(Drift.PERSISTENT_ONLY);
    assertThat(only().isOrphan()).isTrue();
    domain.drop(PERSISTENT);

    domain.put(placed(DISK, "vda", 3), LIVE);
    assertThat(only().drift()).isEqualTo(Drift.LIVE_ONLY);
    assertThat(only().isOrphan()).isTrue();
    domain.drop(LIVE);

    domain.put(strangers("/srv/x", "vdx", 7, "virtio-disk23"), LIVE);
    assertThat(only().drift()).isEqualTo(Drift.LIVE_ONLY);
    assertThat(only().isOrphan()).isFalse();
  }

  @Test
  void aDomainWithOneViewHasNoDrift() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);
    domain.status(ScriptedDomain.TRANSIENT);
    assertThat(only().drift()).isEqualTo(Drift.NONE);
    domain.status(ScriptedDomain.SHUT_OFF);
    assertThat(only().drift()).isEqualTo(Drift.NONE);
    assertThat(only().heldByQemu()).isEmpty();
    assertThat(inspect().proof()).isEqualTo(Proof.DAEMON);
  }

  @Test
  void disksAreMatchedByAliasThenBySourceThenByTarget() {
    domain.put(placed(DISK, "vda", 3), LIVE);
    domain.put(placed(DISK, "vdb", 4), PERSISTENT);
    domain.put(strangers("/srv/x", "vdx", 7, "virtio-disk23"), LIVE);
    domain.put(strangers("/srv/x", "vdy", 7, ""), PERSISTENT);
    domain.put(strangers("/srv/m", "vdm", 8, "virtio-disk12"), LIVE);
    domain.put(strangers("/srv/n", "vdm", 8, ""), PERSISTENT);

    List<DiskReport> reports = inspect().disks();

    assertThat(reports).hasSize(3).allMatch(report -> report.drift() == Drift.DIFFERENT);
    assertThat(reports.get(0).differences())
        .extracting(difference -> difference.field())
        .containsExactly("target dev", "address");
    assertThat(reports.get(1).differences().get(0).toString())
        .isEqualTo("LIVE target dev: expected vdy, found vdx");
    assertThat(reports.get(2).differences())
        .extracting(difference -> difference.field())
        .containsExactly("source name");
  }

  /** Another volume has come to the target dev in one of the views. */
  @Test
  void anOwnDiskIsNotPairedByItsTargetAlone() {
    domain.put(placed(DISK, "vdg", 3), PERSISTENT);
    domain.put(strangers("/srv/x", "vdg", 7, "virtio-disk6"), LIVE);

    Inspected inspected = inspect();

    assertThat(inspected.disks()).hasSize(2);
    assertThat(inspected.orphans())
        .singleElement()
        .matches(orphan -> orphan.drift() == Drift.PERSISTENT_ONLY);
    assertThat(inspected.disks().get(0).isOwn()).isFalse();
  }

  @Test
  void theAliasThatLibvirtMakesUpIsNoDifference() {
    domain.put(strangers("/srv/x", "vdx", 7, "virtio-disk23"), LIVE);
    domain.put(strangers("/srv/x", "vdx", 7, ""), PERSISTENT);

    assertThat(only().drift()).isEqualTo(Drift.NONE);
  }

  @Test
  void anUnplugThatIsNoted() {
    domain.put(placed(DISK, "vda", 3), LIVE);
    domain.notes.put(
        UnplugAnnotations.namespace(ALIAS),
        "<d:unplug xmlns:d='" + UnplugAnnotations.namespace(ALIAS) + "' start='1'/>");

    Inspected inspected = inspect();

    assertThat(inspected.orphans()).isEmpty();
    assertThat(inspected.disks().get(0).unplugPending()).isTrue();
    assertThat(inspected.unplugs())
        .singleElement()
        .satisfies(
            note -> {
              assertThat(note.key()).isEqualTo(ALIAS);
              assertThat(note.stale()).isFalse();
              assertThat(note.disk()).isPresent();
            });
  }

  private static String withSerial(String element) {
    return element.replace("</disk>", "<serial>" + VOLUME.id() + "</serial></disk>");
  }

  /** A disk that has the volume's serial alone has another alias than the volume. */
  @Test
  void theUnplugOfADiskThatHasAnotherAlias() {
    domain.put(withSerial(strangers("/srv/one.img", "vdx", 7, "virtio-disk23")), LIVE, PERSISTENT);
    domain.guestReleases = false;
    executor(time, domain).detach(domain.ref(), VOLUME, Duration.ofSeconds(1)).await();
    domain.calls.clear();

    Inspected inspected = inspect();

    assertThat(inspected.disks().get(0).unplugPending()).isTrue();
    assertThat(inspected.unplugs().get(0).key()).isEqualTo(ALIAS);
    assertThat(inspected.unplugs().get(0).disk()).isPresent();
  }

  @Test
  void anUnplugOfAnotherStart() {
    domain.put(placed(DISK, "vda", 3), LIVE);
    domain.notes.put(
        UnplugAnnotations.namespace(ALIAS),
        "<d:unplug xmlns:d='" + UnplugAnnotations.namespace(ALIAS) + "' start='7'/>");

    Inspected booted = inspect();
    assertThat(booted.orphans()).hasSize(1);
    assertThat(booted.disks().get(0).unplugPending()).isFalse();
    assertThat(booted.unplugs()).singleElement().matches(NotedUnplug::stale);

    // The guest was saved with the request, and has it still.
    domain.status(new DomainStatus(RunState.RUNNING, StateReason.RESTORED, 1, true, false));
    Inspected restored = inspect();
    assertThat(restored.orphans()).isEmpty();
    assertThat(restored.disks().get(0).unplugPending()).isTrue();
    assertThat(restored.unplugs()).singleElement().matches(unplug -> !unplug.stale());
  }

  @Test
  void anUnplugThatThisProcessHasRequestedAndNothingNotes() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);
    domain.always(Call.NOTE, fails(Call.NOTE, 3, "not supported"));
    domain.guestReleases = false;
    Executor executor = executor(time, domain);
    executor.detach(domain.ref(), VOLUME, Duration.ofSeconds(1)).await();

    Inspected inspected = expect(Inspected.class, executor.inspect(domain.ref(), DEADLINE).await());

    assertThat(inspected.disks().get(0).unplugPending()).isTrue();
    assertThat(inspected.orphans()).isEmpty();
  }

  @Test
  void aGhostIsSeenThreeTimesBeforeItIsCalledOne() {
    nodes("4");

    Inspected inspected = inspect();

    assertThat(inspected.suspects()).isEmpty();
    assertThat(inspected.isClean()).isFalse();
    assertThat(inspected.ghosts())
        .singleElement()
        .satisfies(
            ghost ->
                assertThat(ghost.nodes()).containsExactly("libvirt-4-format", "libvirt-4-storage"));
    assertThat(domain.calls.stream().filter(call -> call.equals("READ_XML LIVE"))).hasSize(3);
  }

  @Test
  void whatIsGoneAtTheNextLookWasNone() {
    nodes("4");
    domain.next(Call.READ_XML, effect -> {}, effect -> {}, effect -> domain.qemuNodes.clear());

    Inspected inspected = inspect();

    assertThat(inspected.isClean()).isTrue();
  }

  @Test
  void whileABlockJobRunsNothingIsProven() {
    nodes("4");
    domain.qemuJobs.add("{\"id\":\"copy\"}");

    Inspected inspected = inspect();

    assertThat(inspected.ghosts()).isEmpty();
    assertThat(inspected.suspects()).hasSize(1);
  }

  @Test
  void whatKeepsChangingIsToldAsItWasSeenLast() {
    int[] number = {0};
    domain.always(
        Call.READ_XML,
        effect -> {
          domain.qemuNodes.clear();
          nodes(Integer.toString(++number[0]));
        });

    Inspected inspected = inspect();

    assertThat(inspected.ghosts()).isEmpty();
    assertThat(inspected.suspects()).hasSize(1);
  }

  @Test
  void aQemuThatCannotBeAskedIsSaid() {
    domain.put(placed(DISK, "vda", 3), LIVE, PERSISTENT);
    domain.always(Call.ASK_QEMU, fails(Call.ASK_QEMU, 68, "cannot acquire state change lock"));
    Inspected inspected = inspect();
    assertThat(inspected.proof()).isEqualTo(Proof.XML);
    assertThat(inspected.whyNotAsked()).hasValueSatisfying(why -> assertThat(why).contains("68"));
    assertThat(inspected.disks()).hasSize(1);

    domain.asUsual(Call.ASK_QEMU);
    domain.qemuAnswer = usual -> "{\"return\":7}";
    assertThat(inspect().whyNotAsked()).isPresent();
  }

  @Test
  void aWedgedMonitorIsNotWaitedFor() {
    domain.occupiedFor = Duration.ofSeconds(40);

    Inspected inspected = inspect();

    assertThat(inspected.proof()).isEqualTo(Proof.XML);
    assertThat(inspected.isClean()).isFalse();
    assertThat(inspected.whyNotAsked().orElseThrow()).contains("40000 ms");
    assertThat(domain.count(Call.ASK_QEMU)).isZero();
  }

  /** The question for a job would wait behind the command. */
  @Test
  void aWedgedMonitorOfAPausedGuestIsNotWaitedFor() {
    domain.status(new DomainStatus(RunState.PAUSED, StateReason.USER, 1, true, false));
    domain.occupiedFor = Duration.ofSeconds(40);

    assertThat(inspect().whyNotAsked().orElseThrow()).contains("40000 ms");
    assertThat(domain.count(Call.READ_JOB)).isZero();
  }

  @Test
  void aSiteThatForbidsTheMonitor() {
    Inspected inspected = expect(Inspected.class, outcome(Proof.XML));

    assertThat(inspected.proof()).isEqualTo(Proof.XML);
    assertThat(domain.count(Call.ASK_QEMU)).isZero();
  }

  @Test
  void aSavedDomainIsShownAsItsPersistentViewIs() {
    domain.put(placed(DISK, "vda", 3), PERSISTENT);
    domain.status(ScriptedDomain.SAVED);

    Inspected inspected = inspect();

    assertThat(inspected.disks()).hasSize(1);
    assertThat(inspected.observed().status().orElseThrow().managedSave()).isTrue();
  }

  @Test
  void anUnknownDomain() {
    Rejected rejected =
        expect(
            Rejected.class,
            executor(time, domain).inspect(DomainRef.name("nobody"), DEADLINE).await());

    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.DOMAIN_NOT_FOUND);
  }

  @Test
  void theDeadlineInTheMiddleOfAProof() {
    nodes("4");
    domain.next(
        Call.READ_XML, effect -> {}, effect -> {}, effect -> time.pass(DEADLINE.plusSeconds(1)));

    Inspected inspected = inspect();

    assertThat(inspected.suspects()).hasSize(1);
    assertThat(inspected.ghosts()).isEmpty();
  }

  /** Whatever the cluster is called: no XML shows that. */
  @Test
  void theUnplugOfAVolumeOfANamedCluster() {
    VolumeRef scoped =
        new VolumeRef(VOLUME.id(), new SourceIdentity("file", "fsid", "/srv/one.img"));
    domain.put(placed(DISK, "vda", 3).replace(ALIAS, scoped.identity().alias()), LIVE, PERSISTENT);
    domain.guestReleases = false;
    executor(time, domain).detach(domain.ref(), scoped, Duration.ofSeconds(1)).await();
    domain.calls.clear();

    Inspected inspected = inspect();

    assertThat(inspected.disks().get(0).unplugPending()).isTrue();
    assertThat(inspected.unplugs()).singleElement().matches(note -> note.disk().isPresent());
  }

  /** Another disk has come to the name that libvirt had made up for the one that has gone. */
  @Test
  void aNoteOfADeviceIsNotThatOfTheNextOneOfItsName() {
    domain.put(withSerial(strangers("/srv/one.img", "vdx", 7, "virtio-disk23")), LIVE, PERSISTENT);
    domain.guestReleases = false;
    executor(time, domain).detach(domain.ref(), VOLUME, Duration.ofSeconds(1)).await();
    domain.drop(LIVE, PERSISTENT);
    domain.put(strangers("/srv/two.img", "vdx", 7, "virtio-disk23"), LIVE, PERSISTENT);
    domain.calls.clear();

    Inspected inspected = inspect();

    assertThat(inspected.disks().get(0).unplugPending()).isFalse();
    assertThat(inspected.unplugs()).singleElement().matches(note -> note.disk().isEmpty());
  }

  @Test
  void aDriveStaysTheSameWithAnotherMedium() {
    String drive = "device='cdrom'";
    domain.put(strangers("/srv/1.iso", "sdb", 7, "a").replace("device='disk'", drive), LIVE);
    domain.put(strangers("/srv/1.iso", "sda", 8, "").replace("device='disk'", drive), PERSISTENT);
    domain.put(strangers("/srv/2.iso", "sda", 8, "b").replace("device='disk'", drive), LIVE);
    domain.put(strangers("/srv/2.iso", "sdb", 7, "").replace("device='disk'", drive), PERSISTENT);

    List<DiskReport> reports = inspect().disks();

    assertThat(reports)
        .hasSize(2)
        .allMatch(
            report ->
                report
                    .live()
                    .orElseThrow()
                    .targetDev()
                    .equals(report.persistent().orElseThrow().targetDev()));
  }

  /** {@code <source protocol='nbd'>} with a host alone: an export without a name. */
  @Test
  void aSourceWithoutANameIsNoObstacle() {
    domain.put(
        "<disk type='network'><source protocol='nbd'><host name='::1' port='10809'/></source>"
            + "<target dev='vdn' bus='virtio'/><alias name='virtio-disk13'/></disk>",
        LIVE,
        PERSISTENT);

    assertThat(only().drift()).isEqualTo(Drift.NONE);
  }
}
