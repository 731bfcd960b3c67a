// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.SimulatedSite.LONGER;
import static io.diskplug.internal.exec.SimulatedSite.attach;
import static io.diskplug.internal.exec.SimulatedSite.detach;
import static io.diskplug.internal.exec.SimulatedSite.plugOrphans;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.coordination.UnplugAnnotations;
import io.diskplug.internal.coordination.UnplugPolicy;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Repaired;
import io.diskplug.outcome.Unavailable;
import io.diskplug.sim.GuestBehaviour;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is still to come of an unplug when the device is gone, and hits what has its place. */
class SlotQuarantineTest {

  private static final FileDisk ONE = SimulatedSite.disk("one");
  private static final FileDisk TWO = SimulatedSite.disk("two");
  private static final FileDisk THREE = SimulatedSite.disk("three");
  private static final PciAddress FIRST = PciAddress.of(0, 3);
  private static final PciAddress SECOND = PciAddress.of(0, 4);
  private static final PciAddress THIRD = PciAddress.of(0, 5);
  private static final Duration SHORT = Duration.ofSeconds(2);

  /** More than requests make before their deadline. */
  private static final int MANY = 1000;

  private final SimulatedSite site = new SimulatedSite();
  private final SteppedTime time = site.time;
  private final SimulatedHost host = site.host;

  private static void detachLater(Executor process, SimulatedDomain domain, FileDisk disk) {
    expect(Pending.class, process.detach(domain.ref(), disk.volume(), SHORT).await());
  }

  /** The guest has released it since. */
  private static void isGone(Executor process, SimulatedDomain domain, FileDisk disk) {
    expect(AlreadyDetached.class, process.detach(domain.ref(), disk.volume(), LONGER).await());
  }

  private void bothAreAsked(Executor process, SimulatedDomain domain) {
    attach(process, domain, ONE);
    attach(process, domain, TWO);
    domain.guest(GuestBehaviour.RELEASES_LATE);
    detachLater(process, domain, ONE);
    // Before, the guest is not asked for the next one.
    time.pass(UnplugPolicy.KEEPS_OTHER_UNPLUGS);
    detachLater(process, domain, TWO);
  }

  /** Both are asked for before either is released: the guest ejects the slot of one twice. */
  private SimulatedDomain twoAreReleased(Executor process) {
    return twoAreReleased(process, host.definePc("pc").start());
  }

  private SimulatedDomain twoAreReleased(Executor process, SimulatedDomain domain) {
    bothAreAsked(process, domain);
    domain.guest(GuestBehaviour.RELEASES);
    domain.answerUnplugs();
    assertThat(domain.disks(View.LIVE)).isEmpty();
    return domain;
  }

  /** What the simulator does, and the lab. */
  @Test
  void whatIsPluggedIntoSuchASlotIsEjected() throws FaultException {
    try (Executor process = site.process();
        HypervisorPort connection = host.connect("another tool")) {
      SimulatedDomain domain = twoAreReleased(process);
      connection
          .lookup(domain.ref())
          .attachDevice(placed(THREE, "vda", FIRST.slot()), EnumSet.of(View.LIVE));

      time.pass(LONGER);

      assertThat(domain.disks(View.LIVE)).isEmpty();
      assertThat(domain.lostDevices()).containsOnlyKeys(THREE.volume().identity().alias());
    }
  }

  @Test
  void anAttachGoesElsewhere() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = twoAreReleased(process);

