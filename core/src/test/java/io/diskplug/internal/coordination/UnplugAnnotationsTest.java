// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.internal.exec.Requests.ALIAS;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.VOLUME;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.exec.Requests;
import io.diskplug.internal.exec.ScriptedDomain;
import io.diskplug.internal.exec.SimulatedSite;
import io.diskplug.internal.exec.SteppedTime;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Unplug requests that a process has noted in the domain, and another one finds there. */
class UnplugAnnotationsTest {

  private static final String FROM_BOTH = "DETACH " + ALIAS + " [LIVE, PERSISTENT]";
  private static final String FROM_LIVE = "DETACH " + ALIAS + " [LIVE]";
  private static final String TO_BOTH = "ATTACH [LIVE, PERSISTENT]";

  /** The name of the first request of a process. */
  private static final String FIRST = Long.toHexString(new Random(1).nextLong()) + "-1";

  private static final String NOTE =
      "NOTE <unplug start='1' device='"
          + ALIAS
          + "' request='"
          + FIRST
          + "' bus='0' slot='7' asked='1' since='1970-01-01T00:00:00Z'"
          + " last='1970-01-01T00:00:00Z'/>";
  private static final String MARK = "NOTE <ask start='1' serial='1' at='1970-01-01T00:00:00Z'/>";
  private static final String MARK_AGAIN =
      "NOTE <ask start='1' serial='2' at='1970-01-01T00:00:00Z'/>";
  private static final String OTHERS_MARK = "urn:diskplug:ask:" + ALIAS + ":0";
  private static final Duration LONGER = Duration.ofSeconds(30);

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();

  @BeforeEach
  void attached() {
    domain.put(placed(DISK, "vdc", 7), View.values());
  }

  /** As by a process that knows nothing of the others. */
  private DetachOutcome detach(Duration deadline) {
    try (Executor process = executor(time, domain)) {
      return process.detach(domain.ref(), VOLUME, deadline).await();
    }
  }

  private AttachOutcome attach(Duration deadline) {
    try (Executor process = executor(time, domain)) {
      return process.attach(domain.ref(), DISK, deadline).await();
    }
  }

  private void guestForgets() {
    domain.guestReleases = false;
    expect(Pending.class, detach(Duration.ofSeconds(1)));
  }

  @Test
  void aRequestIsNotedBeforeItIsMadeAndUntilItIsAnswered() {
    expect(Detached.class, detach(DEADLINE));

    assertThat(domain.calls).containsSubsequence(NOTE, FROM_BOTH, "NOTE", "ASK_QEMU");
    assertThat(domain.notes).isEmpty();
  }

  /**
   * The source of a volume of a pool, for example, is told in another way while it is not known.
   */
  @Test
  void aNoteStaysWhileTheDeviceIsInItsSlotWhateverItsSourceIsCalled() throws FaultException {
    String note = UnplugAnnotations.namespace("of-another-name");
    domain.note(note, NOTE.substring("NOTE ".length()).replace(FIRST, "another-1"));

    try (Executor process = executor(time, domain)) {
      expect(
          Attached.class, process.attach(domain.ref(), SimulatedSite.disk("two"), LONGER).await());
    }

    assertThat(domain.notes).containsKey(note);
  }

  /** It was made when the disk was gone, which has been plugged there again. */
  @Test
  void theNoteOfASlotDoesNotStayBecauseTheDeviceIsThereAgain() throws FaultException {
    String note = UnplugAnnotations.namespace(PciAddress.of(0, 7));
    domain.note(note, NOTE.substring("NOTE ".length()).replace(FIRST, "another-1"));

    try (Executor process = executor(time, domain)) {
      expect(
          Attached.class, process.attach(domain.ref(), SimulatedSite.disk("two"), LONGER).await());
    }

    assertThat(domain.notes).doesNotContainKey(note);
  }

  @Test
  void whoeverIsAboutToAskSaysSoAndLooksAgain() {
    expect(Detached.class, detach(DEADLINE));

    assertThat(domain.calls)
        .containsSubsequence(MARK, "READ_XML LIVE", NOTE, FROM_BOTH, "NOTE", "ASK_QEMU");
  }

  @Test
  void anotherProcessThatIsAboutToAskGoesFirst() {
    raisedByAnother();
    time.at(Duration.ofSeconds(2), () -> domain.notes.remove(OTHERS_MARK));

    expect(Detached.class, detach(LONGER));

    assertThat(domain.changes()).containsExactly(FROM_BOTH);
    assertThat(domain.notes).isEmpty();
    assertThat(time.waits).isNotEmpty();
  }

