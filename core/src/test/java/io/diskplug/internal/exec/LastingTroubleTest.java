// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Attempts;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What lasts says how often and since when it was tried, what was answered, and what helps. */
class LastingTroubleTest {

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final String TRANSLATED =
      "Operation nicht unterstützt: Datenträger 'vdc' ist bereits in einem aktiven Block-Job";

  private final FileDisk disk =
      new FileDisk("pvc-22650282-34fe-4111", Path.of("/srv/one.img"), DiskOptions.DEFAULTS);
  private final VolumeRef volume = disk.volume();
  private final SteppedTime time = new SteppedTime();
  private final ScriptedDomain domain = new ScriptedDomain();
  private final Executor executor = executor();

  private Executor executor() {
    return new Executor(
        ScriptedDomain.hypervisor(domain),
        ExampleKind.FAULTS,
        ExampleKind.ALL,
        ReleaseRules.USUAL,
        StorageProbes.none(),
        time,
        new Random(1),
        ListenerDispatcher.none());
  }

  @AfterEach
  void close() {
    executor.close();
  }

  private AttachOutcome attach() {
    return executor.attach(domain.ref(), disk, DEADLINE).await();
  }

  private DetachOutcome detach(Duration deadline) {
    return executor.detach(domain.ref(), volume, deadline).await();
  }

