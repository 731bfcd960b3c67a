// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.SimulatedSite.LONGER;
import static io.diskplug.internal.exec.SimulatedSite.attach;
import static io.diskplug.internal.exec.SimulatedSite.detach;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.coordination.OneUnplug;
import io.diskplug.internal.coordination.UnplugPolicy;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Pending.WaitingFor;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest is asked for one disk at a time, where it learns of them by ACPI. */
class OneUnplugTest {

  private static final FileDisk ONE = SimulatedSite.disk("one");
  private static final FileDisk TWO = SimulatedSite.disk("two");
  private static final FileDisk THREE = SimulatedSite.disk("three");
  private static final Duration SHORT = Duration.ofSeconds(2);

  private final SimulatedSite site = new SimulatedSite();
  private final SteppedTime time = site.time;
  private final SimulatedHost host = site.host;

  private static String device(FileDisk disk) {
    return disk.volume().identity().alias();
  }

  private static Pending pending(Executor process, SimulatedDomain domain, FileDisk disk) {
    return expect(Pending.class, process.detach(domain.ref(), disk.volume(), SHORT).await());
  }

  /** A running domain whose guest was asked for the first of two disks and keeps it. */
  private static SimulatedDomain firstIsAsked(Executor process, SimulatedDomain domain) {
    attach(process, domain, ONE);
    attach(process, domain, TWO);
    domain.guest(GuestBehaviour.RELEASES_LATE);
    assertThat(pending(process, domain, ONE).waitingFor()).isEqualTo(WaitingFor.GUEST);
    assertThat(domain.unplugsAsked()).containsOnly(device(ONE));
    return domain;
  }

  private static void secondHasToWait(Executor process, SimulatedDomain domain) {
    Pending pending = pending(process, domain, TWO);

    assertThat(pending.waitingFor()).isEqualTo(WaitingFor.EARLIER_UNPLUG);
    assertThat(pending.observed().attempts().orElseThrow().advice())
        .contains("/srv/one", device(ONE));
    assertThat(domain.unplugsAsked()).containsOnly(device(ONE));
    assertThat(domain.disks(View.PERSISTENT)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theNextDiskWaitsAndNamesTheOneInTheWay(boolean onPc) {
    try (Executor process = site.process()) {
      SimulatedDomain domain = onPc ? host.definePc("pc") : host.defineQ35("q35", 3);
      firstIsAsked(process, domain.start());

      secondHasToWait(process, domain);
    }
  }

  @Test
  void itWaitsForTheRequestOfAnotherProcessToo() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process();
        Executor another = site.process()) {
      firstIsAsked(process, domain);

      secondHasToWait(another, domain);
    }
  }