  @Test
  void ofTwoThatAreAboutToAskOneGivesWay() {
    // The other one has raised its lease after this one has looked.
    domain.next(
        Call.NOTE,
        effect -> {
          effect.run();
          raisedByAnother();
        });
    List<String> before = new ArrayList<>();
    time.at(
        Duration.ofSeconds(2),
        () -> {
          before.addAll(domain.changes());
          domain.notes.remove(OTHERS_MARK);
        });

    expect(Detached.class, detach(LONGER));

    assertThat(before).isEmpty();
    assertThat(domain.changes()).containsExactly(FROM_BOTH);
    assertThat(domain.notes).isEmpty();
  }

  @Test
  void theMarkOfAProcessThatHasDiedIsTakenAway() {
    raisedByAnother();

    expect(Detached.class, detach(LONGER));

    assertThat(domain.notes).isEmpty();
    assertThat(time.nanoTime()).isGreaterThan(Duration.ofSeconds(5).toNanos());
  }

  @Test
  void whoeverRepeatsARequestIsLeftAloneToo() {
    guestForgets();
    raisedByAnother();
    List<String> before = new ArrayList<>();
    // The other one repeats it after four seconds, and the guest takes its time.
    time.at(
        Duration.ofNanos(time.nanoTime()).plusSeconds(4), () -> before.addAll(domain.changes()));

    expect(Pending.class, detach(Duration.ofSeconds(5)));

    assertThat(before).containsExactly(FROM_BOTH);
    assertThat(domain.changes()).containsExactly(FROM_BOTH);
  }

  @Test
  void aRequestThatAnotherProcessHasRepeatedIsNotRepeatedAtOnce() {
    guestForgets();
    long now = time.nanoTime();
    // Another process asks again, a moment before this one would have.
    time.at(
        Duration.ofNanos(now).plusSeconds(19),
        () -> domain.notes.replaceAll((namespace, note) -> note.replace(FIRST, "another-2")));
    List<String> before = new ArrayList<>();
    time.at(Duration.ofNanos(now).plusSeconds(35), () -> before.addAll(domain.changes()));

    expect(Pending.class, detach(Duration.ofSeconds(50)));

    assertThat(before).containsExactly(FROM_BOTH);
    assertThat(domain.changes()).containsExactly(FROM_BOTH, FROM_LIVE);
  }

  @Test
  void aDiskThatAnotherProcessIsAboutToAskForIsNotCalledAttached() {
    raisedByAnother();

    expect(AlreadyAttached.class, attach(LONGER));

    assertThat(time.nanoTime()).isGreaterThan(Duration.ofSeconds(5).toNanos());
    assertThat(domain.notes).isEmpty();
  }

  @Test
  void aTurnThatIsNotUsedIsOver() {
    domain.guestReleases = false;
    // Before this process has read its lease back, another one has asked.
    domain.next(
        Call.NOTE,
        effect -> {
          effect.run();
          domain.notes.put(
              "urn:diskplug:unplug:" + ALIAS,
              "<x:unplug xmlns:x='urn:diskplug:unplug:"
                  + ALIAS
                  + "' start='1' request='another-1'/>");
        });

    expect(Pending.class, detach(DEADLINE));

    assertThat(domain.notes).containsOnlyKeys("urn:diskplug:unplug:" + ALIAS);
    assertThat(domain.changes()).containsExactly("DETACH " + ALIAS + " [PERSISTENT]");
  }

  @Test
  void noMarkStaysBehindADiskThatIsGone() {
    raisedByAnother();
    domain.drop(View.values());

    assertThat(detach(DEADLINE).isDetached()).isTrue();

    assertThat(domain.notes).isEmpty();
  }

  private void raisedByAnother() {
    domain.notes.put(OTHERS_MARK, "<x:ask xmlns:x='" + OTHERS_MARK + "' start='1'/>");
  }

  @Test
  void whatIsPendingStaysNoted() {
    guestForgets();

    assertThat(domain.notes).hasSize(1).containsKey("urn:diskplug:unplug:" + ALIAS);
  }

  @Test
  void aDomainThatIsShutOffIsNotGivenNotes() {
    domain.status(ScriptedDomain.SHUT_OFF);
    domain.drop(LIVE);

    expect(Detached.class, detach(DEADLINE));

    assertThat(domain.count(Call.NOTE)).isZero();
  }

