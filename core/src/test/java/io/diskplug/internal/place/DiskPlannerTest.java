// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.place;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.ALIAS;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.FIRST_ADDRESS;
import static io.diskplug.internal.exec.Requests.FIRST_TARGET;
import static io.diskplug.internal.exec.Requests.MISMATCHED;
import static io.diskplug.internal.exec.Requests.VOLUME;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.Requests.strangers;
import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.alloc.NoRoom;
import io.diskplug.disk.CacheMode;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.alloc.Occupied;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.exec.ScriptedDomain;
import io.diskplug.internal.exec.SteppedTime;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.PlanOutcome;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DiskPlannerTest {

  private static final int ROOM = 29;

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();
  private final Executor executor = executor(time, domain);

  private PlanOutcome outcome(DiskSource... disks) {
    return executor.plan(domain.ref(), List.of(disks), DEADLINE).await();
  }

  private Planned plan(DiskSource... disks) {
    Planned planned = expect(Planned.class, outcome(disks));
    assertThat(domain.changes()).isEmpty();
    return planned;
  }

  private static FileDisk disk(int number) {
    return new FileDisk("pvc-" + number, Path.of("/srv/" + number + ".img"), DiskOptions.DEFAULTS);
  }

  private <P extends DiskPlan> P only(Class<P> type, DiskSource disk) {
    return expect(type, plan(disk).disks().get(0));
  }

  @Test
  void aFreshDiskIsPlannedForBothViewsWithItsXml() {
    DiskPlan.Attach plan = only(DiskPlan.Attach.class, DISK);

    assertThat(plan.volume()).isEqualTo(VOLUME);
    assertThat(plan.views()).containsExactlyInAnyOrder(View.values());
    assertThat(plan.placement().targetDev()).isEqualTo(FIRST_TARGET);
    assertThat(plan.placement().address()).isEqualTo(FIRST_ADDRESS);
    assertThat(plan.guestPath()).hasValue("/dev/disk/by-id/virtio-pvc-22650282-34fe-41");
    assertThat(plan.xml()).isEqualTo(placed(DISK, FIRST_TARGET, FIRST_ADDRESS.slot()));
  }

  @Test
  void theAttachSendsThePlannedXml() {
    String planned = only(DiskPlan.Attach.class, DISK).xml();

    expect(Attached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());

    assertThat(domain.disks(LIVE)).containsExactly(planned);
  }

  @Test
  void whatIsInTheWayIsNamed() {
    domain.put(strangers("/srv/other.img", "vda", 3, "virtio-disk0"), PERSISTENT);

    DiskPlan.Attach plan = only(DiskPlan.Attach.class, DISK);

    assertThat(plan.placement().targetDev()).isEqualTo("vdb");
    assertThat(plan.placement().address()).isEqualTo(PciAddress.of(0, 4));
    assertThat(plan.placement().skipped())
        .anyMatch(skipped -> skipped.startsWith("0000:00:03.0: "))
        .filteredOn(skipped -> skipped.startsWith("vda: "))
        .singleElement()
        .asString()
        .containsIgnoringCase("persistent");
  }

  @Test
  void everyDiskIsPlannedBesideThoseBeforeIt() {
    List<DiskSource> disks = new ArrayList<>();
    for (int i = 0; i <= ROOM; i++) {
      disks.add(disk(i));
    }

    Planned planned = plan(disks.toArray(DiskSource[]::new));

    assertThat(planned.isComplete()).isFalse();
    assertThat(planned.capacity().virtio().free()).isEqualTo(ROOM);
    List<DiskPlan> plans = planned.disks();
    for (int i = 0; i < ROOM; i++) {
      DiskPlan.Attach plan = expect(DiskPlan.Attach.class, plans.get(i));
      assertThat(plan.volume()).isEqualTo(disk(i).volume());
      Attached attached =
          expect(Attached.class, executor.attach(domain.ref(), disk(i), DEADLINE).await());
      assertThat(attached.targetDev()).isEqualTo(plan.placement().targetDev());
      assertThat(attached.address()).isEqualTo(plan.placement().address());
    }
    DiskPlan.Refusal refusal = expect(DiskPlan.Refusal.class, plans.get(ROOM));
    assertThat(refusal.reason()).isEqualTo(Rejected.Reason.NO_ROOM);
    NoRoom noRoom = refusal.noRoom().orElseThrow();
    assertThat(noRoom.holders()).anyMatch(holder -> holder.contains("disk vda"));
    assertThat(refusal.explanation()).contains(noRoom.remedy(), "disk vda");
    Rejected rejected =
        expect(Rejected.class, executor.attach(domain.ref(), disk(ROOM), DEADLINE).await());
    assertThat(rejected.reason()).isEqualTo(refusal.reason());
  }

  @Test
  void aDiskThatCannotBePlannedTakesNothingFromTheOthers() {
    FileDisk twin =
        new FileDisk("pvc-22650282-34fe-4199", Path.of("/srv/two.img"), DiskOptions.DEFAULTS);

    List<DiskPlan> plans = plan(DISK, twin, disk(1)).disks();

    assertThat(expect(DiskPlan.Refusal.class, plans.get(1)).reason())
        .isEqualTo(Rejected.Reason.CONFLICT);
    DiskPlan.Attach third = expect(DiskPlan.Attach.class, plans.get(2));
    assertThat(third.placement().targetDev()).isEqualTo("vdb");
    assertThat(third.placement().address()).isEqualTo(PciAddress.of(0, 4));
  }

  @Test
  void whatTheCallerNamesAsOccupiedIsPassedOver() throws FaultException {
    DomainViews views =
        new DomainViews(
            DomainXmlReader.readDomain(domain.xml(LIVE), LIVE),
            DomainXmlReader.readDomain(domain.xml(PERSISTENT), PERSISTENT));
    Occupied ghost =
        new Occupied(Map.of(FIRST_TARGET, "a ghost"), Map.of(FIRST_ADDRESS, "a ghost"), Map.of());

    DiskPlan.Attach plan =
        expect(DiskPlan.Attach.class, DiskPlanner.plan(views, List.of(DISK), ghost).get(0));

    assertThat(plan.placement().targetDev()).isEqualTo("vdb");
    assertThat(plan.placement().address()).isEqualTo(PciAddress.of(0, 4));
    assertThat(plan.placement().skipped()).contains("vda: a ghost");
  }

  /** What a list of plans says is what attaching one after the other does. */
  @ParameterizedTest
  @EnumSource(names = {"VIRTIO", "SCSI"})
  void theSameVolumeTwiceIsPresentTheSecondTime(DiskBus bus) {
    FileDisk disk = new FileDisk("pvc-1", Path.of("/srv/1.img"), DiskOptions.DEFAULTS.withBus(bus));

    List<DiskPlan> plans = plan(disk, disk).disks();

    String targetDev = expect(DiskPlan.Attach.class, plans.get(0)).placement().targetDev();
    assertThat(expect(DiskPlan.Present.class, plans.get(1)).targetDev()).isEqualTo(targetDev);
    expect(Attached.class, executor.attach(domain.ref(), disk, DEADLINE).await());
    expect(AlreadyAttached.class, executor.attach(domain.ref(), disk, DEADLINE).await());
  }

  @Test
  void oneIdForTwoSourcesIsAConflictOfTheSecond() {
    DiskOptions scsi = DiskOptions.DEFAULTS.withBus(DiskBus.SCSI);
    FileDisk one = new FileDisk("pvc-1", Path.of("/srv/1.img"), scsi);
    FileDisk other = new FileDisk("pvc-1", Path.of("/srv/2.img"), scsi);

    DiskPlan.Refusal refusal = expect(DiskPlan.Refusal.class, plan(one, other).disks().get(1));

    expect(Attached.class, executor.attach(domain.ref(), one, DEADLINE).await());
    Rejected rejected =
        expect(Rejected.class, executor.attach(domain.ref(), other, DEADLINE).await());
    assertThat(refusal.reason()).isEqualTo(rejected.reason());
    assertThat(refusal.explanation()).isEqualTo(rejected.explanation());
  }

  @Test
  void twoVolumesThatTheGuestCannotTellApartAreAConflictOfTheSecond() {
    FileDisk twin =
        new FileDisk("pvc-22650282-34fe-4199", Path.of("/srv/two.img"), DiskOptions.DEFAULTS);
    FileDisk scsi =
        new FileDisk(twin.volumeId(), twin.file(), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));

    DiskPlan.Refusal second = expect(DiskPlan.Refusal.class, plan(DISK, twin).disks().get(1));
    assertThat(second.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(second.explanation()).contains(VOLUME.id());
    expect(DiskPlan.Attach.class, plan(DISK, scsi).disks().get(1));

    domain.put(placed(DISK, "vdc", 7), LIVE);
    assertThat(only(DiskPlan.Refusal.class, twin).explanation()).contains("vdc");
  }

  @ParameterizedTest
  @CsvSource({"LIVE, PERSISTENT", "PERSISTENT, LIVE"})
  void aDiskInOneViewIsPlannedForTheOtherAtTheSamePlace(View has, View lacks) {
    domain.put(placed(DISK, "vdc", 7), has);

    DiskPlan.Attach plan = only(DiskPlan.Attach.class, DISK);

    assertThat(plan.views()).containsExactly(lacks);
    assertThat(plan.placement().targetDev()).isEqualTo("vdc");
    assertThat(plan.placement().address()).isEqualTo(PciAddress.of(0, 7));
  }

  @Test
  void aDiskInOneViewWhosePlaceIsTakenInTheOtherIsAConflict() {
    domain.put(placed(DISK, "vdc", 7), PERSISTENT);
    domain.put(strangers("/srv/other.img", "vdc", 9, "virtio-disk2"), LIVE);

    assertThat(only(DiskPlan.Refusal.class, DISK).reason()).isEqualTo(Rejected.Reason.CONFLICT);
  }

  @Test
  void aDiskThatIsThereIsPresentWithWhatDiffers() {
    domain.put(placed(DISK, "vdc", 7), View.values());
    FileDisk other =
        new FileDisk(
            DISK.volumeId(), DISK.file(), DiskOptions.DEFAULTS.withCache(CacheMode.WRITEBACK));

    DiskPlan.Present same = only(DiskPlan.Present.class, DISK);
    assertThat(same.targetDev()).isEqualTo("vdc");
    assertThat(same.address()).hasValue(PciAddress.of(0, 7));
    assertThat(same.differences()).isEmpty();
    assertThat(only(DiskPlan.Present.class, other).differences())
        .extracting(Difference::field)
        .contains("driver cache");
  }

  @Test
  void aDiskThatIsThereInAnotherWayIsAConflict() {
    domain.put(placed(DISK, "vdc", 7), View.values());
    FileDisk readOnly =
        new FileDisk(DISK.volumeId(), DISK.file(), DiskOptions.DEFAULTS.withReadOnly(true));

    DiskPlan.Refusal refusal = only(DiskPlan.Refusal.class, readOnly);

    assertThat(refusal.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(refusal.differences()).extracting(Difference::field).contains("readonly");
    assertThat(refusal.volume()).isEqualTo(VOLUME);
  }

  @Test
  void aSourceThatWasChangedAndAnAmbiguousOneAreRefused() {
    domain.put(placed(DISK, "vdc", 7).replace("/srv/one.img", "/srv/snap.img"), View.values());
    assertThat(only(DiskPlan.Refusal.class, DISK).reason())
        .isEqualTo(Rejected.Reason.SOURCE_CHANGED);

    domain.drop(View.values());
    domain.put(placed(DISK, "vdc", 7), LIVE);
    domain.put(placed(DISK, "vdd", 8).replace(ALIAS, "ua-other"), LIVE);
    assertThat(only(DiskPlan.Refusal.class, DISK).reason()).isEqualTo(Rejected.Reason.CONFLICT);
  }

  @Test
  void withoutDisksThereIsTheCapacity() {
    Planned planned = plan();

    assertThat(planned.disks()).isEmpty();
    assertThat(planned.isComplete()).isTrue();
    assertThat(planned.capacity().virtio().free()).isEqualTo(ROOM);
    assertThat(planned.observed().domain()).hasValue(domain.uuid());
    assertThat(planned.observed().status()).hasValue(ScriptedDomain.RUNNING);
  }

  @Test
  void aDomainThatCannotBePlannedForSaysWhy() {
    domain.status(ScriptedDomain.SAVED);
    assertThat(expect(Rejected.class, outcome(DISK)).reason())
        .isEqualTo(Rejected.Reason.MANAGED_SAVE);

    domain.status(ScriptedDomain.RUNNING);
    domain.always(
        Call.READ_XML, fails(Call.READ_XML, 38, "Cannot recv data: Connection reset by peer"));
    assertThat(expect(Unavailable.class, outcome(DISK)).reason())
        .isEqualTo(Unavailable.Reason.CONNECTION_LOST);
  }

  @Test
  void aPlanNeedsTime() {
    assertThatThrownBy(() -> executor.plan(domain.ref(), List.of(DISK), Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Misuse is told before the domain is looked for. */
  @Test
  void aPlanNeedsDisksThatAreTheirVolumes() {
    DomainRef nowhere = DomainRef.name("nowhere");
    assertThatThrownBy(() -> executor.plan(nowhere, List.of(DISK, MISMATCHED), DEADLINE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(MISMATCHED.volume().id());
  }

  @Test
  void planAndAttachAgreeOnTheScsiBus() {
    FileDisk disk =
        new FileDisk("pvc-1", Path.of("/srv/1.img"), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
    DiskPlan.Attach plan = only(DiskPlan.Attach.class, disk);

    Attached attached =
        expect(Attached.class, executor.attach(domain.ref(), disk, DEADLINE).await());

    Disk sent = DomainXmlReader.readDisk(plan.xml());
    assertThat(sent.bus()).isEqualTo(DiskBus.SCSI);
    assertThat(plan.guestPath()).hasValue("/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_pvc-1");
    assertThat(attached.guestPath()).isEqualTo(plan.guestPath());
    assertThat(attached.targetDev()).isEqualTo(sent.targetDev());
    assertThat(attached.address()).isEqualTo(sent.address());
  }
}