  /** The note tells of it. */
  @Test
  void itWaitsForTheRequestOfAProcessThatHasDied() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      firstIsAsked(process, domain);
    }
    try (Executor another = site.process()) {
      secondHasToWait(another, domain);
    }
  }

  @Test
  void itIsAskedForWhenTheFirstIsGone() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = firstIsAsked(process, host.definePc("pc").start());
      time.at(
          Duration.ofNanos(time.nanoTime()).plusSeconds(3),
          () -> {
            domain.guest(GuestBehaviour.RELEASES);
            domain.answerUnplugs();
          });

      detach(process, domain, TWO);

      assertThat(domain.disks(View.LIVE)).isEmpty();
      site.nothingIsLost(domain);
    }
  }

  /** The guest has missed the first; the news of the second one makes it look at both. */
  @Test
  void aGuestThatAnswersNothingKeepsTheOthersForHalfAMinute() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process();
        Executor another = site.process()) {
      firstIsAsked(process, domain);
      secondHasToWait(another, domain);
      time.pass(Duration.ofSeconds(30));

      assertThat(pending(another, domain, TWO).waitingFor()).isEqualTo(WaitingFor.GUEST);

      assertThat(domain.unplugsAsked()).containsOnly(device(ONE), device(TWO));
    }
  }

  /** A repetition can be news to the guest, too, and makes it eject the other slot twice. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRepetitionWaitsForTheOtherDiskForHalfAMinute(boolean attaches) {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process();
        Executor another = site.process()) {
      firstIsAsked(process, domain);
      time.pass(Duration.ofSeconds(57));
      secondIsAsked(another, domain);
      time.pass(Duration.ofSeconds(4));

      // A minute after the first request, which is when it is due.
      repeat(process, domain, attaches, Duration.ofSeconds(20));
      assertThat(asked(domain, ONE)).isEqualTo(1);

      repeat(process, domain, attaches, Duration.ofSeconds(20));
      assertThat(asked(domain, ONE)).as("after half a minute").isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRepetitionIsMadeWhenTheOtherDiskIsGone(boolean attaches) {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process();
        Executor another = site.process()) {
      firstIsAsked(process, domain);
      time.pass(Duration.ofSeconds(57));
      secondIsAsked(another, domain);
      time.pass(Duration.ofSeconds(4));
      time.at(
          Duration.ofNanos(time.nanoTime()).plusSeconds(2),
          () -> {
            assertThat(asked(domain, ONE)).isEqualTo(1);
            domain.answerUnplug(device(TWO));
          });

      repeat(process, domain, attaches, Duration.ofSeconds(10));

      assertThat(asked(domain, ONE)).isEqualTo(2);
    }
  }

  private static void repeat(
      Executor process, SimulatedDomain domain, boolean attaches, Duration deadline) {
    if (attaches) {
      AttachOutcome outcome = process.attach(domain.ref(), ONE, deadline).await();
      assertThat(outcome.toString()).contains("the guest was asked to release the disk");
      return;
    }
    Pending outcome =
        expect(Pending.class, process.detach(domain.ref(), ONE.volume(), deadline).await());
    assertThat(outcome.waitingFor()).isEqualTo(WaitingFor.GUEST);
    assertThat(outcome.observed().attempts().orElseThrow().times()).isEqualTo(asked(domain, ONE));
  }

  /** The first was asked for long ago. */
  private static void secondIsAsked(Executor process, SimulatedDomain domain) {
    // It has to see the note of the first for half a minute, or that the guest was asked before.
    expect(
        Pending.class, process.detach(domain.ref(), TWO.volume(), Duration.ofSeconds(31)).await());
    assertThat(asked(domain, TWO)).isEqualTo(1);
  }

  private static int asked(SimulatedDomain domain, FileDisk disk) {
    return domain.notes().entrySet().stream()
        .filter(note -> note.getKey().endsWith(device(disk)))
        .map(note -> note.getValue().replaceAll("(?s).*asked='(\\d+)'.*", "$1"))
        .mapToInt(Integer::parseInt)
        .findFirst()
        .orElse(0);
  }

  /** It cannot know how long the guest had: the clock of the host that has asked may differ. */
  @Test
  void aProcessThatHasJustBegunAllowsForClocksThatDiffer() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      firstIsAsked(process, domain);
    }
    time.pass(Duration.ofSeconds(60));
    try (Executor another = site.process()) {
      secondHasToWait(another, domain);
    }
    time.pass(Duration.ofSeconds(90));
    try (Executor another = site.process()) {
      assertThat(pending(another, domain, TWO).waitingFor()).isEqualTo(WaitingFor.GUEST);
      assertThat(domain.unplugsAsked()).containsOnly(device(ONE), device(TWO));
    }
  }

  /** The device has the same name, and the guest was asked for it a moment ago. */
  @Test
  void anEarlierUnplugOfTheSameDiskDoesNotCount() {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process();
        Executor another = site.process()) {
      firstIsAsked(process, domain);
      secondHasToWait(another, domain);
      domain.answerUnplugs();
      detachedSince(process, domain);
      domain.guest(GuestBehaviour.RELEASES);
      time.pass(Duration.ofSeconds(40));
      attach(process, domain, ONE);
      domain.guest(GuestBehaviour.RELEASES_LATE);
      assertThat(pending(process, domain, ONE).waitingFor()).isEqualTo(WaitingFor.GUEST);

      secondHasToWait(another, domain);
    }
  }

  private static void detachedSince(Executor process, SimulatedDomain domain) {
    assertThat(process.detach(domain.ref(), ONE.volume(), LONGER).await().isDetached()).isTrue();
  }

  /** A reset or a power cycle ends what was outstanding. */
  @Test
  void afterAPowerCycleNothingIsInTheWay() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = firstIsAsked(process, host.definePc("pc").start());
      domain.destroy();
      domain.start();
      domain.guest(GuestBehaviour.RELEASES);

      detach(process, domain, TWO);
    }
  }

  @Test
  void aScsiDiskIsNotConcerned() {
    FileDisk scsi =
        new FileDisk("pvc-scsi", Path.of("/srv/scsi"), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
    try (Executor process = site.process()) {
      SimulatedDomain domain = host.definePc("pc").start();
      attach(process, domain, scsi);
      firstIsAsked(process, domain);

      detach(process, domain, scsi);
    }
  }

  /** The disks of another tool stay in the slots that are freed, whoever asks next. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whatAnotherToolPlugsIntoAFreedSlotStays(int processes) throws FaultException {
    SimulatedDomain domain = host.definePc("pc").start();
    List<Executor> all = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      all.add(site.process());
    }
    try (HypervisorPort tool = host.connect("another tool")) {
      List<FileDisk> disks = List.of(ONE, TWO, THREE);
      List<DeviceAddress> places = new ArrayList<>();
      disks.forEach(disk -> places.add(attach(all.get(0), domain, disk)));
      FileDisk theirs = SimulatedSite.disk("theirs");
      domain.guest(GuestBehaviour.RELEASES_LATE);
      List<RequestHandle<DetachOutcome>> detached = new ArrayList<>();
      for (int i = 0; i < disks.size(); i++) {
        detached.add(all.get(i % processes).detach(domain.ref(), disks.get(i).volume(), LONGER));
      }
      List<FaultException> faults = new ArrayList<>();
      Duration start = Duration.ofNanos(time.nanoTime());
      for (int second = 1; second < 15; second++) {
        boolean plugs = second == 3;
        time.at(
            start.plusSeconds(second),
            () -> {
              assertThat(domain.unplugsAsked()).hasSizeLessThanOrEqualTo(1);
              domain.answerUnplugs();
              if (plugs) {
                try {
                  DeviceAddress freed =
                      places.stream()
                          .filter(
                              place ->
                                  domain.disks(View.LIVE).stream()
                                      .noneMatch(disk -> place.equals(disk.address())))
                          .findFirst()
                          .orElseThrow();
                  int slot = ((PciAddress) freed).slot();
                  tool.lookup(domain.ref())
                      .attachDevice(placed(theirs, "vdx", slot), EnumSet.of(View.LIVE));
                } catch (FaultException e) {
                  faults.add(e);
                }
              }
            });
      }

      for (RequestHandle<DetachOutcome> one : detached) {
        expect(Detached.class, one.await());
      }

      assertThat(faults).isEmpty();
      site.nothingIsLost(domain);
      assertThat(domain.disks(View.LIVE)).hasSize(1);
    } finally {
      all.forEach(Executor::close);
    }
  }

  /** The news of a plug would make the guest eject the slot of the first twice. */
  @Test
  void anAttachLetsTheGuestReleaseFirst() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = firstIsAsked(process, host.definePc("pc").start());
      List<Integer> disks = new ArrayList<>();
      time.at(
          Duration.ofNanos(time.nanoTime()).plusSeconds(1),
          () -> {
            disks.add(domain.disks(View.LIVE).size());
            domain.answerUnplugs();
          });

      attach(process, domain, THREE);

      assertThat(disks).containsExactly(2);
      site.nothingIsLost(domain);
    }
  }

  /** A SCSI disk is not in a slot, but the controller that is plugged for it is. */
  @Test
  void aControllerLetsTheGuestReleaseFirst() throws FaultException {
    FileDisk scsi =
        new FileDisk("pvc-scsi", Path.of("/srv/scsi"), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
    try (Executor process = site.process();
        HypervisorPort tool = host.connect("another tool")) {
      SimulatedDomain domain = host.define("pc", 0, Set.of(), false);
      firstIsAsked(process, domain.start());
      DomainHandle handle = tool.lookup(domain.ref());
      List<String> before = new ArrayList<>();
      time.at(
          Duration.ofNanos(time.nanoTime()).plusSeconds(1),
          () -> {
            try {
              before.add(handle.xml(View.LIVE));
            } catch (FaultException e) {
              before.add(e.toString());
            }
            domain.answerUnplugs();
          });

      attach(process, domain, scsi);

      assertThat(before).hasSize(1);
      assertThat(DomainXmlReader.readDomain(before.get(0), View.LIVE).scsiControllers()).isEmpty();
    }
  }

  @Test
  void anAttachIsNotKeptByAGuestThatDoesNotAnswer() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = firstIsAsked(process, host.definePc("pc").start());
      long before = time.nanoTime();

      attach(process, domain, THREE);

      assertThat(Duration.ofNanos(time.nanoTime() - before))
          .isLessThan(UnplugPolicy.KEEPS_PLUGS.plusSeconds(1));
    }
  }

  /** QEMU was told so on its command line, which is all that libvirt shows of it. */
  @ParameterizedTest
  @CsvSource({
    "pc-q35-7.2, ICH9-LPC, on, true",
    "pc-q35-7.2, ICH9-LPC, off, false",
    "pc-q35-6.0, ICH9-LPC, on, true",
    "pc-q35-6.0, ICH9-LPC, off, false",
    "pc-i440fx-7.2, ICH9-LPC, off, true",
    "virt-10.1, acpi-ged, on, true",
    "virt-10.1, acpi-ged, off, false"
  })
  void hotPlugThatIsLeftToThePortsIsNotConcerned(
      String machine, String device, String acpi, boolean concerned) {
    String xml =
        """
        <domain type='qemu' id='1' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
          <name>d</name>
          <uuid>1b4e28ba-2fa1-11d2-883f-0016d3cca427</uuid>
          <os><type arch='%s' machine='%s'>hvm</type></os>
          <devices/>
          <qemu:commandline>
            <qemu:arg value='-global'/>
            <qemu:arg value='%s.acpi-pci-hotplug-with-bridge-support=%s'/>
          </qemu:commandline>
        </domain>
        """
            .formatted(machine.startsWith("virt") ? "aarch64" : "x86_64", machine, device, acpi);
    Snapshot snapshot =
        Snapshot.of(
            new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 1, true, false),
            new DomainViews(DomainXmlReader.readDomain(xml, View.LIVE), null),
            xml,
            null);

    assertThat(OneUnplug.concerns(snapshot, PciAddress.of(1, 0))).isEqualTo(concerned);
  }

  /** Of another process that is about to ask for another disk. */
  @ParameterizedTest
  @ValueSource(strings = {"urn:diskplug:ask:0:another", "urn:diskplug:ask:zzz:another"})
  void itGivesWayToAMarkUntilThatIsStale(String lease) {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      attach(process, domain, ONE);
      domain.note(lease, "<ask start='1' serial='1'/>", EnumSet.of(View.LIVE));

      Unavailable outcome =
          expect(Unavailable.class, process.detach(domain.ref(), ONE.volume(), SHORT).await());

      assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
      assertThat(outcome.explanation()).contains("another disk");
      assertThat(domain.disks(View.LIVE)).hasSize(1);
      time.pass(Duration.ofSeconds(5));
      detach(process, domain, ONE);
      assertThat(domain.notes()).isEmpty();
    }
  }

  /** A SCSI disk is not in the guest's way. */
  @Test
  void aScsiDiskDoesNotGiveWay() {
    FileDisk scsi =
        new FileDisk("pvc-scsi", Path.of("/srv/scsi"), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      attach(process, domain, scsi);
      domain.note(
          "urn:diskplug:ask:0:another", "<ask start='1' serial='1'/>", EnumSet.of(View.LIVE));

      detach(process, domain, scsi);
    }
  }

  /** Another tool's attach, in the middle of which the daemon dies. */
  private void ghost(SimulatedDomain domain) throws FaultException {
    try (HypervisorPort tool = host.connect("another tool")) {
      host.onceAt(Call.ATTACH, Moment.DEVICE_PLUGGED, host::crashDaemon);
      DomainHandle handle = tool.lookup(domain.ref());
      assertThatThrownBy(
              () -> handle.attachDevice(placed(THREE, "vdc", 9), EnumSet.allOf(View.class)))
          .isInstanceOf(FaultException.class);
    }
    assertThat(domain.ghosts()).contains(device(THREE));
  }

  /** A ghost is taken out of QEMU by the guest, too. */
  @ParameterizedTest
  @ValueSource(strings = {"", "devices='%s'", "devices='another %s'"})
  void itWaitsForAnEviction(String devices) throws FaultException {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      attach(process, domain, ONE);
      ghost(domain);
      domain.note(
          "urn:diskplug:evict:" + device(THREE) + ":another",
          "<evict start='1' serial='1' " + devices.formatted(device(THREE)) + "/>",
          EnumSet.of(View.LIVE));

      Pending pending = pending(process, domain, ONE);

      assertThat(pending.waitingFor()).isEqualTo(WaitingFor.EARLIER_UNPLUG);
      assertThat(pending.observed().attempts().orElseThrow().advice())
          .contains("the ghost " + device(THREE));
      assertThat(domain.unplugsAsked()).isEmpty();
    }
  }

  /** An open image without a device, or a device that is gone. */
  @ParameterizedTest
  @ValueSource(strings = {"", "devices=''", "devices='another'"})
  void anEvictionThatConcernsNoGuestIsNotInTheWay(String devices) {
    String lease = "urn:diskplug:evict:ua-dp-ghost:another";
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      attach(process, domain, ONE);
      attach(process, domain, TWO);
      domain.note(lease, "<evict start='1' serial='1' " + devices + "/>", EnumSet.of(View.LIVE));

      expect(Detached.class, process.detach(domain.ref(), ONE.volume(), SHORT).await());

      assertThat(domain.notes()).containsOnlyKeys(lease);
      time.pass(Duration.ofSeconds(10));
      detach(process, domain, TWO);
      assertThat(domain.notes()).as("a stale mark").isEmpty();
    }
  }

  /** Each process ends before it has seen the lease for long enough. */
  @ParameterizedTest
  @CsvSource({"ask, 0, 0", "ask, one, 0", "evict, three, 1"})
  void theMarkOfADeadProcessKeepsProcessesThatEndSoonForMinutesOnly(
      String kind, String of, int stay) throws FaultException {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      attach(process, domain, ONE);
    }
    ghost(domain);
    String name = of.equals("one") ? device(ONE) : of.equals("three") ? device(THREE) : of;
    domain.note(
        "urn:diskplug:" + kind + ":" + name + ":dead",
        "<%s start='1' serial='1' at='%s'/>".formatted(kind, time.now()),
        EnumSet.of(View.LIVE));
    long begun = time.nanoTime();
    DetachOutcome outcome;
    do {
      try (Executor process = site.process()) {
        outcome = process.detach(domain.ref(), ONE.volume(), Duration.ofSeconds(4)).await();
      }
    } while (!outcome.isDetached() && time.nanoTime() - begun < Duration.ofMinutes(5).toNanos());

    assertThat(Duration.ofNanos(time.nanoTime() - begun))
        .isBetween(Duration.ofMinutes(2), Duration.ofMinutes(3));
    assertThat(domain.notes()).hasSize(stay);
  }

  @Test
  void whileTheGuestIsPausedThatIsWhatItWaitsFor() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = firstIsAsked(process, host.definePc("pc").start());
      domain.suspend();

      Pending pending = pending(process, domain, TWO);

      assertThat(pending.waitingFor()).isEqualTo(WaitingFor.PAUSED_GUEST);
      assertThat(pending.observed().attempts().orElseThrow().advice())
          .contains("/srv/one", "virsh resume");
      assertThat(domain.unplugsAsked()).containsOnly(device(ONE));
    }
  }

  /** As cron starts them: each ends before it has waited for as long as the guest is left alone. */
  @ParameterizedTest
  @CsvSource({"false, 60, 300", "true, 200, 360"})
  void processesThatEndSoonAskAgainAndNotAllTheTime(
      boolean attachAgain, int bootsAfter, int doneWithin) {
    SimulatedDomain domain = host.definePc("pc").start();
    try (Executor process = site.process()) {
      attach(process, domain, ONE);
    }
    domain.guest(GuestBehaviour.FORGETS);
    long begun = time.nanoTime();
    List<Long> asked = new ArrayList<>();
    long boots = begun + Duration.ofSeconds(bootsAfter).toNanos();
    boolean done = false;
    while (!done) {
      if (time.nanoTime() > boots) {
        domain.guest(GuestBehaviour.RELEASES);
      }
      try (Executor process = site.process()) {
        if (attachAgain && !asked.isEmpty()) {
          process.attach(domain.ref(), ONE, Duration.ofSeconds(15)).await();
        } else {
          process.detach(domain.ref(), ONE.volume(), Duration.ofSeconds(15)).await();
        }
      }
      int times = asked(domain, ONE);
      if (times > asked.size()) {
        asked.add(time.nanoTime());
      }
      assertThat(times).isLessThanOrEqualTo(asked.size());
      done = domain.notes().isEmpty();
      assertThat(Duration.ofNanos(time.nanoTime() - begun))
          .isLessThan(Duration.ofSeconds(doneWithin));
    }
    for (int i = 1; i < asked.size(); i++) {
      assertThat(Duration.ofNanos(asked.get(i) - asked.get(i - 1)))
          .isGreaterThan(Duration.ofSeconds(20));
    }
    assertThat(domain.disks(View.LIVE)).hasSize(attachAgain ? 1 : 0);
  }
}