  @Test
  void anotherProcessWaitsForTheGuestAndDoesNotAskAtOnce() {
    guestForgets();
    long before = time.nanoTime();
    time.at(Duration.ofNanos(before).plusSeconds(4), () -> domain.drop(LIVE));

    expect(Detached.class, detach(LONGER));

    assertThat(domain.changes()).containsExactly(FROM_BOTH);
    assertThat(domain.notes).isEmpty();
  }

  @Test
  void anotherProcessAsksAGuestAgainThatHasForgotten() {
    guestForgets();
    domain.guestReleases = true;

    expect(Detached.class, detach(LONGER));

    assertThat(domain.changes()).containsExactly(FROM_BOTH, FROM_LIVE);
  }

  @Test
  void anAttachCompletesTheUnplugAndAttachesAfresh() {
    guestForgets();
    domain.guestReleases = true;

    Attached outcome = expect(Attached.class, attach(LONGER));

    assertThat(outcome.targetDev()).isEqualTo(Requests.FIRST_TARGET);
    assertThat(domain.changes()).containsExactly(FROM_BOTH, FROM_LIVE, TO_BOTH);
    assertThat(domain.notes).isEmpty();
    assertThat(domain.subscribers()).isZero();
  }

  @Test
  void anAttachInTheSameProcessDoesSoToo() {
    domain.guestReleases = false;
    try (Executor process = executor(time, domain)) {
      expect(Pending.class, process.detach(domain.ref(), VOLUME, Duration.ofSeconds(1)).await());
      domain.guestReleases = true;
      expect(Attached.class, process.attach(domain.ref(), DISK, Duration.ofMinutes(5)).await());
    }

    assertThat(domain.changes()).containsExactly(FROM_BOTH, FROM_LIVE, TO_BOTH);
  }

  @Test
  void anAttachAsksAGuestThatDoesNotAnswerNotAgainAtOnce() {
    guestForgets();
    domain.always(Call.DETACH, fails(Call.DETACH, 68, "cannot acquire state change lock"));

    Indeterminate outcome = expect(Indeterminate.class, attach(Duration.ofSeconds(30)));

    assertThat(outcome.reason()).isEqualTo(Indeterminate.Reason.DEADLINE);
    assertThat(domain.changes()).containsExactly(FROM_BOTH, FROM_LIVE);
    assertThat(domain.notes).hasSize(1);
  }

  @Test
  void aDiskThatTheGuestMayReleaseAtAnyTimeIsNotCalledAttached() {
    guestForgets();

    Unavailable outcome = expect(Unavailable.class, attach(Duration.ofSeconds(4)));

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
    assertThat(domain.changes()).containsExactly(FROM_BOTH);
  }

  @Test
  void aRequestThatWasNotedInBothViewsIsCompletedAsWell() {
    // The process ended between the note and the request, or between two requests.
    domain.notes.put(
        "urn:diskplug:unplug:" + ALIAS,
        "<x:unplug xmlns:x='urn:diskplug:unplug:" + ALIAS + "' start='1'/>");

    expect(Attached.class, attach(LONGER));

    assertThat(domain.changes()).containsExactly(FROM_LIVE, "ATTACH [LIVE]");
    assertThat(domain.disks(LIVE)).hasSize(1);
    assertThat(domain.disks(View.PERSISTENT)).hasSize(1);
  }

  private static String ofAnotherStart(String more) {
    return "<x:unplug xmlns:x='urn:diskplug:unplug:" + ALIAS + "' start='7'" + more + "/>";
  }

  private void isNoted(String element) {
    domain.notes.put("urn:diskplug:unplug:" + ALIAS, element);
  }

  private void isRunning(StateReason reason) {
    domain.status(new DomainStatus(RunState.RUNNING, reason, 1, true, false));
  }

  private void theNoteMeansNothing() {
    expect(AlreadyAttached.class, attach(DEADLINE));

    assertThat(domain.changes()).isEmpty();
    assertThat(domain.notes).isEmpty();
  }

  /** The guest has the request still. */
  @ParameterizedTest
  @EnumSource(
      value = StateReason.class,
      names = {"RESTORED", "MIGRATED", "FROM_SNAPSHOT", "UNPAUSED"})
  void aNoteOfAnotherStartCountsInAGuestThatWasSaved(StateReason reason) {
    isRunning(reason);
    isNoted(ofAnotherStart(""));

    expect(Attached.class, attach(LONGER));

    assertThat(domain.changes()).containsExactly(FROM_LIVE, "ATTACH [LIVE]");
    assertThat(domain.notes).isEmpty();
  }