  private static <T> T expect(Class<T> type, Object outcome) {
    assertThat(outcome).isInstanceOf(type);
    return type.cast(outcome);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | Interner Fehler: etwas anderes",
        "8 | Ungültiges Argument: etwas anderes",
        "9 | Operation fehlgeschlagen: etwas anderes",
        "27 | XML-Fehler: etwas anderes",
        "38 | etwas anderes: Zugriff verweigert",
        "55 | Angeforderte Operation ist nicht gültig: etwas anderes",
        "67 | Nicht unterstützte Konfiguration: etwas anderes",
        "84 | Operation nicht unterstützt: etwas anderes"
      })
  void aFaultThatIsNotUnderstoodIsTriedLessAndLessOften(int code, String message) {
    domain.always(Call.ATTACH, fails(Call.ATTACH, code, message));

    List<Duration> retries = new ArrayList<>();
    Unavailable last = null;
    for (int request = 0; request < 12; request++) {
      last = expect(Unavailable.class, attach());
      assertThat(last.reason()).isEqualTo(Unavailable.Reason.FAULT);
      retries.add(last.retryAfter().orElseThrow());
      time.pass(last.retryAfter().orElseThrow());
    }

    assertThat(retries).isSorted().startsWith(Duration.ofSeconds(1), Duration.ofSeconds(2));
    assertThat(retries).endsWith(Duration.ofMinutes(5), Duration.ofMinutes(5));
    assertThat(last.explanation()).contains(message, "it may not heal by waiting");
    Attempts attempts = last.observed().attempts().orElseThrow();
    // Three tries in the first request, and one in each of the others.
    assertThat(attempts.times()).isEqualTo(14);
    assertThat(attempts.since()).isGreaterThan(Duration.ofMinutes(10));
    assertThat(attempts.lastAnswer().orElseThrow()).contains(message);
    assertThat(last.observed().toString()).contains("tried 14 times, first", "min ago");
    assertThat(domain.count(Call.ATTACH)).isEqualTo(14);
  }

  @Test
  void afterASuccessItIsCountedAnew() {
    domain.always(Call.ATTACH, fails(Call.ATTACH, 84, TRANSLATED));
    expect(Unavailable.class, attach());
    assertThat(expect(Unavailable.class, attach()).retryAfter()).contains(Duration.ofSeconds(2));
    domain.asUsual(Call.ATTACH);
    expect(Attached.class, attach());
    expect(Detached.class, detach(DEADLINE));

    domain.always(Call.ATTACH, fails(Call.ATTACH, 84, TRANSLATED));

    assertThat(expect(Unavailable.class, attach()).retryAfter()).contains(Duration.ofSeconds(1));
  }

  @Test
  void withOtherViewsItIsCountedAnew() {
    domain.always(Call.ATTACH, fails(Call.ATTACH, 84, TRANSLATED));
    expect(Unavailable.class, attach());
    expect(Unavailable.class, attach());
    FileDisk other = new FileDisk("pvc-other", Path.of("/srv/other.img"), DiskOptions.DEFAULTS);
    domain.asUsual(Call.ATTACH);
    expect(Attached.class, executor.attach(domain.ref(), other, DEADLINE).await());
    domain.always(Call.ATTACH, fails(Call.ATTACH, 84, TRANSLATED));

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.retryAfter()).contains(Duration.ofSeconds(1));
    assertThat(outcome.observed().attempts().orElseThrow().times()).isEqualTo(3);
  }

  /** The state decides: a fault that is not understood, of something that was done. */
  @Test
  void aTranslatedFaultOfAnAttachThatWasDoneIsAnAttach() {
    domain.next(
        Call.ATTACH, ScriptedDomain.failsAfterwards(Call.ATTACH, 27, "XML-Fehler: Ziel 'vdc'"));

    expect(Attached.class, attach());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "83 | block copy still active: disk 'vdc' already in active block job",
        "84 | Operation not supported: disk 'vdc' already in active block job",
        "68 | Timed out during operation: cannot acquire state change lock",
        "1 | unable to execute QEMU command 'device_del': device_del not allowed while migrating"
      })
  void aJobIsWaitedForAndChangesNothing(int code, String message) {
    expect(Attached.class, attach());
    domain.always(Call.DETACH, fails(Call.DETACH, code, message));

    Unavailable outcome = expect(Unavailable.class, detach(Duration.ofSeconds(10)));

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(outcome.explanation()).contains(message, "what helps is time");
    Attempts attempts = outcome.observed().attempts().orElseThrow();
    assertThat(attempts.times()).isGreaterThan(3);
    assertThat(attempts.lastAnswer().orElseThrow()).contains(message);
    assertThat(attempts.advice()).contains("virsh domjobinfo");
    assertThat(domain.disks(View.LIVE)).isNotEmpty();
    assertThat(domain.disks(View.PERSISTENT)).isNotEmpty();

    domain.asUsual(Call.DETACH);
    expect(Detached.class, detach(DEADLINE));
  }

  @Test
  void aPlainRunningDomainIsNotAskedForAJob() {
    expect(Attached.class, attach());
    expect(Detached.class, detach(DEADLINE));

    assertThat(domain.count(Call.READ_JOB)).isZero();
  }

  @Test
  void aPausedDomainWithALongJobIsNotSentAChange() {
    domain.status(
        new DomainStatus(
            RunState.PAUSED,
            StateReason.USER,
            ScriptedDomain.RUNNING.id(),
            ScriptedDomain.RUNNING.persistent(),
            false));
    domain.longJob = "dump";

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(outcome.explanation()).contains("a dump");
    assertThat(domain.changes()).isEmpty();
    domain.longJob = null;
    expect(Attached.class, attach());
  }

  @Test
  void afterALockThatCouldNotBeHadTheJobIsAskedForUntilThereIsNone() {
    domain.longJob = "outgoing migration";
    domain.next(Call.ATTACH, fails(Call.ATTACH, 68, "cannot acquire state change lock"));

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.explanation()).contains("outgoing migration");
    assertThat(domain.count(Call.ATTACH)).isEqualTo(1);
    domain.longJob = null;
    expect(Attached.class, attach());
    long asked = domain.count(Call.READ_JOB);
    expect(Detached.class, detach(DEADLINE));
    assertThat(domain.count(Call.READ_JOB)).isEqualTo(asked);
  }

  @Test
  void aNoteThatCouldNotHaveTheLockIsNotTriedAgainWhileTheJobLasts() {
    expect(Attached.class, attach());
    domain.longJob = "outgoing migration";
    domain.always(Call.NOTE, fails(Call.NOTE, 68, "cannot acquire state change lock"));

    Unavailable outcome = expect(Unavailable.class, detach(DEADLINE));

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(outcome.explanation()).contains("outgoing migration");
    assertThat(domain.count(Call.NOTE)).isEqualTo(1);
    assertThat(domain.count(Call.READ_JOB)).isPositive();
    assertThat(domain.count(Call.DETACH)).isZero();
    expect(Unavailable.class, detach(DEADLINE));
    assertThat(domain.count(Call.NOTE)).isEqualTo(1);
    domain.longJob = null;
    domain.asUsual(Call.NOTE);
    expect(Detached.class, detach(DEADLINE));
    assertThat(domain.notes).isEmpty();
  }

  @Test
  void aNoteThatIsToGoWaitsForTheJobToo() {
    expect(Attached.class, attach());
    domain.next(
        Call.DETACH,
        effect -> {
          effect.run();
          domain.longJob = "dump";
          domain.always(Call.NOTE, fails(Call.NOTE, 68, "cannot acquire state change lock"));
          domain.calls.clear();
        });

    Indeterminate outcome = expect(Indeterminate.class, detach(DEADLINE));

    assertThat(outcome.explanation()).contains("a dump");
    assertThat(domain.count(Call.NOTE)).isEqualTo(1);
    domain.longJob = null;
    domain.asUsual(Call.NOTE);
    assertThat(detach(DEADLINE).isDetached()).isTrue();
    assertThat(domain.notes).isEmpty();
  }

  /** Its note stays as long as the job does: for half a minute it counts as made by another. */
  @Test
  void anUnplugRequestThatCouldNotHaveTheLockIsMadeWhenTheJobIsOver() {
    expect(Attached.class, attach());
    domain.next(
        Call.DETACH,
        effect -> {
          domain.longJob = "dump";
          throw ScriptedDomain.fault(Call.DETACH, 68, "cannot acquire state change lock");
        });

    DetachOutcome outcome = detach(DEADLINE);

    assertThat(outcome.isDetached()).isFalse();
    assertThat(outcome.observed().toString()).contains("a dump");
    assertThat(domain.count(Call.DETACH)).isEqualTo(1);
    domain.longJob = null;
    expect(Detached.class, detach(Duration.ofSeconds(10)));
    assertThat(domain.notes).isEmpty();
  }

  @Test
  void aBusWithoutHotPlugIsFinalAndSaysWhatToDo() {
    expect(Attached.class, attach());
    domain.always(
        Call.DETACH,
        fails(
            Call.DETACH,
            1,
            "internal error: unable to execute QEMU command 'device_del': Bus 'pcie.0' does not"
                + " support hotplugging"));

    Rejected outcome = expect(Rejected.class, detach(DEADLINE));

    assertThat(outcome.explanation())
        .contains("Bus 'pcie.0'", "a change of the domain", "shut the domain off");
    assertThat(domain.notes).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Invalid argument", "No such file or directory"})
  void aMonitorThatCannotBeResolvedIsTriedLessAndLessOften(String error) {
    domain.always(Call.ATTACH, fails(Call.ATTACH, 1, "error connecting: " + error));

    for (int retryAfter : new int[] {1, 2, 4}) {
      Unavailable outcome = expect(Unavailable.class, attach());

      assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.FAULT);
      assertThat(outcome.explanation()).contains(error, "DNS", "keyring");
      assertThat(outcome.retryAfter()).contains(Duration.ofSeconds(retryAfter));
    }
    domain.asUsual(Call.ATTACH);
    expect(Attached.class, attach());
  }

  @Test
  void aFileThatAnotherProcessHasLockedIsInUse() {
    domain.always(Call.ATTACH, fails(Call.ATTACH, 1, "Failed to get \"write\" lock"));

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.VOLUME_IN_USE);
    assertThat(outcome.explanation()).contains("what helps is time", "/srv/one.img");
  }

  @Test
  void aGuestThatNeverAnswersIsToldOfWithTheRemedy() {
    expect(Attached.class, attach());
    domain.guestReleases = false;
    Pending first = expect(Pending.class, detach(Duration.ofSeconds(5)));
    assertThat(first.observed().attempts().orElseThrow().times()).isEqualTo(1);
    String refusal =
        "internal error: unable to execute QEMU command 'device_del': Device ua-x is already in the"
            + " process of unplug";
    domain.always(Call.DETACH, fails(Call.DETACH, 1, refusal));

    expect(Pending.class, detach(Duration.ofMinutes(10)));
    Pending last = expect(Pending.class, detach(Duration.ofSeconds(5)));

    assertThat(last.waitingFor()).isEqualTo(Pending.WaitingFor.GUEST);
    Attempts attempts = last.observed().attempts().orElseThrow();
    assertThat(attempts.times()).isGreaterThan(2);
    assertThat(attempts.since()).isGreaterThan(Duration.ofMinutes(10));
    assertThat(attempts.lastAnswer().orElseThrow()).contains("already in the process of unplug");
    assertThat(attempts.advice()).contains("before it had booted", "virsh reset");
    assertThat(last.toString()).contains("virsh reset", "times, first 10 min ago");
  }

  @Test
  void anotherProcessKnowsFromTheNoteHowOftenAndSinceWhen() {
    expect(Attached.class, attach());
    domain.guestReleases = false;
    expect(Pending.class, detach(Duration.ofMinutes(3)));
    time.pass(Duration.ofMinutes(30));

    try (Executor other = executor()) {
      Pending pending =
          expect(Pending.class, other.detach(domain.ref(), volume, Duration.ofSeconds(5)).await());

      Attempts attempts = pending.observed().attempts().orElseThrow();
      assertThat(attempts.times()).isGreaterThan(1);
      assertThat(attempts.since()).isBetween(Duration.ofMinutes(32), Duration.ofMinutes(36));
    }
  }

  @ParameterizedTest
  @CsvSource({"PAUSED, virsh resume", "PM_SUSPENDED, virsh dompmwakeup", "CRASHED, virsh reset"})
  void aGuestThatDoesNotRunIsToBeLetRun(RunState state, String advice) {
    expect(Attached.class, attach());
    domain.guestReleases = false;
    domain.status(
        new DomainStatus(
            state,
            StateReason.UNKNOWN,
            ScriptedDomain.RUNNING.id(),
            ScriptedDomain.RUNNING.persistent(),
            false));

    Pending pending = expect(Pending.class, detach(Duration.ofSeconds(5)));

    assertThat(pending.waitingFor()).isEqualTo(Pending.WaitingFor.PAUSED_GUEST);
    assertThat(pending.observed().attempts().orElseThrow().advice()).contains(advice);
  }

  @Test
  void aSuspendedGuestIsToldOf() {
    domain.always(
        Call.ATTACH,
        fails(Call.ATTACH, 55, "Requested operation is not valid: domain is pmsuspended"));

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(outcome.explanation()).contains(Condition.GUEST_SUSPENDED.advice());
  }
}
