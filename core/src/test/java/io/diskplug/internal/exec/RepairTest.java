// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.ALIAS;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.FIRST_ADDRESS;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.Requests.strangers;
import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static io.diskplug.internal.exec.ScriptedDomain.failsAfterwards;
import static io.diskplug.internal.exec.ScriptedDomain.hangs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.coordination.UnplugAnnotations;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Ghost;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.MendPending;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairOutcome;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Repaired;
import io.diskplug.outcome.Unavailable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RepairTest {

  private static final String PLACED = placed(DISK, "vda", 3);
  private static final Disk OURS = DomainXmlReader.readDisk(PLACED);
  private static final String STRANGE = strangers("/srv/x", "vdx", 7, "virtio-disk23");
  private static final Disk STRANGER = DomainXmlReader.readDisk(STRANGE);
  private static final RepairPolicy ADDING =
      RepairPolicy.NOTHING.withOrphansAddedToPersistent().withOrphansPluggedLive();
  private static final Ghost GHOST =
      new Ghost(
          Optional.of("ua-ghost"),
          List.of("libvirt-4-format", "libvirt-4-storage"),
          Optional.empty());

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();
  private final Executor executor = executor(time, domain);

  private Repaired repair(RepairPolicy policy) {
    return expect(Repaired.class, executor.repair(domain.ref(), policy, DEADLINE).await());
  }

  private MendOutcome mend(Repair repair) {
    Repaired repaired = repair(RepairPolicy.NOTHING.with(repair));
    assertThat(repaired.steps()).hasSize(1);
    assertThat(repaired.steps().get(0).repair()).isEqualTo(repair);
    return repaired.steps().get(0).outcome();
  }

  private void mends(RepairPolicy policy, int steps) {
    Repaired repaired = repair(policy);
    assertThat(repaired.steps()).hasSize(steps);
    assertThat(repaired.isComplete()).as("%s", repaired.steps()).isTrue();
  }

  private Rejected rejects(Repair repair) {
    List<String> before = domain.changes();
    Rejected rejected = expect(Rejected.class, mend(repair));
    assertThat(domain.changes()).isEqualTo(before);
    return rejected;
  }

  private void ghost(boolean device) {
    for (String layer : List.of("format", "storage")) {
      domain.qemuNodes.add(
          "{\"node-name\":\"libvirt-4-%s\",\"drv\":\"%s\",\"file\":\"/srv/ghost.img\"}"
              .formatted(layer, layer.equals("format") ? "raw" : "file"));
    }
    if (device) {
      domain.qemuDevices.add("ua-ghost");
      domain.qemuBlocks.add(
          "{\"qdev\":\"/machine/peripheral/ua-ghost/virtio-backend\","
              + "\"inserted\":{\"node-name\":\"libvirt-4-format\"}}");
    }
  }

  @Test
  void nothingIsDoneThatIsNotAllowed() {
    domain.put(PLACED, LIVE);
    domain.put(STRANGE, PERSISTENT);
    ghost(true);
    domain.notes.put(
        UnplugAnnotations.namespace("ua-x"),
        "<d:unplug xmlns:d='" + UnplugAnnotations.namespace("ua-x") + "' start='9'/>");

    Repaired repaired = repair(RepairPolicy.NOTHING);

    assertThat(repaired.steps()).isEmpty();
    assertThat(repaired.before().isClean()).isFalse();
    assertThat(domain.changes()).isEmpty();
    assertThat(domain.qemuNodes).isNotEmpty();
    assertThat(domain.notes).isNotEmpty();
  }

  @Test
  void orphansAreAddedWhereThatIsAllowed() {
    domain.put(PLACED, LIVE);
    domain.put(STRANGE, LIVE);
    assertThat(repair(RepairPolicy.NOTHING.withOrphansPluggedLive()).steps()).isEmpty();

    mends(ADDING, 1);

    assertThat(domain.changes()).containsExactly("ATTACH [PERSISTENT]");
    Disk added = DomainXmlReader.readDisk(domain.disks(PERSISTENT).get(0));
    assertThat(added).isEqualTo(OURS);
    domain.drop(LIVE);
    assertThat(repair(RepairPolicy.NOTHING.withOrphansAddedToPersistent()).steps()).isEmpty();
    mends(ADDING, 1);
    assertThat(DomainXmlReader.readDisk(domain.disks(LIVE).get(0)).address())
        .isEqualTo(FIRST_ADDRESS);
  }

  @Test
  void aNamedRemovalGoesBeforeAPermissionToAdd() {
    domain.put(PLACED, PERSISTENT);

    mends(ADDING.with(Repair.remove(PERSISTENT, OURS)), 1);

    assertThat(domain.disks(PERSISTENT)).isEmpty();
    assertThat(domain.disks(LIVE)).isEmpty();
  }

  @Test
  void aDiskOfAnotherToolIsAddedWithoutItsMadeUpAlias() {
    domain.put(STRANGE, LIVE);

    expect(Mended.class, mend(Repair.add(PERSISTENT, STRANGER)));

    Disk added = DomainXmlReader.readDisk(domain.disks(PERSISTENT).get(0));
    assertThat(added.alias()).isNull();
    assertThat(added.address()).isEqualTo(STRANGER.address());
    assertThat(expect(Mended.class, mend(Repair.add(PERSISTENT, STRANGER))).changed()).isFalse();
  }

  @Test
  void whatWasListedIsLookedForAgain() {
    domain.put(placed(DISK, "vdb", 4), LIVE);

    assertThat(rejects(Repair.add(PERSISTENT, OURS)).explanation()).contains("as it was listed");
  }

  @Test
  void aPlaceThatIsTakenInTheOtherViewStaysSo() {
    domain.put(PLACED, LIVE);
    domain.put(strangers("/srv/x", "vda", 9, ""), PERSISTENT);
    assertThat(rejects(Repair.add(PERSISTENT, OURS)).explanation()).contains("vda");
    domain.drop(PERSISTENT);
    domain.put(strangers("/srv/x", "vdx", 3, ""), PERSISTENT);
    assertThat(rejects(Repair.add(PERSISTENT, OURS)).explanation()).contains("0000:00:03.0");
  }

  @Test
  void aSourceIsNotAddedTwice() {
    domain.put(PLACED, LIVE);
    domain.put(strangers("/srv/one.img", "vdx", 9, ""), PERSISTENT);

    assertThat(rejects(Repair.add(PERSISTENT, OURS)).explanation()).contains("the same source");
  }

  @Test
  void aCdromIsNotAdded() {
    domain.put(STRANGE.replace("device='disk'", "device='cdrom'"), LIVE);

    assertThat(
            rejects(
                    Repair.add(
                        PERSISTENT,
                        DomainXmlReader.readDisk(
                            STRANGE.replace("device='disk'", "device='cdrom'"))))
                .explanation())
        .contains("cdrom");
  }

  @Test
  void aDiskThatIsAboutToLeaveIsNotAdded() {
    domain.put(PLACED, LIVE);
    domain.notes.put(
        UnplugAnnotations.namespace(ALIAS),
        "<d:unplug xmlns:d='" + UnplugAnnotations.namespace(ALIAS) + "' start='1'/>");

    Unavailable later = expect(Unavailable.class, mend(Repair.add(PERSISTENT, OURS)));

    assertThat(later.reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void anErrorWhoseEffectIsThereIsNone() {
    domain.put(PLACED, LIVE);
    domain.next(Call.ATTACH, failsAfterwards(Call.ATTACH, 39, "connection lost"));

    expect(Mended.class, mend(Repair.add(PERSISTENT, OURS)));

    assertThat(domain.disks(PERSISTENT)).hasSize(1);
  }

  @Test
  void anErrorThatLastsEndsTheStep() {
    domain.put(PLACED, LIVE);
    domain.always(Call.ATTACH, fails(Call.ATTACH, 67, "unsupported configuration: unknown value"));

    expect(Rejected.class, mend(Repair.add(PERSISTENT, OURS)));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void aLeftoverIsRemovedFromTheViewThatHasIt(View view) {
    domain.put(STRANGE, view);

    Mended mended = expect(Mended.class, mend(Repair.remove(view, STRANGER)));

    assertThat(mended.changed()).isTrue();
    assertThat(mended.proof()).isEqualTo(Proof.QEMU);
    assertThat(domain.disks(view)).isEmpty();
  }

  @Test
  void whatIsInBothViewsIsNoLeftover() {
    domain.put(STRANGE, LIVE, PERSISTENT);
    assertThat(rejects(Repair.remove(LIVE, STRANGER)).explanation()).contains("detach");
    domain.drop(PERSISTENT);
    assertThat(rejects(Repair.remove(PERSISTENT, STRANGER)).explanation()).contains("LIVE");
  }

  @Test
  void whatTheOnlyViewHasIsNoLeftover() {
    domain.put(STRANGE, PERSISTENT);
    domain.status(ScriptedDomain.SHUT_OFF);

    rejects(Repair.remove(PERSISTENT, STRANGER));
  }

  @Test
  void aDiskThatHasComeToTheSameTargetIsAnother() {
    domain.put(strangers("/srv/y", "vdx", 7, "virtio-disk23"), LIVE);

    Mended mended = expect(Mended.class, mend(Repair.remove(LIVE, STRANGER)));

    assertThat(mended.changed()).isFalse();
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aGuestThatDoesNotAnswer() {
    domain.put(STRANGE, LIVE);
    domain.guestReleases = false;
    domain.status(ScriptedDomain.PAUSED);

    MendPending pending = expect(MendPending.class, mend(Repair.remove(LIVE, STRANGER)));

    assertThat(pending.waitingFor()).isEqualTo(WaitingFor.PAUSED_GUEST);
  }

  @ParameterizedTest
  @EnumSource(value = Kind.class)
  void aGhostIsEvicted(Kind kind) {
    ghost(kind == Kind.DEVICE);
    Ghost listed =
        kind == Kind.DEVICE ? GHOST : new Ghost(Optional.empty(), GHOST.nodes(), Optional.empty());

    Mended mended = expect(Mended.class, mend(Repair.evict(listed)));

    assertThat(mended.changed()).isTrue();
    assertThat(domain.qemuDevices).isEmpty();
    assertThat(domain.qemuNodes).isEmpty();
    assertThat(mended.observed().evicted()).endsWith("libvirt-4-format", "libvirt-4-storage");
    assertThat(expect(Mended.class, mend(Repair.evict(listed))).changed()).isFalse();
  }

  private enum Kind {
    DEVICE,
    NODE
  }

  @Test
  void aGhostOfTheSameNameWithAnotherSourceIsAnother() {
    ghost(true);
    Ghost other =
        new Ghost(
            GHOST.device(),
            GHOST.nodes(),
            Optional.of(new StorageSource("file", "/srv/quite-another.img", null, List.of())));

    expect(Rejected.class, mend(Repair.evict(other)));

    assertThat(domain.qemuNodes).hasSize(2);
  }

  @Test
  void anotherGhostIsLeftAlone() {
    ghost(true);

    Mended mended =
        expect(
            Mended.class,
            mend(
                Repair.evict(
                    new Ghost(
                        Optional.of("ua-other"), List.of("libvirt-5-format"), Optional.empty()))));

    assertThat(mended.changed()).isFalse();
    assertThat(domain.qemuNodes).hasSize(2);
    assertThat(domain.qemuDevices).hasSize(1);
  }

  @Test
  void whatAViewExplainsByNowIsNoGhost() {
    ghost(true);
    domain.put(
        strangers("/srv/ghost.img", "vdg", 9, "ua-ghost").replace("<source", "<source index='4'"),
        LIVE);

    Rejected rejected = rejects(Repair.evict(GHOST));

    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(domain.count(Call.CHANGE_QEMU)).isZero();
  }

  /** The disk shows in the XML that is read last, before the eviction. */
  @Test
  void theXmlIsReadOnceMoreBeforeTheEviction() {
    ghost(true);
    String shown =
        strangers("/srv/ghost.img", "vdg", 9, "ua-ghost").replace("<source", "<source index='4'");
    int[] readings = {0};
    domain.xmlAnswer =
        (view, usual) ->
            view == LIVE && ++readings[0] >= LAST_READING
                ? usual.replace("<controller type='scsi'", shown + "<controller type='scsi'")
                : usual;

    expect(Rejected.class, mend(Repair.evict(GHOST)));

    assertThat(readings[0]).isGreaterThanOrEqualTo(LAST_READING);
    assertThat(domain.count(Call.CHANGE_QEMU)).isZero();
  }

  @Test
  void anotherRunInTheXmlThatIsReadLastIsNoReasonToEvict() {
    ghost(true);
    int[] readings = {0};
    domain.xmlAnswer =
        (view, usual) ->
            view == LIVE && ++readings[0] >= LAST_READING
                ? usual.replace("id='1'", "id='" + readings[0] + "'")
                : usual;

    mend(Repair.evict(GHOST));

    assertThat(readings[0]).isGreaterThanOrEqualTo(LAST_READING);
    assertThat(domain.count(Call.CHANGE_QEMU)).isZero();
  }

  /** Three of the inspection, four of the eviction's own proof, and the one after it. */
  private static final int LAST_READING = 8;

  @Test
  void whileABlockJobRunsNothingIsEvicted() {
    ghost(false);
    domain.qemuJobs.add("{\"id\":\"copy\"}");

    Unavailable later =
        expect(
            Unavailable.class,
            mend(Repair.evict(new Ghost(Optional.empty(), GHOST.nodes(), Optional.empty()))));

    assertThat(later.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(domain.count(Call.CHANGE_QEMU)).isZero();
  }

  @Test
  void aGuestThatKeepsItsGhost() {
    ghost(true);
    domain.guestReleases = false;

    MendPending pending = expect(MendPending.class, mend(Repair.evict(GHOST)));

    assertThat(pending.waitingFor()).isEqualTo(WaitingFor.GUEST);
    assertThat(domain.qemuNodes).hasSize(2);
    assertThat(domain.subscribers()).isZero();
  }

  @Test
  void aSiteThatForbidsTheMonitorEvictsNothing() {
    ghost(true);
    Repaired repaired =
        expect(
            Repaired.class,
            executor(time, Proof.XML, domain)
                .repair(domain.ref(), RepairPolicy.NOTHING.with(Repair.evict(GHOST)), DEADLINE)
                .await());

    expect(Rejected.class, repaired.steps().get(0).outcome());
    assertThat(domain.count(Call.ASK_QEMU)).isZero();
  }

  @Test
  void aStaleNoteIsForgottenAndOneThatHoldsIsNot() {
    String note = "<d:unplug xmlns:d='" + UnplugAnnotations.namespace(ALIAS) + "' start='%s'/>";
    domain.put(PLACED, LIVE, PERSISTENT);
    domain.notes.put(UnplugAnnotations.namespace(ALIAS), note.formatted(1));
    expect(Rejected.class, mend(Repair.forget(ALIAS)));
    assertThat(domain.notes).hasSize(1);

    domain.notes.put(UnplugAnnotations.namespace(ALIAS), note.formatted(5));
    domain.status(new DomainStatus(RunState.RUNNING, StateReason.RESTORED, 1, true, false));
    expect(Rejected.class, mend(Repair.forget(ALIAS)));

    domain.status(ScriptedDomain.RUNNING);
    expect(Mended.class, mend(Repair.forget(ALIAS)));
    assertThat(domain.notes).isEmpty();
    assertThat(expect(Mended.class, mend(Repair.forget(ALIAS))).changed()).isFalse();

    domain.drop(LIVE, PERSISTENT);
    domain.notes.put(UnplugAnnotations.namespace(ALIAS), note.formatted(1));
    expect(Mended.class, mend(Repair.forget(ALIAS)));
    assertThat(domain.notes).isEmpty();
  }

  @Test
  void aStepThatFailsTakesNothingFromThoseBehindIt() {
    domain.put(PLACED.replace("<source", "<source index='1'"), LIVE);
    ghost(false);
    Repair impossible = Repair.remove(PERSISTENT, OURS);
    Repair evict = Repair.evict(new Ghost(Optional.empty(), GHOST.nodes(), Optional.empty()));

    Repaired repaired = repair(RepairPolicy.NOTHING.with(List.of(impossible, evict, impossible)));

    assertThat(repaired.steps()).hasSize(2);
    assertThat(repaired.isComplete()).isFalse();
    expect(Rejected.class, repaired.steps().get(0).outcome());
    expect(Mended.class, repaired.steps().get(1).outcome());
  }

  @Test
  void aStepThatWaitsForTheGuestLeavesTimeForThoseBehindIt() {
    domain.put(STRANGE, LIVE);
    domain.guestReleases = false;
    FileDisk second = new FileDisk("pvc-2", Path.of("/srv/two.img"), DiskOptions.DEFAULTS);
    String other = placed(second, "vdb", 5);
    domain.put(other, LIVE);

    Repaired repaired =
        repair(
            RepairPolicy.NOTHING.with(
                List.of(
                    Repair.remove(LIVE, STRANGER),
                    Repair.add(PERSISTENT, DomainXmlReader.readDisk(other)))));

    expect(MendPending.class, repaired.steps().get(0).outcome());
    expect(Mended.class, repaired.steps().get(1).outcome());
    assertThat(domain.disks(PERSISTENT)).hasSize(1);
    assertThat(domain.subscribers()).isZero();
  }

  @Test
  void theDeadlineLeavesTheRestNotBegun() {
    domain.put(PLACED, LIVE);
    domain.next(Call.ATTACH, effect -> time.pass(DEADLINE.plusSeconds(1)));

    Repaired repaired =
        repair(
            RepairPolicy.NOTHING.with(
                List.of(Repair.add(PERSISTENT, OURS), Repair.remove(LIVE, STRANGER))));

    expect(Indeterminate.class, repaired.steps().get(0).outcome());
    assertThat(expect(Unavailable.class, repaired.steps().get(1).outcome()).reason())
        .isEqualTo(Unavailable.Reason.NOT_BEGUN);
  }

  @Test
  void aCallThatReturnsAfterTheDeadlineIsToldInItsStep() {
    domain.put(PLACED, LIVE);
    domain.next(Call.ATTACH, effect -> time.pass(DEADLINE.plusSeconds(1)));

    // The clock has passed the deadline when the call is back.
    Indeterminate unknown = expect(Indeterminate.class, mend(Repair.add(PERSISTENT, OURS)));

    assertThat(unknown.reason()).isEqualTo(Indeterminate.Reason.DEADLINE);
  }

  @Test
  void anUnknownDomain() {
    expect(
        Rejected.class,
        executor.repair(DomainRef.name("nobody"), RepairPolicy.NOTHING, DEADLINE).await());
  }

  @Test
  void closingEndsIt() {
    domain.put(STRANGE, LIVE);
    domain.guestReleases = false;
    time.at(DEADLINE.dividedBy(2), executor::close);

    Indeterminate closed = expect(Indeterminate.class, mend(Repair.remove(LIVE, STRANGER)));

    assertThat(closed.reason()).isEqualTo(Indeterminate.Reason.CLOSED);
  }

  /** Whether it is asked for as a volume or as a disk that was listed. */
  @Test
  void whatARemovalHasAskedForIsNotAttachedMeanwhile() {
    String strange =
        strangers("/srv/one.img", "vdx", 7, "virtio-disk23")
            .replace("</disk>", "<serial>" + DISK.volumeId() + "</serial></disk>");
    domain.put(strange, LIVE);
    domain.guestReleases = false;
    expect(MendPending.class, mend(Repair.remove(LIVE, DomainXmlReader.readDisk(strange))));

    assertThat(
            expect(Unavailable.class, executor.attach(domain.ref(), DISK, DEADLINE).await())
                .reason())
        .isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
  }

  @Test
  void whatADetachHasAskedForIsNotAddedMeanwhileNorAskedForAgain() {
    String strange =
        strangers("/srv/one.img", "vdx", 7, "virtio-disk23")
            .replace("</disk>", "<serial>" + DISK.volumeId() + "</serial></disk>");
    Disk disk = DomainXmlReader.readDisk(strange);
    domain.put(strange, LIVE);
    domain.guestReleases = false;
    expect(Pending.class, executor.detach(domain.ref(), DISK.volume(), DEADLINE).await());
    long asked = domain.count(Call.DETACH);

    expect(Unavailable.class, mend(Repair.add(PERSISTENT, disk)));
    expect(MendPending.class, mend(Repair.remove(LIVE, disk)));

    assertThat(domain.count(Call.DETACH)).isEqualTo(asked);
    assertThat(domain.disks(PERSISTENT)).isEmpty();
  }

  /** Two disks would write to one image. */
  @Test
  void whatLiesBelowAnotherDiskIsNotPlugged() {
    domain.put(PLACED, PERSISTENT);
    domain.put(
        strangers("/srv/overlay", "vdx", 7, "virtio-disk23")
            .replace(
                "</disk>",
                "<backingStore type='file'><source file='/srv/one.img'/></backingStore></disk>"),
        LIVE);

    assertThat(rejects(Repair.add(LIVE, OURS)).explanation()).contains("vdx");
    Repaired repaired = repair(ADDING);
    assertThat(repaired.isComplete()).isFalse();
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aTransientDiskIsNotAdded() {
    domain.put(STRANGE.replace("</disk>", "<transient/></disk>"), LIVE);

    assertThat(rejects(Repair.add(PERSISTENT, STRANGER)).explanation()).contains("transient");
  }

  @Test
  void aSourceWithCookiesIsNotAdded() {
    String web =
        "<disk type='network' device='disk'><source protocol='https' name='i.img'><host"
            + " name='web'/></source><target dev='vdw' bus='virtio'/><alias name='virtio-disk22'/>"
            + "<address type='pci' bus='0x00' slot='0x08' function='0x0'/></disk>";
    domain.put(web, LIVE);

    assertThat(rejects(Repair.add(PERSISTENT, DomainXmlReader.readDisk(web))).explanation())
        .contains("cookies");
  }

  @Test
  void anEmptyDriveIsNeitherAddedNorRemoved() {
    String drive =
        "<disk type='file' device='cdrom'><target dev='sda' bus='scsi'/><alias name='scsi0-0'/>"
            + "</disk>";
    domain.put(drive, LIVE);

    assertThat(rejects(Repair.remove(LIVE, DomainXmlReader.readDisk(drive))).reason())
        .isEqualTo(Rejected.Reason.BAD_REQUEST);
  }

  @Test
  void whatIsInBothViewsAtTwoPlacesIsNoLeftover() {
    domain.put(STRANGE, LIVE);
    domain.put(strangers("/srv/x", "vdx", 9, ""), PERSISTENT);

    assertThat(rejects(Repair.remove(LIVE, STRANGER)).explanation()).contains("vdx");
  }

  @Test
  void whatTheOtherViewHasInAnotherWayIsNotMended() {
    domain.put(STRANGE, LIVE);
    domain.put(
        strangers("/srv/x", "vdx", 7, "").replace("</disk>", "<readonly/></disk>"), PERSISTENT);

    assertThat(rejects(Repair.add(PERSISTENT, STRANGER)).differences()).hasSize(1);
  }

  @Test
  void aCallThatHangsIsToldInItsStepAndEndsTheOthers() {
    domain.put(PLACED, PERSISTENT);
    CountDownLatch returns = new CountDownLatch(1);
    domain.next(Call.ATTACH, hangs(returns));
    RepairPolicy policy =
        RepairPolicy.NOTHING.with(List.of(Repair.add(LIVE, OURS), Repair.remove(LIVE, STRANGER)));
    try (Executor real = executor(Scheduler.threads(2), domain)) {
      Repaired repaired = expect(Repaired.class, real.repair(domain.ref(), policy, SHORT).await());

      assertThat(expect(Indeterminate.class, repaired.steps().get(0).outcome()).reason())
          .isEqualTo(Indeterminate.Reason.CALL_OUTSTANDING);
      assertThat(expect(Unavailable.class, repaired.steps().get(1).outcome()).reason())
          .isEqualTo(Unavailable.Reason.CALL_OUTSTANDING);
    } finally {
      returns.countDown();
    }
  }

  @Test
  void anInspectionThatHangsIsTheWholeOutcome() {
    CountDownLatch returns = new CountDownLatch(1);
    domain.next(Call.READ_XML, hangs(returns));
    try (Executor real = executor(Scheduler.threads(2), domain)) {
      expect(Unavailable.class, real.repair(domain.ref(), RepairPolicy.NOTHING, SHORT).await());
    } finally {
      returns.countDown();
    }
  }

  @Test
  void anInterruptEndsTheStepUnderWay() throws Exception {
    domain.put(STRANGE, LIVE);
    domain.guestReleases = false;
    RepairPolicy policy = RepairPolicy.NOTHING.with(Repair.remove(LIVE, STRANGER));
    try (Executor real = executor(Scheduler.threads(2), domain)) {
      Worker<RepairOutcome> worker =
          Worker.start(() -> real.repair(domain.ref(), policy, DEADLINE.multipliedBy(10)).await());
      await().until(() -> domain.count(Call.DETACH) == 1);
      worker.interrupt();

      Repaired repaired = expect(Repaired.class, worker.result());
      assertThat(expect(Indeterminate.class, repaired.steps().get(0).outcome()).reason())
          .isEqualTo(Indeterminate.Reason.INTERRUPTED);
      assertThat(worker.leftInterrupted()).isTrue();
      assertThat(domain.subscribers()).isZero();
    }
  }

  private static final Duration SHORT = Duration.ofMillis(500);

  /** The only way to remove a disk of another tool that was not adopted. */
  @Test
  void aDiskThatIsNamedIsDetachedWhoeversItIs() {
    domain.put(STRANGE, LIVE);
    domain.put(strangers("/srv/x", "vdx", 7, ""), PERSISTENT);
    domain.put(strangers("/srv/y", "vdy", 8, ""), PERSISTENT);

    expect(Mended.class, mend(Repair.detach(STRANGER)));

    assertThat(domain.changes())
        .containsExactly("DETACH virtio-disk23 [LIVE]", "DETACH vdx [PERSISTENT]");
    assertThat(domain.disks(PERSISTENT)).singleElement().asString().contains("/srv/y");
    assertThat(domain.disks(LIVE)).isEmpty();
  }

  @Test
  void aDiskOfATransientDomainIsDetachedByName() {
    domain.status(ScriptedDomain.TRANSIENT);
    domain.put(STRANGE, LIVE);

    expect(Mended.class, mend(Repair.detach(STRANGER)));

    assertThat(domain.disks(LIVE)).isEmpty();
  }

  /** Another disk has come to the target dev since. */
  @Test
  void aDiskThatIsNotTheOneThatWasNamedStays() {
    domain.put(strangers("/srv/y", "vdx", 7, "virtio-disk23"), LIVE);

    expect(Mended.class, mend(Repair.detach(STRANGER)));

    assertThat(domain.changes()).isEmpty();
    assertThat(domain.disks(LIVE)).hasSize(1);
  }
}