  /** The domain was defined from a copy of its live XML. */
  @Test
  void aNoteOfAnotherStartMeansNothingInADomainThatWasBooted() {
    isNoted(ofAnotherStart(""));

    theNoteMeansNothing();
  }

  @Test
  void aNoteThatTheConfigurationHasMeansNothing() {
    isRunning(StateReason.UNPAUSED);
    isNoted(ofAnotherStart(""));
    domain.xmlAnswer =
        (view, xml) ->
            view == View.LIVE
                ? xml
                : xml.replace("<os>", "<metadata>" + ofAnotherStart("") + "</metadata><os>");

    theNoteMeansNothing();
  }

  /** libvirt makes the same name up for a disk that comes later. */
  @Test
  void aNoteOfADiskInAnotherSlotMeansNothing() {
    isNoted(ofAnotherStart(" device='" + ALIAS + "' bus='0' slot='5'").replace("'7'", "'1'"));

    theNoteMeansNothing();
  }

  @Test
  void aNoteOfAnotherStartMeansNothingWhereTheDiskIsGone() {
    isRunning(StateReason.RESTORED);
    domain.drop(View.values());
    isNoted(ofAnotherStart(""));

    expect(Attached.class, attach(DEADLINE));

    assertThat(domain.changes()).containsExactly("ATTACH [LIVE, PERSISTENT]");
    assertThat(domain.notes).isEmpty();
  }

  @Test
  void aNoteOfAnotherVolumeMeansNothingAndGoesWithItsDisk() {
    domain.notes.put(
        "urn:diskplug:unplug:ua-dp-0",
        "<x:unplug xmlns:x='urn:diskplug:unplug:ua-dp-0' start='1'/>");

    expect(AlreadyAttached.class, attach(DEADLINE));

    assertThat(domain.notes).isEmpty();
  }

  @Test
  void whereNoNotesAreTakenTheRequestIsMadeAllTheSame() {
    domain.always(Call.NOTE, fails(Call.NOTE, 3, "this function is not supported"));

    expect(Detached.class, detach(DEADLINE));

    assertThat(domain.changes()).containsExactly(FROM_BOTH);
  }

  /** Without the note another process would ask, too. The first call writes the lease. */
  @Test
  void aNoteThatCouldNotBeWrittenIsWrittenAgain() {
    domain.guestReleases = false;
    domain.next(Call.NOTE, Runnable::run, fails(Call.NOTE, 1, "something went wrong"));

    expect(Pending.class, detach(DEADLINE));

    assertThat(domain.notes).containsKey("urn:diskplug:unplug:" + ALIAS);
  }

  @Test
  void aBusyDomainIsNotAskedWithoutANote() {
    domain.next(Call.NOTE, fails(Call.NOTE, 68, "cannot acquire state change lock"));

    expect(Detached.class, detach(DEADLINE));

    assertThat(domain.calls).containsSubsequence(MARK, "READ_STATUS", MARK_AGAIN, NOTE, FROM_BOTH);
  }

  @Test
  void aRequestThatIsRefusedLeavesNoNote() {
    domain.always(Call.DETACH, fails(Call.DETACH, 83, "block copy is active"));

    assertThat(detach(DEADLINE).isDetached()).isFalse();

    assertThat(domain.notes).isEmpty(); // neither the note nor the lease
  }

  @Test
  void aRepetitionThatFailsDoesNotForgetTheFirstRequest() {
    guestForgets();
    domain.always(Call.DETACH, fails(Call.DETACH, 68, "cannot acquire state change lock"));

    expect(Pending.class, detach(LONGER));

    assertThat(domain.notes).hasSize(1);
  }

  @Test
  void aNoteOfAnotherStartIsTakenAway() {
    // As from the memory of a saved domain.
    isNoted(ofAnotherStart(""));

    expect(Detached.class, detach(LONGER));

    assertThat(domain.notes).isEmpty();
  }

  @Test
  void aRequestWhoseConnectionIsLostLeavesItsNote() {
    domain.guestReleases = false;
    domain.always(
        Call.DETACH, fails(Call.DETACH, 38, "Cannot recv data: Connection reset by peer"));

    assertThat(detach(DEADLINE).isDetached()).isFalse();

    assertThat(domain.notes).hasSize(1);
  }

  @Test
  void aNewStartEndsIt() {
    guestForgets();
    // libvirt keeps live metadata for one run.
    domain.notes.clear();
    domain.status(new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 2, true, false));

    expect(Attached.class, attach(LONGER));

    assertThat(domain.changes()).containsExactly(FROM_BOTH, "ATTACH [PERSISTENT]");
  }
}
