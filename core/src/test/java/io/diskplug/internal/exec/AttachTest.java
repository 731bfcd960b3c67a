// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.ALIAS;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.FIRST_ADDRESS;
import static io.diskplug.internal.exec.Requests.FIRST_TARGET;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.Requests.strangers;
import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static io.diskplug.internal.exec.ScriptedDomain.failsAfterwards;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.CacheMode;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.Classification;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.fault.Verdict;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttachTest {

  private static final String BOTH = "ATTACH [LIVE, PERSISTENT]";
  private static final String CONNECTION_RESET = "Cannot recv data: Connection reset by peer";

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();
  private final Executor executor = executor(time, domain);

  private AttachOutcome attach() {
    return attach(DISK);
  }

  private AttachOutcome attach(FileDisk disk) {
    return executor.attach(domain.ref(), disk, DEADLINE).await();
  }

  @Test
  void aDiskIsAttachedToBothViewsInOneCallAndReadBack() {
    Attached attached = expect(Attached.class, attach());

    assertThat(attached.targetDev()).isEqualTo(FIRST_TARGET);
    assertThat(attached.address()).isEqualTo(FIRST_ADDRESS);
    assertThat(attached.guestPath()).hasValue("/dev/disk/by-id/virtio-pvc-22650282-34fe-41");
    assertThat(domain.changes()).containsExactly(BOTH);
    assertThat(attached.observed().domain()).hasValue(domain.uuid());
    assertThat(attached.observed().live()).isPresent();
    assertThat(attached.observed().persistent()).isEqualTo(attached.observed().live());
    assertThat(attached.observed().faults()).isEmpty();
  }

  @Test
  void aTransientDomainIsChangedLiveAndAShutOffDomainInItsConfiguration() {
    domain.status(ScriptedDomain.TRANSIENT);
    expect(Attached.class, attach());
    domain.drop(LIVE);
    domain.status(ScriptedDomain.SHUT_OFF);
    expect(Attached.class, attach());

    assertThat(domain.changes()).containsExactly("ATTACH [LIVE]", "ATTACH [PERSISTENT]");
  }

  @Test
  void aDiskOnTheScsiBusHasAGuestPathToo() {
    FileDisk scsi =
        new FileDisk("pvc-1", Path.of("/srv/one.img"), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));

    Attached attached = expect(Attached.class, attach(scsi));

    assertThat(attached.targetDev()).isEqualTo("sda");
    assertThat(attached.guestPath()).hasValue("/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_pvc-1");
  }

  @Test
  void aRepeatedAttachChangesNothing() {
    domain.put(placed(DISK, "vdc", 7), View.values());

    AlreadyAttached outcome = expect(AlreadyAttached.class, attach());

    assertThat(outcome.targetDev()).isEqualTo("vdc");
    assertThat(outcome.address()).isEqualTo(PciAddress.of(0, 7));
    assertThat(outcome.differences()).isEmpty();
    assertThat(domain.changes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"LIVE, PERSISTENT", "PERSISTENT, LIVE"})
  void aDiskInOneViewIsAttachedToTheOtherAtTheSamePlace(View has, View lacks) {
    domain.put(placed(DISK, "vdc", 7), has);

    Attached outcome = expect(Attached.class, attach());

    assertThat(outcome.targetDev()).isEqualTo("vdc");
    assertThat(outcome.address()).isEqualTo(PciAddress.of(0, 7));
    assertThat(domain.changes()).containsExactly("ATTACH [" + lacks + "]");
  }

  @Test
  void aDiskThatIsAboutToLeaveIsNotCalledAttached() {
    domain.put(placed(DISK, "vdc", 7), LIVE);
    time.at(Duration.ofMillis(600), () -> domain.drop(LIVE));

    expect(Attached.class, attach());

    assertThat(domain.changes()).containsExactly(BOTH);
  }

  /** libvirt reports a detach as done after five seconds, whatever the guest does later. */
  @Test
  void aDiskThatAPausedGuestMayBeAskedForIsNotCalledAttached() {
    domain.put(placed(DISK, "vdc", 7), LIVE);
    domain.status(ScriptedDomain.PAUSED);

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aPausedGuestThatIsResumedIsGivenTimeToRelease() {
    domain.put(placed(DISK, "vdc", 7), LIVE);
    domain.status(ScriptedDomain.PAUSED);
    time.at(Duration.ofSeconds(2), () -> domain.status(ScriptedDomain.RUNNING));
    time.at(Duration.ofMillis(2400), () -> domain.drop(LIVE));

    expect(Attached.class, attach());

    assertThat(domain.changes()).containsExactly(BOTH);
  }

  @Test
  void aDiskThatTheGuestWasAskedForIsNotCalledAttached() {
    domain.put(placed(DISK, "vdc", 7), View.values());
    domain.guestReleases = false;
    expect(Pending.class, executor.detach(domain.ref(), DISK.volume(), DEADLINE).await());

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
    assertThat(domain.count(Call.ATTACH)).isZero();

    domain.drop(LIVE);
    expect(Attached.class, attach());
  }

  @Test
  void aDiskThatTheGuestCannotTellFromAnotherIsAConflict() {
    domain.put(
        strangers("/srv/other.img", "vdc", 7, "virtio-disk2")
            .replace("<source", "<serial>pvc-22650282-34fe-4199</serial><source"),
        LIVE);

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(outcome.explanation()).contains("vdc", "pvc-22650282-34fe-4199");
    assertThat(domain.changes()).isEmpty();

    FileDisk scsi =
        new FileDisk(DISK.volumeId(), DISK.file(), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
    expect(Attached.class, attach(scsi));
  }

  @ParameterizedTest
  @CsvSource({"vdc, 9", "vdq, 7"})
  void aDiskInOneViewWhosePlaceIsTakenInTheOtherIsAConflict(String targetDev, int slot) {
    domain.put(placed(DISK, "vdc", 7), PERSISTENT);
    domain.put(strangers("/srv/other.img", targetDev, slot, "virtio-disk2"), LIVE);

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(domain.changes()).isEmpty();
    // What is offered is accepted.
    assertThat(outcome.explanation()).endsWith("detach the volume and attach it again");
    expect(Detached.class, executor.detach(domain.ref(), DISK.volume(), DEADLINE).await());
    expect(Attached.class, attach());
  }

  @Test
  void aDiskInOneViewThatHasNoOtherPlaceEitherIsOfferedNone() {
    domain.put(placed(DISK, "vdc", 7), PERSISTENT);
    for (int slot = 1; slot < 32; slot++) {
      domain.put(
          strangers("/srv/other" + slot + ".img", "vdx" + slot, slot, "virtio-disk" + slot), LIVE);
    }

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(outcome.explanation()).doesNotContain("what would help: detach the volume");
  }

  @ParameterizedTest
  @MethodSource
  void aFatalFaultThatLeftNothingIsRejectedWithItsReason(
      int code, String message, Rejected.Reason reason) {
    domain.always(Call.ATTACH, fails(Call.ATTACH, code, message));

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(reason);
    assertThat(outcome.explanation())
        .contains(DISK.volume().id(), "/srv/one.img", String.valueOf(code), message);
    assertThat(domain.changes()).containsExactly(BOTH);
    assertThat(outcome.observed().faults()).hasSize(1);
  }

  static Stream<Arguments> aFatalFaultThatLeftNothingIsRejectedWithItsReason() {
    return Stream.of(
        Arguments.of(
            1,
            "error reading header from a: No such file or directory",
            Rejected.Reason.VOLUME_NOT_FOUND),
        Arguments.of(1, "error connecting: Permission denied", Rejected.Reason.ACCESS_DENIED),
        Arguments.of(
            66, "Secret not found: no secret with matching uuid", Rejected.Reason.ACCESS_DENIED),
        Arguments.of(88, "access denied", Rejected.Reason.ACCESS_DENIED),
        Arguments.of(1, "internal error: No more available PCI slots", Rejected.Reason.NO_ROOM),
        Arguments.of(1, "Bus 'ide.2' does not support hotplugging", Rejected.Reason.BAD_REQUEST),
        Arguments.of(35, "(device_definition):1: Document is empty", Rejected.Reason.BAD_REQUEST),
        Arguments.of(42, "Domain not found", Rejected.Reason.DOMAIN_NOT_FOUND));
  }

  /** A fault is advice: what is read afterwards decides. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "38 | Cannot recv data: Connection reset by peer",
        "1 | internal error: something new",
        "1 | error reading header from a: No such file or directory",
        "68 | Timed out during operation: cannot acquire state change lock",
        "9999 | an error of the future"
      })
  void aFaultAfterWhichTheDiskIsThereIsAnAttach(int code, String message) {
    domain.next(Call.ATTACH, failsAfterwards(Call.ATTACH, code, message));

    Attached outcome = expect(Attached.class, attach());

    assertThat(outcome.targetDev()).isEqualTo(FIRST_TARGET);
    assertThat(outcome.observed().faults()).hasSize(1);
    assertThat(domain.changes()).containsExactly(BOTH);
  }

  @Test
  void aFaultBecauseSomebodyElseAttachedTheSameIsAlreadyAttached() {
    domain.next(
        Call.ATTACH,
        effect -> {
          domain.put(placed(DISK, "vdq", 9), View.values());
          throw ScriptedDomain.fault(Call.ATTACH, 67, "non unique alias detected: " + ALIAS);
        });

    AlreadyAttached outcome = expect(AlreadyAttached.class, attach());

    assertThat(outcome.targetDev()).isEqualTo("vdq");
    assertThat(domain.changes()).containsExactly(BOTH);
  }

  @Test
  void aConfigurationThatWasNotSavedAfterTheLivePartIsRepairedAlone() {
    domain.next(
        Call.ATTACH,
        effect -> {
          domain.put(placed(DISK, FIRST_TARGET, FIRST_ADDRESS.slot()), LIVE);
          throw ScriptedDomain.fault(
              Call.ATTACH, 38, "cannot write config file: No space left on device");
        });

    Attached outcome = expect(Attached.class, attach());

    assertThat(outcome.address()).isEqualTo(FIRST_ADDRESS);
    assertThat(domain.changes()).containsExactly(BOTH, "ATTACH [PERSISTENT]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "27 | XML error: target 'vda' duplicated for disk sources '/a' and '/b'",
        "55 | Requested operation is not valid: target vda already exists"
      })
  void aLostRaceForATargetIsPlannedAgainWithAnother(int code, String message) {
    domain.next(Call.ATTACH, fails(Call.ATTACH, code, message));

    Attached outcome = expect(Attached.class, attach());

    assertThat(outcome.targetDev()).isEqualTo("vdb");
    assertThat(outcome.address()).isEqualTo(FIRST_ADDRESS);
    assertThat(domain.changes()).containsExactly(BOTH, BOTH);
    assertThat(time.waits).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "27 | XML error: Attempted double use of PCI Address 0000:00:03.0",
        "1 | PCI: slot 3 function 0 not available for virtio-blk-pci, in use by virtio-blk-pci",
        "55 | Domain already contains a disk with that address"
      })
  void aLostRaceForAnAddressIsPlannedAgainAtAnother(int code, String message) {
    domain.next(Call.ATTACH, fails(Call.ATTACH, code, message));

    Attached outcome = expect(Attached.class, attach());

    assertThat(outcome.targetDev()).isEqualTo(FIRST_TARGET);
    assertThat(outcome.address()).isEqualTo(PciAddress.of(0, 4));
    assertThat(domain.changes()).containsExactly(BOTH, BOTH);
  }

  @Test
  void whoWinsTheRaceKeepsTargetAndAddress() {
    String winner = strangers("/srv/winner.img", FIRST_TARGET, FIRST_ADDRESS.slot(), "");
    domain.next(
        Call.ATTACH,
        effect -> {
          domain.put(winner, View.values());
          throw ScriptedDomain.fault(Call.ATTACH, 27, "XML error: target 'vda' duplicated");
        });

    Attached outcome = expect(Attached.class, attach());

    assertThat(outcome.targetDev()).isEqualTo("vdb");
    assertThat(outcome.address()).isEqualTo(PciAddress.of(0, 4));
    assertThat(domain.disks(LIVE)).hasSize(2).contains(winner);
  }

  @Test
  void aRaceThatIsLostForEverEndsAtTheDeadlineAndSlowsDown() {
    domain.always(Call.ATTACH, fails(Call.ATTACH, 27, "XML error: target 'vda' duplicated"));

    AttachOutcome outcome = attach();

    assertThat(expect(Indeterminate.class, outcome).reason())
        .isEqualTo(Indeterminate.Reason.DEADLINE);
    assertThat(domain.count(Call.ATTACH)).isBetween(20L, 40L);
    assertThat(time.waits).isNotEmpty();
  }

  @Test
  void aFullMachineIsRejectedBeforeAnyCall() {
    for (int slot = 3; slot < 32; slot++) {
      domain.put(strangers("/srv/" + slot, "vd" + (char) ('a' + slot % 26), slot, ""), LIVE);
    }

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.NO_ROOM);
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void anAliasThatAnotherDeviceHasIsAConflict() {
    domain.xmlAnswer =
        (view, xml) ->
            xml.replace(
                "</devices>", "<interface><alias name='" + ALIAS + "'/></interface></devices>");

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(outcome.explanation()).contains(ALIAS);
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void storageThatCannotBeReachedIsToldAtOnce() {
    domain.always(Call.ATTACH, fails(Call.ATTACH, 1, "error connecting: Connection timed out"));

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.STORAGE_UNREACHABLE);
    assertThat(outcome.explanation()).contains(DISK.volume().id(), "Connection timed out");
    assertThat(outcome.retryAfter().orElseThrow()).isPositive();
    assertThat(domain.changes()).containsExactly(BOTH);
  }

  @Test
  void aFaultThatSaysNothingIsTriedAgainAndThenTold() {
    domain.always(Call.ATTACH, fails(Call.ATTACH, 1, ""));

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.FAULT);
    assertThat(domain.count(Call.ATTACH)).isEqualTo(3);
    assertThat(time.waits).hasSize(2);
  }

  @Test
  void aFaultThatPassesIsOvercome() {
    domain.next(
        Call.ATTACH,
        fails(Call.ATTACH, 1, ""),
        fails(Call.ATTACH, 68, "Timed out during operation: cannot acquire state change lock"),
        fails(Call.ATTACH, 38, CONNECTION_RESET));

    Attached outcome = expect(Attached.class, attach());

    assertThat(outcome.observed().faults()).hasSize(3);
    assertThat(domain.count(Call.ATTACH)).isEqualTo(4);
  }

  @Test
  void aDomainThatStaysBusyIsNeverAttached() {
    domain.always(
        Call.ATTACH,
        fails(Call.ATTACH, 68, "Timed out during operation: cannot acquire state change lock"));

    AttachOutcome outcome = attach();

    assertThat(expect(Unavailable.class, outcome).reason())
        .isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(outcome.observed().faults()).hasSize(1);
    assertThat(time.waits).hasSizeLessThan(12);
  }

  @Test
  void successThatLibvirtReportsAndNoViewShowsIsNotAttached() {
    domain.always(Call.ATTACH, effect -> {});

    Indeterminate outcome = expect(Indeterminate.class, attach());

    assertThat(outcome.reason()).isEqualTo(Indeterminate.Reason.NOT_AS_PLANNED);
    assertThat(domain.changes()).containsExactly(BOTH);
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void successThatOneViewOnlyShowsIsNotAttached(View view) {
    domain.always(
        Call.ATTACH, effect -> domain.put(placed(DISK, FIRST_TARGET, FIRST_ADDRESS.slot()), view));

    Indeterminate outcome = expect(Indeterminate.class, attach());

    assertThat(outcome.reason()).isEqualTo(Indeterminate.Reason.NOT_AS_PLANNED);
    assertThat(domain.changes()).containsExactly(BOTH);
  }

  @Test
  void whatLibvirtMadeOfAnAcceptedDiskIsNoConflictOfTheCallers() {
    for (UnaryOperator<String> changed :
        List.<UnaryOperator<String>>of(
            xml -> xml.replace("<serial>", "<readonly/><serial>"),
            xml -> xml.replace("/srv/one.img", "/srv/other.img"))) {
      domain.drop(View.values());
      domain.next(
          Call.ATTACH,
          effect ->
              domain.put(
                  changed.apply(placed(DISK, FIRST_TARGET, FIRST_ADDRESS.slot())), View.values()));

      assertThat(expect(Indeterminate.class, attach()).reason())
          .isEqualTo(Indeterminate.Reason.NOT_AS_PLANNED);
    }
  }

  @ParameterizedTest
  @MethodSource
  void aDiskThatIsNotAsPlannedIsNotAttached(String field, UnaryOperator<String> changed) {
    for (View odd : View.values()) {
      domain.drop(View.values());
      domain.next(
          Call.ATTACH,
          effect -> {
            String planned = placed(DISK, FIRST_TARGET, FIRST_ADDRESS.slot());
            domain.put(changed.apply(planned), odd);
            domain.put(planned, odd == LIVE ? PERSISTENT : LIVE);
          });

      Indeterminate outcome = expect(Indeterminate.class, attach());

      assertThat(outcome.reason()).isEqualTo(Indeterminate.Reason.NOT_AS_PLANNED);
      assertThat(outcome.explanation()).contains(odd + " " + field);
    }
  }

  static Stream<Arguments> aDiskThatIsNotAsPlannedIsNotAttached() {
    return Stream.of(
        planned("alias", xml -> xml.replaceAll("<alias[^>]*/>", "")),
        planned("alias", xml -> xml.replace(ALIAS, "virtio-disk0")),
        planned("address", xml -> xml.replace("slot=\"0x3\"", "slot=\"0x9\"")),
        planned("target dev", xml -> xml.replace("vda", "vdz")),
        planned("driver cache", xml -> xml.replace("cache=\"none\"", "cache=\"writeback\"")));
  }

  private static Arguments planned(String field, UnaryOperator<String> changed) {
    return Arguments.of(field, changed);
  }

  @Test
  void aDiskWithoutAnAddressIsNotAttached() {
    domain.next(
        Call.ATTACH,
        effect ->
            domain.put(
                placed(DISK, FIRST_TARGET, 3).replaceAll("<address[^>]*/>", ""), View.values()));

    Indeterminate outcome = expect(Indeterminate.class, attach());

    assertThat(outcome.reason()).isEqualTo(Indeterminate.Reason.NOT_AS_PLANNED);
    assertThat(outcome.explanation()).contains(FIRST_TARGET, "no address");
  }

  @ParameterizedTest
  @MethodSource
  void aVolumeThatIsAttachedInAnotherWayIsAConflict(String field, UnaryOperator<String> changed) {
    domain.put(placed(DISK, "vdc", 7), LIVE);
    domain.put(changed.apply(placed(DISK, "vdc", 7)), PERSISTENT);

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(outcome.differences()).extracting(Difference::field).containsExactly(field);
    assertThat(outcome.differences()).extracting(Difference::view).containsExactly(PERSISTENT);
    assertThat(domain.changes()).isEmpty();
  }

  static Stream<Arguments> aVolumeThatIsAttachedInAnotherWayIsAConflict() {
    return Stream.of(
        planned("serial", xml -> xml.replaceAll("<serial>.*</serial>", "")),
        planned("readonly", xml -> xml.replace("<serial>", "<readonly/><serial>")),
        planned("shareable", xml -> xml.replace("<serial>", "<shareable/><serial>")),
        planned("device", xml -> xml.replace("device=\"disk\"", "device=\"lun\"")),
        planned("bus", xml -> xml.replace("bus=\"virtio\"", "bus=\"usb\"")));
  }

  @Test
  void whatDoesNotMakeItAnotherDiskIsListed() {
    domain.put(placed(DISK, "vdc", 7), LIVE);
    domain.put(strangers("/srv/one.img", "vdd", 8, ""), PERSISTENT);
    domain.xmlAnswer =
        (view, xml) ->
            xml.replace(
                "<target dev='vdd'",
                "<serial>" + DISK.volume().id() + "</serial><target dev='vdd'");
    FileDisk limited =
        new FileDisk(
            DISK.volumeId(),
            DISK.file(),
            DiskOptions.DEFAULTS
                .withCache(CacheMode.DIRECTSYNC)
                .withIoTune(IoTune.total(1 << 20, 100)));

    AlreadyAttached outcome = expect(AlreadyAttached.class, attach(limited));

    assertThat(outcome.differences())
        .extracting(Difference::toString)
        .containsExactlyInAnyOrder(
            "LIVE driver cache: expected directsync, found none",
            "LIVE iotune total_bytes_sec: expected 1048576, found absent",
            "LIVE iotune total_iops_sec: expected 100, found absent",
            "PERSISTENT driver cache: expected directsync, found none",
            "PERSISTENT iotune total_bytes_sec: expected 1048576, found absent",
            "PERSISTENT iotune total_iops_sec: expected 100, found absent",
            "PERSISTENT target dev: expected vdc, found vdd",
            "PERSISTENT address: expected 0000:00:07.0, found 0000:00:08.0",
            "PERSISTENT alias: expected " + ALIAS + ", found absent");
    assertThat(domain.changes()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void aSourceThatWasPivotedIsRejected(View view) {
    domain.put(placed(DISK, "vdc", 7).replace("/srv/one.img", "/srv/overlay.qcow2"), view);

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.SOURCE_CHANGED);
    assertThat(outcome.explanation()).contains("vdc", "/srv/overlay.qcow2");
    assertThat(domain.changes()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void theSameSourceUnderAnotherSerialIsAConflict(View view) {
    domain.put(
        strangers("/srv/one.img", "vdc", 7, "virtio-disk2")
            .replace("<source", "<serial>other</serial><source"),
        view);

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(outcome.explanation()).contains("vdc", "other");
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aManagedSaveImageIsRejected() {
    domain.status(ScriptedDomain.SAVED);

    Rejected outcome = expect(Rejected.class, attach());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.MANAGED_SAVE);
    assertThat(domain.changes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"42, DOMAIN_NOT_FOUND", "88, ACCESS_DENIED", "29, ACCESS_DENIED"})
  void aDomainThatMayNotBeReadIsRejected(int code, Rejected.Reason reason) {
    domain.always(Call.READ_STATUS, fails(Call.READ_STATUS, code, "no"));

    assertThat(expect(Rejected.class, attach()).reason()).isEqualTo(reason);
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aConnectionThatComesBackIsUsedAgain() {
    domain.next(
        Call.READ_STATUS,
        fails(Call.READ_STATUS, 38, CONNECTION_RESET),
        fails(Call.READ_STATUS, 38, "Failed to connect socket to '/run/libvirt/libvirt-sock'"));
    domain.next(Call.READ_XML, fails(Call.READ_XML, 1, "internal error: client socket is closed"));

    Attached outcome = expect(Attached.class, attach());

    assertThat(outcome.observed().faults()).hasSize(3);
    assertThat(time.waits).hasSize(3);
  }

  @Test
  void aConnectionThatStaysAwayIsToldAtTheDeadline() {
    domain.always(Call.READ_XML, fails(Call.READ_XML, 38, CONNECTION_RESET));

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.CONNECTION_LOST);
    assertThat(outcome.explanation()).contains(CONNECTION_RESET);
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aConnectionThatIsLostAfterTheCallLeavesItOpenWhatHappened() {
    domain.next(
        Call.ATTACH,
        effect -> {
          domain.always(Call.READ_STATUS, fails(Call.READ_STATUS, 38, CONNECTION_RESET));
          throw ScriptedDomain.fault(Call.ATTACH, 38, CONNECTION_RESET);
        });

    Indeterminate outcome = expect(Indeterminate.class, attach());

    assertThat(outcome.reason()).isEqualTo(Indeterminate.Reason.DEADLINE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no xml", "<domain/>", "<domain type='kvm'><devices>"})
  void aViewThatCannotBeReadIsToldAndNothingIsChanged(String xml) {
    domain.xmlAnswer = (view, usual) -> view == PERSISTENT ? xml : usual;

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.UNREADABLE);
    assertThat(outcome.explanation()).contains("line 1");
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aDomainThatStopsWhileItIsReadIsReadAgain() {
    domain.next(
        Call.READ_XML,
        effect -> {
          domain.status(ScriptedDomain.SHUT_OFF);
          effect.run();
        });

    expect(Attached.class, attach());

    assertThat(domain.changes()).containsExactly("ATTACH [PERSISTENT]");
    assertThat(domain.disks(LIVE)).isEmpty();
  }

  @Test
  void aDomainThatStoppedBeforeTheCallIsAttachedInItsConfiguration() {
    domain.next(
        Call.ATTACH,
        effect -> {
          domain.status(ScriptedDomain.SHUT_OFF);
          throw ScriptedDomain.fault(
              Call.ATTACH, 55, "Requested operation is not valid: domain is not running");
        });

    expect(Attached.class, attach());

    assertThat(domain.changes()).containsExactly(BOTH, "ATTACH [PERSISTENT]");
  }

  @Test
  void aDomainThatKeepsChangingIsToldSo() {
    int[] id = {1};
    domain.always(
        Call.READ_XML,
        effect ->
            domain.status(
                new DomainStatus(RunState.RUNNING, StateReason.BOOTED, ++id[0], true, false)));

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.DOMAIN_CHANGING);
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aDomainThatIsPausedWhileItIsReadIsNoOther() {
    domain.next(Call.READ_XML, effect -> domain.status(ScriptedDomain.PAUSED));

    expect(Attached.class, attach());

    assertThat(domain.count(Call.READ_STATUS)).isEqualTo(1);
  }

  @Test
  void theStatusIsReadAfterTheViewsAndHoldsUntilTheyAreReadBackTheLiveOneLast() {
    expect(Attached.class, attach());

    assertThat(domain.calls)
        .containsExactly(
            "LOOKUP",
            "READ_XML LIVE",
            "READ_XML PERSISTENT",
            "READ_STATUS",
            "READ_CONTROL",
            BOTH,
            "READ_XML PERSISTENT",
            "READ_XML LIVE");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whereOneViewAppliesTheStatusIsReadAfterItEachTime(boolean active) {
    domain.status(active ? ScriptedDomain.TRANSIENT : ScriptedDomain.SHUT_OFF);

    expect(Attached.class, attach());

    assertThat(domain.calls).endsWith("READ_XML " + (active ? LIVE : PERSISTENT), "READ_STATUS");
    assertThat(domain.count(Call.READ_STATUS)).isEqualTo(2);
  }

  @Test
  void aDomainThatWasStartedAgainAfterTheAttachIsReadWithItsStatus() {
    DomainStatus next = new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 2, true, false);
    domain.next(
        Call.ATTACH,
        effect -> {
          effect.run();
          domain.status(next);
        });

    Attached outcome = expect(Attached.class, attach());

    assertThat(outcome.observed().status()).hasValue(next);
    assertThat(domain.calls).endsWith("READ_XML LIVE", "READ_XML PERSISTENT", "READ_STATUS");
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true"})
  void aDomainThatWasStoppedBeforeOrWhileItIsReadBackHasOneView(boolean before, boolean stays) {
    domain.next(
        Call.ATTACH,
        effect -> {
          effect.run();
          if (!stays) {
            // What was plugged in while it ran, and could not be saved.
            domain.drop(PERSISTENT);
          }
          ScriptedDomain.Act stops = now -> domain.status(ScriptedDomain.SHUT_OFF);
          if (before) {
            stops.perform(() -> {});
          } else {
            domain.next(Call.READ_XML, stops);
          }
        });

    AttachOutcome outcome = attach();

    assertThat(outcome).isInstanceOf(stays ? Attached.class : Indeterminate.class);
    assertThat(outcome.observed().status()).hasValue(ScriptedDomain.SHUT_OFF);
  }

  @Test
  void aDomainThatWasUndefinedAfterTheAttachHasTheDiskWhereItCounts() {
    domain.next(
        Call.ATTACH,
        effect -> {
          effect.run();
          domain.status(ScriptedDomain.TRANSIENT);
        });

    expect(Attached.class, attach());
  }

  @Test
  void afterAFaultTheStatusIsReadAnew() {
    domain.next(
        Call.ATTACH,
        effect -> {
          domain.status(ScriptedDomain.TRANSIENT);
          throw ScriptedDomain.fault(
              Call.ATTACH, 27, "target 'vda' duplicated for disk sources 'a' and 'b'");
        });

    expect(Attached.class, attach());

    assertThat(domain.changes()).containsExactly(BOTH, "ATTACH [LIVE]");
  }

  @Test
  void aDomainThatWasStartedAgainWhileItIsReadIsReadAgain() {
    domain.next(
        Call.READ_XML,
        Runnable::run,
        effect ->
            domain.status(new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 2, true, false)));

    expect(Attached.class, attach());

    assertThat(domain.count(Call.READ_XML)).isEqualTo(6);
  }

  @Test
  void aDomainThatWasUndefinedWhileItIsReadHasOneView() {
    domain.next(Call.READ_XML, Runnable::run, effect -> domain.status(ScriptedDomain.TRANSIENT));

    expect(Attached.class, attach());

    assertThat(domain.changes()).containsExactly("ATTACH [LIVE]");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 38, 9999})
  void whatAFaultIsTakenForDecides(int code) {
    FaultClassifier users = fault -> new Classification(Condition.QEMU_GONE, Verdict.RETRYABLE);
    domain.always(Call.ATTACH, fails(Call.ATTACH, code, ""));
    try (Executor withUsers =
        new Executor(
            ScriptedDomain.hypervisor(domain),
            users,
            ExampleKind.ALL,
            ReleaseRules.USUAL,
            StorageProbes.none(),
            time,
            new Random(1),
            ListenerDispatcher.none())) {
      AttachOutcome outcome = withUsers.attach(domain.ref(), DISK, DEADLINE).await();

      assertThat(expect(Indeterminate.class, outcome).reason())
          .isEqualTo(Indeterminate.Reason.DEADLINE);
    }
    assertThat(domain.count(Call.ATTACH)).isGreaterThan(3);
  }

  @Test
  void theLastFaultsAreKeptAndTheSameOneOnce() {
    domain.next(
        Call.READ_STATUS,
        Stream.iterate(0, i -> i + 1)
            .limit(50)
            .map(i -> fails(Call.READ_STATUS, 38, CONNECTION_RESET + " " + i / 2))
            .toArray(ScriptedDomain.Act[]::new));

    AttachOutcome outcome = executor.attach(domain.ref(), DISK, Duration.ofMinutes(5)).await();

    assertThat(expect(Attached.class, outcome).observed().faults())
        .extracting(fault -> fault.message())
        .containsExactlyElementsOf(
            Stream.iterate(5, i -> i + 1).limit(20).map(i -> CONNECTION_RESET + " " + i).toList());
  }

  @Test
  void twoVolumesGetTwoPlaces() {
    FileDisk other = new FileDisk("pvc-2", Path.of("/srv/two.img"), DiskOptions.DEFAULTS);
    Attached first = expect(Attached.class, attach());
    Attached second = expect(Attached.class, attach(other));

    assertThat(List.of(first.targetDev(), second.targetDev())).containsExactly("vda", "vdb");
    assertThat(second.address()).isEqualTo(PciAddress.of(0, 4));
  }

  @Test
  void aDomainWhoseMonitorIsOccupiedIsLeftAlone() {
    domain.occupiedFor = Duration.ofSeconds(44);

    Unavailable busy = expect(Unavailable.class, attach());

    assertThat(busy.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(busy.explanation()).contains("44000 ms");
    assertThat(domain.changes()).isEmpty();
    domain.occupiedFor = Duration.ofMillis(900);
    expect(Attached.class, attach());
  }
}