      assertThat(attach(process, domain, THREE)).isEqualTo(THIRD);
      site.nothingIsLost(domain);
    }
  }

  @Test
  void aPlanSaysWhereAnAttachGoes() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = twoAreReleased(process);
      // It has to see that they are gone.
      expect(Inspected.class, process.inspect(domain.ref(), LONGER).await());

      Planned planned =
          expect(Planned.class, process.plan(domain.ref(), List.of(THREE), LONGER).await());

      assertThat(((DiskPlan.Attach) planned.disks().get(0)).placement().address()).isEqualTo(THIRD);
      assertThat(((DiskPlan.Attach) planned.disks().get(0)).placement().skipped())
          .filteredOn(skipped -> skipped.startsWith(FIRST + ": "))
          .singleElement()
          .asString()
          .contains("freed a moment ago");
    }
  }

  @Test
  void afterHalfAMinuteTheSlotIsLikeAnyOther() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = twoAreReleased(process);
      for (FileDisk disk : List.of(ONE, TWO)) {
        isGone(process, domain, disk);
      }
      time.pass(Duration.ofSeconds(31));

      assertThat(attach(process, domain, THREE)).isEqualTo(FIRST);
      site.nothingIsLost(domain);
    }
  }

  /** A power cycle empties the guest's queue. */
  @Test
  void afterAPowerCycleTheSlotIsLikeAnyOther() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = twoAreReleased(process);
      domain.destroy();
      domain.start();

      assertThat(attach(process, domain, THREE)).isEqualTo(FIRST);
      site.nothingIsLost(domain);
    }
  }

  @Test
  void aSlotThatAnotherToolHasFreedIsLeftAloneToo() throws FaultException {
    try (Executor process = site.process();
        HypervisorPort connection = host.connect("another tool")) {
      SimulatedDomain domain = host.definePc("pc").start();
      attach(process, domain, ONE);
      connection
          .lookup(domain.ref())
          .detachDeviceByAlias(ONE.volume().identity().alias(), EnumSet.allOf(View.class));

      assertThat(attach(process, domain, TWO)).isEqualTo(SECOND);
    }
  }

  /** An inspection counts as having looked, for it may be the only look before. */
  @Test
  void aSlotWhoseDeviceAnInspectionHasSeenIsLeftAloneToo() throws FaultException {
    try (Executor process = site.process();
        Executor another = site.process();
        HypervisorPort connection = host.connect("another tool")) {
      SimulatedDomain domain = host.definePc("pc").start();
      attach(another, domain, ONE);
      attach(another, domain, TWO);
      assertThat(process.inspect(domain.ref(), LONGER).await()).isInstanceOf(Inspected.class);
      DomainHandle tool = connection.lookup(domain.ref());
      domain.guest(GuestBehaviour.RELEASES_LATE);
      for (FileDisk disk : List.of(ONE, TWO)) {
        tool.detachDeviceByAlias(disk.volume().identity().alias(), EnumSet.allOf(View.class));
      }
      domain.guest(GuestBehaviour.RELEASES);
      domain.answerUnplugs();

      attach(process, domain, THREE);

      site.time.pass(Duration.ofSeconds(10));
      site.nothingIsLost(domain);
    }
  }

  /** Nobody else is about to go: the guest has nothing to eject twice. */
  @Test
  void theOnlyPlaceIsUsedWhenTheGuestHasNothingElseToDo() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = host.defineQ35("q35", 1).start();
      DeviceAddress only = attach(process, domain, ONE);
      detach(process, domain, ONE);

      assertThat(attach(process, domain, TWO)).isEqualTo(only);
      site.nothingIsLost(domain);
    }
  }

  @Test
  void theOnlyPlaceIsLeftAloneWhileTheGuestWorksOnOthers() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = host.defineQ35("q35", 2).start();
      oneOfTwoIsReleased(process, domain);

      Unavailable outcome =
          expect(Unavailable.class, process.attach(domain.ref(), THREE, SHORT).await());

      assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
      assertThat(domain.disks(View.PERSISTENT)).isEmpty();
    }
  }

  @Test
  void ofPlacesThatWereAllFreedTheOneThatIsSafeIsTaken() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = host.defineQ35("q35", 2).start();
      attach(process, domain, ONE);
      DeviceAddress freedFirst = attach(process, domain, TWO);
      detach(process, domain, TWO);
      time.pass(Duration.ofSeconds(5));
      detach(process, domain, ONE);
      long before = time.nanoTime();

      assertThat(attach(process, domain, THREE)).isEqualTo(freedFirst);

      assertThat(Duration.ofNanos(time.nanoTime() - before)).isLessThan(Duration.ofMillis(500));
      site.nothingIsLost(domain);
    }
  }

  /** The guest ejects it behind what it was asked for before, and not behind what comes later. */
  @Test
  void whatIsAskedForLaterDoesNotConcernASlotThatWasFreedBefore() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = host.defineQ35("q35", 2).start();
      DeviceAddress freed = attach(process, domain, ONE);
      attach(process, domain, TWO);
      detach(process, domain, ONE);
      domain.guest(GuestBehaviour.RELEASES_LATE);
      detachLater(process, domain, TWO);

      assertThat(attach(process, domain, THREE)).isEqualTo(freed);

      domain.guest(GuestBehaviour.RELEASES);
      domain.answerUnplugs();
      site.nothingIsLost(domain);
    }
  }

  @Test
  void theOnlyPlacesAreLeftAloneForAMoment() {
    SimulatedDomain domain = host.defineQ35("q35", 2).start();
    try (Executor before = site.process()) {
      twoAreReleased(before, domain);
    }
    try (Executor process = site.process()) {
      attach(process, domain, THREE);
      attach(process, domain, ONE);

      site.nothingIsLost(domain);
      assertThat(domain.disks(View.LIVE)).hasSize(2);
    }
  }

  /** The disk comes back to the slot that the live view has lost it from. */
  @Test
  void aRepairLeavesTheSlotAloneForAMoment() {
    SimulatedDomain domain = host.defineQ35("q35", 2).start();
    try (Executor process = site.process()) {
      oneIsLeftInThePersistentView(process, domain);
      domain.guest(GuestBehaviour.RELEASES);

      Repaired repaired = plugOrphans(process, domain);

      assertThat(repaired.steps()).hasSize(1);
      site.nothingIsLost(domain);
      assertThat(domain.disks(View.LIVE)).hasSize(1);
      // A note of its own would say that it is to go.
      expect(AlreadyAttached.class, process.attach(domain.ref(), ONE, LONGER).await());
    }
  }

  private void oneIsLeftInThePersistentView(Executor process, SimulatedDomain domain) {
    attach(process, domain, ONE);
    attach(process, domain, TWO);
    domain.guest(GuestBehaviour.RELEASES_LATE);
    // The configuration is not saved: the disk is in the persistent view when it has gone.
    domain.failSaves(true);
    Object unused = process.detach(domain.ref(), ONE.volume(), SHORT).await();
    domain.failSaves(false);
    time.pass(UnplugPolicy.KEEPS_OTHER_UNPLUGS);
    detachLater(process, domain, TWO);
  }

  @Test
  void aDetachDoesNotWaitBeyondItsDeadline() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = oneIsPluggedWhileAnotherIsReleased(process);
      Duration tooShort = Duration.ofMillis(1500);

      expect(AlreadyDetached.class, process.detach(domain.ref(), ONE.volume(), tooShort).await());

      assertThat(domain.notes()).hasSize(1);
      Inspected inspected = expect(Inspected.class, process.inspect(domain.ref(), LONGER).await());
      assertThat(inspected.unplugs().get(0).freedSlot()).contains(FIRST);
      assertThat(inspected.isClean()).isTrue();
      isGone(process, domain, ONE);
      assertThat(domain.notes()).isEmpty();
    }
  }

  /** Its own note would mean that it is to go. */
  @Test
  void theSlotOfAVolumeThatIsPluggedAgainStaysNoted() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      bothAreAsked(process, domain);
      domain.answerUnplug(ONE.volume().identity().alias());

      assertThat(attach(process, domain, ONE)).isEqualTo(THIRD);
    }
    try (Executor another = site.process()) {
      assertThat(attach(another, domain, THREE)).isNotEqualTo(FIRST);
      assertThat(domain.notes()).hasSize(2);
      domain.guest(GuestBehaviour.RELEASES);
      isGone(another, domain, TWO);

      assertThat(domain.notes()).isEmpty();
      site.nothingIsLost(domain);
    }
  }

  /** The last unplug has ended, and has looked for notes, before the one of the slot is written. */
  @Test
  void theNoteOfASlotThatComesBehindTheLastUnplugIsTakenAwayByTheAttach() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      bothAreAsked(process, domain);
      domain.answerUnplug(ONE.volume().identity().alias());
      host.onceAt(Call.NOTE, Moment.BEFORE, () -> theLastUnplugEnds(domain));

      assertThat(attach(process, domain, ONE)).isEqualTo(THIRD);

      assertThat(domain.notes()).isEmpty();
      site.nothingIsLost(domain);
    }
  }

  /** What the guest may still eject it ejects when it is resumed, whenever that is. */
  @Test
  void aGuestThatIsPausedKeepsBackNoAttachThatIsDone() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      bothAreAsked(process, domain);
      domain.answerUnplug(ONE.volume().identity().alias());
      host.onceAt(
          Call.NOTE,
          Moment.AFTER,
          () -> {
            domain.guest(GuestBehaviour.RELEASES);
            domain.answerUnplugs();
            host.onceAt(Call.ATTACH, Moment.AFTER, domain::suspend);
          });
      long start = time.nanoTime();

      assertThat(attach(process, domain, ONE)).isEqualTo(THIRD);

      assertThat(Duration.ofNanos(time.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  /** The next request takes it away. */
  @Test
  void aNoteThatCannotBeTakenAwayKeepsNoResultBack() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      bothAreAsked(process, domain);
      domain.answerUnplug(ONE.volume().identity().alias());
      host.onceAt(
          Call.NOTE,
          Moment.BEFORE,
          () -> {
            theLastUnplugEnds(domain);
            host.onceAt(Call.ATTACH, Moment.AFTER, this::notesFail);
          });

      assertThat(attach(process, domain, ONE)).isEqualTo(THIRD);

      assertThat(domain.notes()).isNotEmpty();
    }
  }

  private void notesFail() {
    for (int i = 0; i < MANY; i++) {
      host.failNext(Call.NOTE, Moment.BEFORE, 68, "cannot acquire state change lock");
    }
  }

  /** Its request takes away all notes, and ends. */
  private static void theLastUnplugEnds(SimulatedDomain domain) {
    domain.guest(GuestBehaviour.RELEASES);
    domain.answerUnplugs();
    theNotesAreTakenAway(domain);
  }

  private static void theNotesAreTakenAway(SimulatedDomain domain) {
    Set<View> live = EnumSet.of(View.LIVE);
    Set.copyOf(domain.notes().keySet()).forEach(note -> domain.note(note, null, live));
  }

  @Test
  void soIsTheNoteThatARepairWrites() {
    SimulatedDomain domain = host.defineQ35("q35", 2).start();
    try (Executor process = site.process()) {
      oneIsLeftInThePersistentView(process, domain);
      domain.answerUnplug(ONE.volume().identity().alias());
      // The slot is seen to be free, and is safe after half a minute.
      isGone(process, domain, THREE);
      time.pass(Duration.ofSeconds(31));
      host.onceAt(Call.NOTE, Moment.BEFORE, () -> theNotesAreTakenAway(domain));

      assertThat(plugOrphans(process, domain).steps()).hasSize(1);

      assertThat(domain.notes()).isEmpty();
      site.nothingIsLost(domain);
    }
  }

  @Test
  void aNoteThatOthersNeedIsNotForgotten() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      oneOfTwoIsReleased(process, domain);
      Inspected inspected = expect(Inspected.class, process.inspect(domain.ref(), LONGER).await());
      Repair forget =
          inspected.unplugs().stream()
              .filter(unplug -> unplug.freedSlot().isPresent())
              .map(unplug -> Repair.forget(unplug.key()))
              .findFirst()
              .orElseThrow();

      Object unused =
          process.repair(domain.ref(), RepairPolicy.NOTHING.with(List.of(forget)), LONGER).await();

      assertThat(domain.notes()).hasSize(2);
    }
  }

  private void oneOfTwoIsReleased(Executor process, SimulatedDomain domain) {
    bothAreAsked(process, domain);
    domain.answerUnplug(ONE.volume().identity().alias());
    isGone(process, domain, ONE);
  }

  @Test
  void aProcessThatKnowsNothingOfItIsToldByTheNote() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor before = site.process()) {
      oneOfTwoIsReleased(before, domain);
    }
    try (Executor process = site.process()) {
      assertThat(attach(process, domain, THREE)).isEqualTo(THIRD);
      site.nothingIsLost(domain);
    }
  }

  /** What the guest has yet to do is saved with it. */
  @Test
  void soIsAProcessThatComesAfterTheGuestWasSavedAndRestored() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor before = site.process()) {
      oneOfTwoIsReleased(before, domain);
      domain.note(
          UnplugAnnotations.namespace(THIRD),
          "<unplug start='1' bus='0' slot='5'/>",
          EnumSet.of(View.LIVE));
      domain.managedSave();
      domain.start();
    }
    try (Executor process = site.process()) {
      assertThat(attach(process, domain, THREE)).isEqualTo(PciAddress.of(0, 6));
      assertThat(domain.notes()).hasSize(3);
    }
  }

  /** The guest ejects the slot of the first once more, behind the disk that was plugged. */
  private SimulatedDomain oneIsPluggedWhileAnotherIsReleased(Executor process) {
    SimulatedDomain domain = host.definePc("pc").start();
    attach(process, domain, ONE);
    domain.guest(GuestBehaviour.RELEASES_LATE);
    detachLater(process, domain, ONE);
    attach(process, domain, TWO);
    domain.guest(GuestBehaviour.RELEASES);
    return domain;
  }

  private void soon(Runnable happens) {
    time.at(Duration.ofNanos(time.nanoTime()).plusMillis(100), happens);
  }

  /** Where another process plugs a disk while the next request waits. */
  private List<DeviceAddress> anotherAttachesSoon(SimulatedDomain domain) {
    List<DeviceAddress> places = new ArrayList<>();
    soon(
        () -> {
          try (Executor another = site.process()) {
            places.add(attach(another, domain, THREE));
          }
        });
    return places;
  }

  /** A request that has its result, and only waits to take notes away, does not lose it. */
  @Test
  void whatWasProvenIsAnsweredIfTheNotesCannotBeTakenAway() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = oneIsPluggedWhileAnotherIsReleased(process);
      boolean[] happened = {false};
      soon(
          () -> {
            happened[0] = true;
            notesFail();
          });

      isGone(process, domain, ONE);

      assertThat(happened).containsExactly(true);
    }
  }

  private void pluggedByAnotherTool(SimulatedDomain domain, FileDisk disk) {
    try (HypervisorPort tool = host.connect("another tool")) {
      tool.lookup(domain.ref()).attachDevice(placed(disk, "vdz", 9), EnumSet.allOf(View.class));
    } catch (FaultException e) {
      throw new IllegalStateException(e);
    }
  }

  /** It waits for an eviction until its deadline, with a disk that came back. */
  @Test
  void whatWasProvenIsNotAnsweredIfTheDiskIsBackMeanwhile() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = oneIsPluggedWhileAnotherIsReleased(process);
      soon(
          () -> {
            domain.note(
                "urn:diskplug:evict:ua-dp-ghost:another",
                "<evict start='1' serial='1' devices='" + TWO.volume().identity().alias() + "'/>",
                EnumSet.of(View.LIVE));
            pluggedByAnotherTool(domain, ONE);
          });

      DetachOutcome outcome =
          process.detach(domain.ref(), ONE.volume(), Duration.ofSeconds(4)).await();

      assertThat(expect(Pending.class, outcome).waitingFor())
          .isEqualTo(Pending.WaitingFor.EARLIER_UNPLUG);
    }
  }

  @Test
  void aDetachWaitsForTheGuestThatWasToldOfANewDisk() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = oneIsPluggedWhileAnotherIsReleased(process);
      List<DeviceAddress> places = anotherAttachesSoon(domain);

      isGone(process, domain, ONE);

      assertThat(places).containsExactly(THIRD);
      assertThat(domain.notes()).isEmpty();
      site.nothingIsLost(domain);
    }
  }

  /** The note is needed when the round begins, and not when QEMU has answered. */
  @Test
  void aNoteThatIsNotNeededByTheTimeThatQemuAnswersIsTakenAway() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = oneIsPluggedWhileAnotherIsReleased(process);
      host.onceAt(Call.ASK_QEMU, Moment.BEFORE, () -> time.pass(Duration.ofSeconds(2)));

      isGone(process, domain, ONE);

      assertThat(domain.notes()).isEmpty();
    }
  }

  @Test
  void anAttachOfTheSameVolumeWaitsForTheGuestToo() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = oneIsPluggedWhileAnotherIsReleased(process);

      assertThat(attach(process, domain, ONE)).isEqualTo(THIRD);

      assertThat(domain.notes()).isEmpty();
      site.nothingIsLost(domain);
    }
  }

  @Test
  void theNotesOfAllAreTakenAwayWithTheLast() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      oneOfTwoIsReleased(process, domain);
      assertThat(domain.notes()).hasSize(2);
      domain.answerUnplugs();

      isGone(process, domain, TWO);

      assertThat(domain.notes()).isEmpty();
    }
  }

  @Test
  void theNotesOfAllAreTakenAwayWithTheLastThatIsAttachedAgain() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      oneOfTwoIsReleased(process, domain);
      domain.answerUnplugs();

      attach(process, domain, TWO);

      assertThat(domain.notes()).isEmpty();
    }
  }

  /** The guest was told of it all the same. */
  @Test
  void aDiskThatHasComeAndGoneMeanwhileCounts() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      attach(process, domain, ONE);
      domain.guest(GuestBehaviour.RELEASES_LATE);
      detachLater(process, domain, ONE);
      attach(process, domain, TWO);
      time.pass(UnplugPolicy.KEEPS_OTHER_UNPLUGS);
      detachLater(process, domain, TWO);
      domain.guest(GuestBehaviour.RELEASES);
      domain.answerUnplugs();

      List<DeviceAddress> places = anotherAttachesSoon(domain);
      isGone(process, domain, ONE);

      assertThat(places).hasSize(1).doesNotContain(FIRST);
      site.nothingIsLost(domain);
    }
  }

  /** It was made when the domain had just been started anew. */
  @Test
  void theNoteOfASlotInAnEarlierStartIsTakenAway() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      attach(process, domain, ONE);
      domain.note(
          UnplugAnnotations.namespace(FIRST),
          "<unplug start='99' bus='0' slot='3'/>",
          EnumSet.of(View.LIVE));

      expect(AlreadyAttached.class, process.attach(domain.ref(), ONE, LONGER).await());

      assertThat(domain.notes()).isEmpty();
    }
  }

  /** It was in no slot. */
  @Test
  void theNoteOfAScsiDiskDoesNotStay() {
    FileDisk scsi =
        new FileDisk("pvc-scsi", Path.of("/srv/scsi"), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      attach(process, domain, ONE);
      attach(process, domain, scsi);
      domain.guest(GuestBehaviour.RELEASES_LATE);
      detachLater(process, domain, ONE);

      detach(process, domain, scsi);

      assertThat(domain.notes()).hasSize(1);
    }
  }
}
