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
import static io.diskplug.internal.exec.ScriptedDomain.failsAfterwards;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.exec.ScriptedDomain.Act;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetachTest {

  private static final String FROM_BOTH = "DETACH " + ALIAS + " [LIVE, PERSISTENT]";
  private static final String FROM_LIVE = "DETACH " + ALIAS + " [LIVE]";
  private static final String FROM_PERSISTENT = "DETACH " + ALIAS + " [PERSISTENT]";
  private static final String SERIAL = "<serial>%s</serial>".formatted(VOLUME.id());
  private static final String CONNECTION_RESET = "Cannot recv data: Connection reset by peer";

  /** What QEMU 7.2 says of the volume's node. */
  private static final String NODE =
      """
      {"node-name":"libvirt-9-storage","drv":"file","file":"/srv/one.img","ro":false}\
      """;

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();
  private final Executor executor = executor(time, domain);

  private DetachOutcome detach() {
    return detach(DEADLINE);
  }

  private DetachOutcome detach(Duration deadline) {
    return executor.detach(domain.ref(), VOLUME, deadline).await();
  }

  private void attached(View... views) {
    domain.put(placed(DISK, "vdc", 7), views);
  }

  /**
   * The guest answers while QEMU cannot be asked, for another client's call has the job: the
   * request would wait for it as well, and find no device.
   */
  @Test
  void aRepetitionIsNotSentIfTheJobWasTakenWhenQemuWasAsked() {
    Executor asking = executor(time, Proof.QEMU, domain);
    attached(LIVE, PERSISTENT);
    domain.guestReleases = false;
    domain.always(
        Call.ASK_QEMU,
        effect -> {
          time.pass(Duration.ofSeconds(30));
          domain.dropped.add(ALIAS);
          throw ScriptedDomain.fault(
              Call.ASK_QEMU, 68, "Timed out during operation: cannot acquire state change lock");
        });

    DetachOutcome outcome = asking.detach(domain.ref(), VOLUME, Duration.ofMinutes(3)).await();

    assertThat(outcome.isDetached()).isFalse();
    assertThat(domain.changes()).containsExactly(FROM_BOTH);
  }

  @Test
  void aDiskInBothViewsGoesInOneCallByItsAlias() {
    attached(View.values());

    Detached outcome = expect(Detached.class, detach());

    assertThat(outcome.proof()).isEqualTo(Proof.QEMU);
    assertThat(outcome.observed().heldByQemu()).hasValue(false);
    assertThat(outcome.observed().live()).isEmpty();
    assertThat(domain.changes()).containsExactly(FROM_BOTH);
    assertThat(domain.disks(LIVE)).isEmpty();
    assertThat(domain.disks(PERSISTENT)).isEmpty();
  }

  @Test
  void eventsAreAwaitedFromBeforeTheRequestUntilTheEnd() {
    attached(View.values());

    expect(Detached.class, detach());

    assertThat(domain.calls).containsSubsequence("SUBSCRIBE", FROM_BOTH);
    assertThat(domain.count(Call.SUBSCRIBE)).isEqualTo(1);
    assertThat(domain.subscribers()).isZero();
  }

  @Test
  @Timeout(20)
  void anEventEndsTheWait() throws Exception {
    attached(View.values());
    domain.guestReleases = false;
    Duration release = Duration.ofMillis(20);
    time.at(release, () -> domain.drop(LIVE));

    expect(Detached.class, detach());

    // The wait for the event was longer than it took.
    assertThat(time.nanoTime()).isLessThan(Duration.ofMillis(250).toNanos());
    assertThat(time.waits).containsExactly(Duration.ofMillis(250));
  }

  @Test
  void anEventThatComesWhileTheViewsAreReadEndsTheNextWait() {
    attached(View.values());
    domain.guestReleases = false;
    Act asUsual = Runnable::run;
    // Read before the request, and then after the first wait.
    domain.next(
        Call.READ_STATUS,
        asUsual,
        effect -> {
          effect.run();
          domain.drop(LIVE);
        });

    expect(Detached.class, detach());

    assertThat(time.waits).hasSize(2);
    assertThat(time.nanoTime()).isLessThan(Duration.ofMillis(450).toNanos());
  }

  @Test
  void aVolumeThatNobodyHasIsAlreadyDetachedAfterQemuWasAsked() {
    domain.put(strangers("/srv/other.img", "vdc", 7, "virtio-disk2"), View.values());

    AlreadyDetached outcome = expect(AlreadyDetached.class, detach());

    assertThat(outcome.proof()).isEqualTo(Proof.QEMU);
    assertThat(domain.count(Call.ASK_QEMU)).isEqualTo(2);
    assertThat(domain.changes()).isEmpty();
    assertThat(domain.disks(LIVE)).hasSize(1);
  }

  @Test
  void aDomainThatIsShutOffHasNoQemuToAsk() {
    domain.status(ScriptedDomain.SHUT_OFF);
    assertThat(expect(AlreadyDetached.class, detach()).proof()).isEqualTo(Proof.DAEMON);
    attached(PERSISTENT);
    assertThat(expect(Detached.class, detach()).proof()).isEqualTo(Proof.DAEMON);

    assertThat(domain.changes()).containsExactly(FROM_PERSISTENT);
    assertThat(domain.count(Call.ASK_QEMU)).isZero();
  }

  @Test
  void whereQemuMayNotBeAskedTheProofIsNamedAsTheWeakerOne() {
    attached(View.values());
    domain.qemuNodes.add(NODE);
    try (Executor withoutMonitor = executor(time, Proof.XML, domain)) {
      assertThat(
              expect(Detached.class, withoutMonitor.detach(domain.ref(), VOLUME, DEADLINE).await())
                  .proof())
          .isEqualTo(Proof.XML);
      assertThat(
              expect(
                      AlreadyDetached.class,
                      withoutMonitor.detach(domain.ref(), VOLUME, DEADLINE).await())
                  .proof())
          .isEqualTo(Proof.XML);
    }
    assertThat(domain.count(Call.ASK_QEMU)).isZero();
  }

  @Test
  void aTransientDomainIsAskedLiveAtOnce() {
    domain.status(ScriptedDomain.TRANSIENT);
    attached(LIVE);

    expect(Detached.class, detach());

    assertThat(domain.changes()).containsExactly(FROM_LIVE);
    assertThat(time.waits).isEmpty();
  }

  @Test
  void aDiskInThePersistentViewOnlyGoesFromThere() {
    attached(PERSISTENT);

    expect(Detached.class, detach());

    assertThat(domain.changes()).containsExactly(FROM_PERSISTENT);
    assertThat(domain.count(Call.SUBSCRIBE)).isZero();
  }

  @Test
  void aDiskInTheLiveViewOnlyIsLeftAloneForASecondAndThenAskedFor() {
    attached(LIVE);

    expect(Detached.class, detach());

    assertThat(domain.changes()).containsExactly(FROM_LIVE);
    assertThat(time.waits.stream().reduce(Duration.ZERO, Duration::plus))
        .isBetween(Duration.ofMillis(600), Duration.ofSeconds(3));
  }

  @Test
  void aDiskInTheLiveViewOnlyThatIsOnItsWayIsNotAskedForAgain() {
    attached(LIVE);
    time.at(Duration.ofMillis(300), () -> domain.drop(LIVE));

    expect(Detached.class, detach());

    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aDiskInTheLiveViewOnlyIsLeftAloneForHalfOfAShortDeadline() {
    attached(LIVE);

    expect(Detached.class, detach(Duration.ofMillis(700)));

    assertThat(domain.changes()).containsExactly(FROM_LIVE);
    assertThat(time.waits.stream().reduce(Duration.ZERO, Duration::plus))
        .isBetween(Duration.ofMillis(200), Duration.ofMillis(600));
  }

  @Test
  void successWhileTheLiveViewStillHasTheDiskIsPendingAtTheDeadline() {
    attached(View.values());
    domain.guestReleases = false;

    Pending outcome = expect(Pending.class, detach());

    assertThat(outcome.waitingFor()).isEqualTo(WaitingFor.GUEST);
    assertThat(outcome.observed().live()).isPresent();
    assertThat(outcome.observed().persistent()).isEmpty();
    assertThat(domain.changes()).containsExactly(FROM_BOTH);
  }

  @Test
  void aPausedGuestIsToldToBePaused() {
    attached(View.values());
    domain.status(ScriptedDomain.PAUSED);
    domain.guestReleases = false;

    assertThat(expect(Pending.class, detach()).waitingFor()).isEqualTo(WaitingFor.PAUSED_GUEST);
  }

  @Test
  void aPendingUnplugIsResumedByTheNextRequestWithoutAskingAgain() {
    attached(View.values());
    domain.guestReleases = false;
    expect(Pending.class, detach());

    assertThat(expect(Pending.class, detach()).waitingFor()).isEqualTo(WaitingFor.GUEST);
    assertThat(domain.changes()).containsExactly(FROM_BOTH);

    domain.drop(LIVE);
    expect(AlreadyDetached.class, detach());
  }

  @Test
  void anotherProcessLeavesAPendingUnplugAloneForASecondAndAsksThen() {
    attached(View.values());
    domain.guestReleases = false;
    expect(Pending.class, detach());
    domain.notes.clear();
    try (Executor elsewhere = executor(time, domain)) {
      expect(Pending.class, elsewhere.detach(domain.ref(), VOLUME, DEADLINE).await());
    }

    assertThat(domain.changes()).containsExactly(FROM_BOTH, FROM_LIVE);
  }

  @Test
  void aGuestThatReleasesLateIsWaitedFor() {
    attached(View.values());
    domain.guestReleases = false;
    time.at(Duration.ofSeconds(3), () -> domain.drop(LIVE));

    expect(Detached.class, detach());

    assertThat(domain.changes()).containsExactly(FROM_BOTH);
  }

  @Test
  void aGuestThatForgotIsAskedAgainWithGrowingPauses() {
    attached(View.values());
    domain.guestReleases = false;

    expect(Pending.class, detach(Duration.ofMinutes(12)));

    assertThat(domain.changes()).startsWith(FROM_BOTH).hasSizeBetween(4, 7);
    assertThat(domain.changes().subList(1, domain.changes().size())).containsOnly(FROM_LIVE);
  }

  /** A request that finds no device can end libvirtd 9.0 to 11.3. */
  @Test
  void aGuestIsNotAskedAgainForWhatQemuHasDropped() {
    attached(View.values());
    domain.guestReleases = false;
    time.at(Duration.ofSeconds(1), () -> domain.dropped.add(ALIAS));
    time.at(Duration.ofMinutes(5), () -> domain.drop(LIVE));

    expect(Detached.class, detach(Duration.ofMinutes(12)));

    assertThat(domain.changes()).containsExactly(FROM_BOTH);
    assertThat(domain.count(Call.ASK_QEMU)).isPositive();
  }

  @Test
  void whatLibvirtNeverComesToKnowIsPendingAndToldOf() {
    attached(View.values());
    domain.guestReleases = false;
    domain.dropped.add(ALIAS);

    Pending pending = expect(Pending.class, detach(Duration.ofMinutes(2)));

    assertThat(pending.waitingFor()).isEqualTo(WaitingFor.GUEST);
    assertThat(pending.toString()).contains("QEMU has dropped it, and libvirt still shows it");
    assertThat(domain.changes()).containsExactly(FROM_BOTH);
  }

  @Test
  void whereTheMonitorIsForbiddenAGuestIsAskedAgainAllTheSame() {
    attached(View.values());
    domain.guestReleases = false;
    domain.dropped.add(ALIAS);
    domain.always(Call.ASK_QEMU, fails(Call.ASK_QEMU, 88, "access denied"));

    expect(Pending.class, detach(Duration.ofMinutes(2)));

    assertThat(domain.changes()).startsWith(FROM_BOTH, FROM_LIVE);
  }

  @Test
  void aGuestThatStartedAnewIsAskedAnew() {
    attached(View.values());
    domain.guestReleases = false;
    time.at(
        Duration.ofSeconds(1),
        () ->
            domain.status(new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 2, true, false)));

    expect(Pending.class, detach());

    assertThat(domain.changes()).containsExactly(FROM_BOTH, FROM_LIVE);
  }

  @Test
  void theStatusHoldsUntilTheViewsAreReadBackAndTheRunUntilQemuHasAnswered() {
    attached(View.values());

    expect(Detached.class, detach());

    assertThat(domain.calls)
        .containsSequence("READ_XML LIVE", "READ_XML PERSISTENT", "READ_STATUS")
        .containsSequence(FROM_BOTH, "READ_XML PERSISTENT", "READ_XML LIVE", "NOTE", "NOTE")
        .endsWith("ASK_QEMU", "LOOKUP");
    assertThat(domain.count(Call.READ_STATUS)).isEqualTo(1);
  }

  @Test
  void aGuestThatIsPausedWhileItIsAskedIsToldSoAfterTheWait() {
    attached(View.values());
    domain.guestReleases = false;
    domain.next(Call.DETACH, effect -> domain.status(ScriptedDomain.PAUSED));

    Pending outcome = expect(Pending.class, detach());

    assertThat(outcome.waitingFor()).isEqualTo(WaitingFor.PAUSED_GUEST);
  }

  /** Which libvirt waits for, so that what the domain was doing may be over. */
  @Test
  void afterADetachByTheElementTheStatusIsReadAnew() {
    domain.put(
        strangers("/srv/one.img", "vdc", 7, "").replace("</disk>", SERIAL + "</disk>"), PERSISTENT);
    domain.put(
        strangers("/srv/one.img", "vdc", 7, "virtio-disk2").replace("</disk>", SERIAL + "</disk>"),
        LIVE);

    expect(Detached.class, detach());

    assertThat(domain.calls)
        .containsSubsequence("DETACH vdc [PERSISTENT]", "READ_XML LIVE", "READ_STATUS");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDomainThatWasUndefinedWhileItWasAskedIsDetachedLive(boolean isShownAsItWas) {
    attached(View.values());
    domain.next(
        Call.DETACH,
        effect -> {
          effect.run();
          if (isShownAsItWas) {
            attached(PERSISTENT);
          }
          domain.status(ScriptedDomain.TRANSIENT);
        },
        fails(
            Call.DETACH,
            55,
            "Requested operation is not valid: transient domains do not have any persistent"
                + " config"));

    Detached outcome = expect(Detached.class, detach());

    assertThat(outcome.proof()).isEqualTo(Proof.QEMU);
    assertThat(domain.disks(LIVE)).isEmpty();
  }

  @Test
  void aDomainThatIsShutOffOnceQemuHasAnsweredIsReadAgain() {
    attached(LIVE);
    domain.status(ScriptedDomain.TRANSIENT);
    domain.next(Call.ASK_QEMU, Runnable::run, effect -> domain.status(ScriptedDomain.SHUT_OFF));

    Detached outcome = expect(Detached.class, detach());

    assertThat(outcome.observed().status()).hasValue(ScriptedDomain.SHUT_OFF);
  }

  @Test
  void whatQemuHasIsNotDetached() {
    attached(View.values());
    domain.qemuNodes.add(NODE);
    domain.always(Call.CHANGE_QEMU, effect -> {});

    Pending outcome = expect(Pending.class, detach());

    assertThat(outcome.waitingFor()).isEqualTo(WaitingFor.QEMU);
    assertThat(outcome.observed().heldByQemu()).hasValue(true);
    assertThat(outcome.observed().live()).isEmpty();
  }

  @Test
  void qemuIsWaitedFor() {
    attached(View.values());
    domain.qemuNodes.add(NODE);
    time.at(Duration.ofMillis(100), domain.qemuNodes::clear);

    Detached outcome = expect(Detached.class, detach());

    assertThat(outcome.observed().heldByQemu()).hasValue(false);
    assertThat(time.waits).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no json",
        "{\"return\":[",
        "{\"return\":[{\"name\":\"a\"}",
        "{\"return\":{}}",
        "{\"return\":[1]}",
        "{\"id\":\"libvirt-7\"}",
        "{\"id\":\"x\",\"error\":{\"class\":\"DeviceNotFound\",\"desc\":\"not found\"}}",
        "null"
      })
  void anAnswerOfQemuThatMakesNoSenseIsNoProof(String answer) {
    domain.qemuAnswer = usual -> answer;

    Unavailable before = expect(Unavailable.class, detach());
    assertThat(before.reason()).isEqualTo(Unavailable.Reason.QEMU_UNANSWERED);

    attached(View.values());
    Indeterminate after = expect(Indeterminate.class, detach());
    assertThat(after.reason()).isEqualTo(Indeterminate.Reason.DEADLINE);
    assertThat(after.observed().heldByQemu()).isEmpty();
  }

  @Test
  void aBlockNodeThatCannotBeToldIsNoProof() {
    domain.qemuNodes.add(
        """
        {"node-name":"libvirt-9-storage","drv":"rbd","file":"json:{\\"pool\\": \\"vol..."}\
        """);

    assertThat(expect(Unavailable.class, detach()).reason())
        .isEqualTo(Unavailable.Reason.QEMU_UNANSWERED);
  }

  @Test
  void ofAKindWhoseNodesAreNotRecognizedNothingIsSaid() {
    VolumeRef export = new VolumeRef("pvc-1", new SourceIdentity("nbd", "", "export"));

    DetachOutcome outcome = executor.detach(domain.ref(), export, DEADLINE).await();

    assertThat(expect(Rejected.class, outcome).reason())
        .isEqualTo(Rejected.Reason.STORAGE_KIND_UNKNOWN);
    assertThat(domain.calls).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3 | this function is not supported by the connection driver",
        "88 | access denied",
        "1 | internal error: cannot send monitor command",
        "68 | Timed out during operation: cannot acquire state change lock"
      })
  void aMonitorThatCannotBeAskedIsNoProof(int code, String message) {
    domain.always(Call.ASK_QEMU, fails(Call.ASK_QEMU, code, message));

    Unavailable outcome = expect(Unavailable.class, detach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.QEMU_UNANSWERED);
    assertThat(outcome.explanation()).contains(String.valueOf(code));
    assertThat(outcome.observed().faults()).isNotEmpty();
  }

  @Test
  void aMonitorThatAnswersTheSecondTimeIsProof() {
    domain.next(Call.ASK_QEMU, fails(Call.ASK_QEMU, 1, "internal error: cannot send command"));

    expect(AlreadyDetached.class, detach());
  }

  @Test
  void aQemuThatEndsWhileItIsAskedIsLookedAtAgain() {
    domain.next(
        Call.ASK_QEMU,
        effect -> {
          domain.status(ScriptedDomain.SHUT_OFF);
          throw ScriptedDomain.fault(Call.ASK_QEMU, 55, "domain is not running");
        });
    attached(LIVE);
    domain.status(ScriptedDomain.TRANSIENT);

    Detached outcome = expect(Detached.class, detach());

    assertThat(outcome.observed().status()).hasValue(ScriptedDomain.SHUT_OFF);
  }

  @Test
  void whatQemuSaidOfAnEarlierStartIsNoProof() {
    domain.next(
        Call.ASK_QEMU,
        Runnable::run,
        effect -> {
          attached(LIVE);
          domain.status(new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 2, true, false));
        });

    expect(Detached.class, detach());

    assertThat(domain.changes()).containsExactly(FROM_LIVE);
    assertThat(domain.count(Call.ASK_QEMU)).isEqualTo(4);
  }

  @Test
  void aDomainThatIsShutDownMeanwhileIsDetachedFromItsConfiguration() {
    attached(View.values());
    domain.next(
        Call.DETACH,
        effect -> {
          domain.drop(LIVE);
          domain.status(ScriptedDomain.SHUT_OFF);
          throw ScriptedDomain.fault(Call.DETACH, 55, "domain is not running");
        });

    expect(Detached.class, detach());

    assertThat(domain.changes()).containsExactly(FROM_BOTH, FROM_PERSISTENT);
    assertThat(domain.disks(PERSISTENT)).isEmpty();
  }

  @Test
  void anUnplugThatIsUnderWayIsAwaitedAndNotAskedForAgain() {
    attached(View.values());
    domain.next(
        Call.DETACH,
        fails(Call.DETACH, 1, "Device " + ALIAS + " is already in the process of unplug"));
    time.at(Duration.ofSeconds(2), () -> domain.drop(LIVE));

    expect(Detached.class, detach());

    assertThat(domain.changes()).containsExactly(FROM_BOTH, FROM_PERSISTENT);
  }

  @Test
  void anUnplugThatIsUnderWayAndDoesNotEndIsPending() {
    attached(View.values());
    domain.guestReleases = false;
    domain.next(
        Call.DETACH,
        fails(Call.DETACH, 1, "Device " + ALIAS + " is already in the process of unplug"));

    assertThat(expect(Pending.class, detach()).waitingFor()).isEqualTo(WaitingFor.GUEST);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "99 | device not found: disk vdc not found",
        "1 | internal error: no device found with alias ua-x",
        "9 | operation failed: disk vdc not found"
      })
  void aDiskThatIsSaidToBeMissingAndStillShownIsNotDetached(int code, String message) {
    attached(View.values());
    domain.always(Call.DETACH, fails(Call.DETACH, code, message));

    Unavailable outcome = expect(Unavailable.class, detach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.FAULT);
    assertThat(outcome.explanation()).contains(message);
    assertThat(outcome.observed().live()).isPresent();
    assertThat(domain.count(Call.DETACH)).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "99 | device not found: disk vdc not found",
        "38 | Cannot recv data: Connection reset by peer",
        "1 | internal error: something new",
        "9999 | an error of the future"
      })
  void aFaultAfterWhichTheDiskIsGoneIsADetach(int code, String message) {
    attached(View.values());
    domain.next(Call.DETACH, failsAfterwards(Call.DETACH, code, message));

    Detached outcome = expect(Detached.class, detach());

    assertThat(outcome.observed().faults()).hasSize(1);
    assertThat(domain.changes()).containsExactly(FROM_BOTH);
  }

  @Test
  void aRequestThatWentUnderWithTheConnectionIsAskedForAgainOnlyAfterAWhile() {
    attached(View.values());
    domain.next(
        Call.DETACH,
        effect -> {
          domain.drop(PERSISTENT);
          throw ScriptedDomain.fault(Call.DETACH, 38, CONNECTION_RESET);
        });
    time.at(Duration.ofMillis(500), () -> domain.drop(LIVE));

    expect(Detached.class, detach());

    assertThat(domain.changes()).containsExactly(FROM_BOTH);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "9 | cannot hot unplug multifunction PCI device: vdc | BAD_REQUEST",
        "1 | Bus 'pcie.0' does not support hotplugging | BAD_REQUEST",
        "84 | Operation not supported: this type of disk cannot be hot unplugged | BAD_REQUEST",
        "88 | access denied | ACCESS_DENIED",
        "42 | Domain not found | DOMAIN_NOT_FOUND"
      })
  void aFatalFaultIsRejectedWithItsReason(int code, String message, Rejected.Reason reason) {
    attached(View.values());
    domain.always(Call.DETACH, fails(Call.DETACH, code, message));

    Rejected outcome = expect(Rejected.class, detach());

    assertThat(outcome.reason()).isEqualTo(reason);
    assertThat(domain.changes()).containsExactly(FROM_BOTH);
  }

  @Test
  void aBlockJobIsWaitedFor() {
    attached(View.values());
    domain.always(Call.DETACH, fails(Call.DETACH, 83, "disk 'vdc' already in active block job"));
    time.at(Duration.ofSeconds(2), () -> domain.asUsual(Call.DETACH));

    expect(Detached.class, detach());
  }

  @Test
  void anotherVolumeOnTheTargetIsLeftAlone() {
    attached(View.values());
    domain.next(
        Call.DETACH,
        effect -> {
          domain.drop(View.values());
          domain.put(strangers("/srv/other.img", "vdc", 7, "virtio-disk2"), View.values());
        });

    expect(Detached.class, detach());
    expect(AlreadyDetached.class, detach());

    assertThat(domain.changes()).containsExactly(FROM_BOTH);
    assertThat(domain.disks(LIVE)).hasSize(1);
    assertThat(domain.disks(PERSISTENT)).hasSize(1);
  }

  @Test
  void aDiskWithTheSerialAloneGoesByItsAliasLiveAndByItsElementInTheConfiguration() {
    domain.put(
        strangers("/srv/one.img", "vdc", 7, "virtio-disk2").replace("</disk>", SERIAL + "</disk>"),
        LIVE);
    domain.put(strangers("/srv/zero.img", "vdb", 6, ""), PERSISTENT);
    domain.put(
        strangers("/srv/one.img", "vdd", 7, "").replace("</disk>", SERIAL + "</disk>"), PERSISTENT);

    expect(Detached.class, detach());

    assertThat(domain.changes())
        .containsExactly("DETACH virtio-disk2 [LIVE]", "DETACH vdd [PERSISTENT]");
    assertThat(domain.disks(LIVE)).isEmpty();
    assertThat(domain.disks(PERSISTENT)).singleElement().asString().contains("/srv/zero.img");
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void aVolumeThatIsThereTwiceIsAConflict(View view) {
    attached(view);
    domain.put(strangers("/srv/one.img", "vdd", 8, "virtio-disk3"), view);

    Rejected outcome = expect(Rejected.class, detach());

    assertThat(outcome.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(outcome.explanation()).contains("vdc", "vdd");
    assertThat(domain.changes()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void aSourceThatWasPivotedIsRejected(View view) {
    domain.put(placed(DISK, "vdc", 7).replace("/srv/one.img", "/srv/overlay.qcow2"), view);

    assertThat(expect(Rejected.class, detach()).reason()).isEqualTo(Rejected.Reason.SOURCE_CHANGED);
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aManagedSaveImageIsRejectedWhetherTheConfigurationHasTheDiskOrNot() {
    domain.status(ScriptedDomain.SAVED);
    assertThat(expect(Rejected.class, detach()).reason()).isEqualTo(Rejected.Reason.MANAGED_SAVE);
    attached(PERSISTENT);
    assertThat(expect(Rejected.class, detach()).reason()).isEqualTo(Rejected.Reason.MANAGED_SAVE);

    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aDomainThatIsGoneProvesNothing() {
    domain.always(Call.LOOKUP, fails(Call.LOOKUP, 42, "Domain not found"));
    assertThat(expect(Rejected.class, detach()).reason())
        .isEqualTo(Rejected.Reason.DOMAIN_NOT_FOUND);
  }

  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"READ_STATUS", "READ_XML", "ASK_QEMU"})
  void aDomainThatGoesAwayMeanwhileProvesNothing(Call call) {
    domain.always(call, fails(call, 42, "Domain not found"));

    assertThat(expect(Rejected.class, detach()).reason())
        .isEqualTo(Rejected.Reason.DOMAIN_NOT_FOUND);
  }

  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"READ_STATUS", "READ_XML", "ASK_QEMU"})
  void aConnectionThatIsLostProvesNothing(Call call) {
    domain.always(call, fails(call, 38, CONNECTION_RESET));

    assertThat(expect(Unavailable.class, detach()).reason())
        .isEqualTo(Unavailable.Reason.CONNECTION_LOST);
  }

  @Test
  void aConnectionThatComesBackIsUsedAgain() {
    attached(View.values());
    domain.next(Call.READ_XML, fails(Call.READ_XML, 38, CONNECTION_RESET));
    domain.next(Call.ASK_QEMU, fails(Call.ASK_QEMU, 38, CONNECTION_RESET));

    expect(Detached.class, detach());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no xml",
        "<domain/>",
        "<domain type='kvm'><name>vm</name><devices>",
        "<!DOCTYPE domain><domain/>"
      })
  void aViewThatCannotBeReadIsNoEvidence(String xml) {
    for (View view : View.values()) {
      attached(View.values());
      domain.xmlAnswer = (asked, usual) -> asked == view ? xml : usual;

      Unavailable outcome = expect(Unavailable.class, detach());

      assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.UNREADABLE);
      assertThat(domain.changes()).isEmpty();
    }
  }

  @Test
  void aViewThatCannotBeReadAfterTheRequestIsNoEvidence() {
    attached(View.values());
    domain.next(
        Call.DETACH,
        effect -> {
          effect.run();
          domain.xmlAnswer = (view, usual) -> "<domain/>";
        });

    expect(Pending.class, detach());

    domain.xmlAnswer = (view, usual) -> usual;
    expect(AlreadyDetached.class, detach());
  }

  @Test
  void withoutEventsTheViewsAreReadAgainAndAgain() {
    attached(View.values());
    domain.guestReleases = false;
    domain.hasEvents = false;
    time.at(Duration.ofSeconds(2), () -> domain.drop(LIVE));

    expect(Detached.class, detach());

    assertThat(time.waits).hasSizeGreaterThan(5);
  }

  @Test
  void aFaultThatIsMisreadIsNoDetach() {
    attached(View.values());
    domain.always(Call.DETACH, fails(Call.DETACH, 1, "no device found with alias"));
    FaultClassifier standard = ExampleKind.FAULTS;
    FaultClassifier users =
        fault -> standard.classify(new LibvirtFault(fault.call(), 99, 10, "disk not found"));
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
      DetachOutcome outcome = withUsers.detach(domain.ref(), VOLUME, DEADLINE).await();

      assertThat(outcome.isDetached()).isFalse();
    }
  }

  @Test
  void aDomainWhoseMonitorIsOccupiedIsLeftAlone() {
    attached(View.values());
    domain.occupiedFor = Duration.ofSeconds(44);

    Unavailable busy = expect(Unavailable.class, detach());

    assertThat(busy.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(busy.explanation()).contains("44000 ms");
    assertThat(domain.changes()).isEmpty();
    domain.occupiedFor = Duration.ofMillis(900);
    expect(Detached.class, detach());
  }

  /** libvirt asks the guest first, and saves the configuration then. */
  @Test
  void aConfigurationThatCouldNotBeSavedTakesNoRequestBack() {
    attached(View.values());
    domain.guestReleases = false;
    domain.always(
        Call.DETACH, fails(Call.DETACH, 38, "Failed to create file '/etc/vm.xml.new': no"));

    assertThat(expect(Unavailable.class, detach()).reason()).isEqualTo(Unavailable.Reason.FAULT);

    assertThat(domain.notes).hasSize(1);
    assertThat(
            expect(Unavailable.class, executor.attach(domain.ref(), DISK, DEADLINE).await())
                .reason())
        .isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
  }
}
