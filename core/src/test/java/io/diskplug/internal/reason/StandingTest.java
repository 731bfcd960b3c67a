// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.reason;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.VOLUME;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.IoTune;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.RunState;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.exec.Requests;
import io.diskplug.internal.exec.ScriptedDomain;
import io.diskplug.internal.exec.SteppedTime;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.outcome.Waiver;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What each state of a domain means: the guide's table, and each of its rows on requests. */
class StandingTest {

  private static final Path GUIDE = Path.of("..", "docs", "guide.md");
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");

  private final SteppedTime time = new SteppedTime();
  private final ScriptedDomain domain = new ScriptedDomain();

  /** What the storage says after a detach. */
  enum Storage {
    NO_PROBE,
    NO_CLIENT,
    A_CLIENT,
    UNREACHABLE,
    NOT_SET_UP;

    StorageProbe.Finding finding() {
      return switch (this) {
        case NO_PROBE -> throw new AssertionError("there is no probe");
        case NO_CLIENT -> new StorageProbe.Ready(OptionalLong.empty());
        case A_CLIENT -> new StorageProbe.Refused(StorageProbe.Reason.IN_USE, "client.7");
        case UNREACHABLE -> new StorageProbe.Refused(StorageProbe.Reason.UNREACHABLE, "no answer");
        case NOT_SET_UP -> new StorageProbe.Refused(StorageProbe.Reason.CANNOT_ASK, "no library");
      };
    }
  }

  /** A row of the guide, for one reason. */
  record Row(DomainStatus status, String requests, String proof, String withProbe) {
    boolean isServed() {
      return requests.equals("served");
    }
  }

  private Executor executor(Proof required, Storage storage) {
    return executor(Requests.rules(required), storage);
  }

  private Executor executor(ReleaseRules rules, Storage storage) {
    StorageProbe probe =
        new StorageProbe() {
          @Override
          public boolean answersFor(DiskSource disk) {
            return false;
          }

          @Override
          public Finding beforeAttach(DiskSource disk, Duration budget) {
            throw new AssertionError("not for attaches");
          }

          @Override
          public boolean answersFor(VolumeRef volume) {
            return true;
          }

          @Override
          public Finding afterDetach(VolumeRef volume, Duration budget) {
            return storage.finding();
          }
        };
    return new Executor(
        ScriptedDomain.hypervisor(domain),
        ExampleKind.FAULTS,
        ExampleKind.ALL,
        rules,
        storage == Storage.NO_PROBE
            ? StorageProbes.none()
            : new StorageProbes(List.of(probe), time::execute),
        time,
        new Random(1),
        ListenerDispatcher.none());
  }

  private static String guidesTable() throws IOException {
    String guide = Files.readString(GUIDE);
    Matcher table =
        Pattern.compile("<!-- states: begin -->\n(.*)<!-- states: end -->\n", Pattern.DOTALL)
            .matcher(guide);
    assertThat(table.find()).as("the guide has the table of states").isTrue();
    return table.group(1);
  }

  static Stream<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : guidesTable().lines().skip(2).toList()) {
      String[] cells = line.split("\\|", -1);
      for (String kind : cells[1].split(",", -1)) {
        Matcher reasons = NAME.matcher(cells[2]);
        while (reasons.find()) {
          rows.add(
              new Row(
                  status(kind.strip(), StateReason.valueOf(reasons.group(1))),
                  cells[3].strip(),
                  cells[4].strip().replace("`", ""),
                  cells[5].strip().replace("`", "")));
        }
      }
    }
    return rows.stream();
  }

  private static DomainStatus status(String kind, StateReason reason) {
    Matcher name = NAME.matcher(kind);
    assertThat(name.find()).isTrue();
    RunState state = RunState.valueOf(name.group(1));
    return new DomainStatus(
        state,
        reason,
        state == RunState.SHUT_OFF ? -1 : 1,
        true,
        kind.contains("managed-save"),
        kind.contains("memory snapshots") ? 2 : 0);
  }

  @Test
  void theGuidesTableIsWhatTheCodeSays() throws IOException {
    assertThat(guidesTable()).isEqualTo(StandingTable.markdown());
  }

  @Test
  void theGuidesTableHasEveryStateAndReason() throws IOException {
    assertThat(rows().map(Row::status))
        .containsExactlyInAnyOrderElementsOf(StandingTable.everyStatus());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aDetachRestsOnWhatTheTableSays(Row row) {
    for (Storage storage : Storage.values()) {
      for (Proof required : EnumSet.of(Proof.QEMU, Proof.XML)) {
        detach(row, storage, required, Set.of());
      }
    }
  }

  private void detach(Row row, Storage storage, Proof required, Set<Waiver> waived) {
    domain.status(row.status());
    try (Executor executor = executor(required, storage)) {
      Outcome outcome = executor.waiving(waived).detach(domain.ref(), VOLUME, DEADLINE).await();
      if (!row.isServed() && waived.isEmpty()) {
        notServed(row, outcome);
        return;
      }
      AlreadyDetached detached = expect(AlreadyDetached.class, outcome);
      boolean asksQemu = required == Proof.QEMU && row.status().active();
      Proof plain =
          row.proof().equals("QEMU") && !asksQemu ? Proof.XML : Proof.valueOf(row.proof());
      Proof expected = plain != Proof.QEMU && storage == Storage.NO_CLIENT ? Proof.STORAGE : plain;
      assertThat(detached.proof()).as("%s %s %s", row, storage, required).isEqualTo(expected);
      boolean told = plain != Proof.QEMU && storage != Storage.NO_PROBE;
      assertThat(detached.observed().storage().isPresent())
          .as("%s %s", row, storage)
          .isEqualTo(told);
    }
  }

  private static void notServed(Row row, Outcome outcome) {
    if (row.requests().contains("DOMAIN_CHANGING")) {
      assertThat(expect(Unavailable.class, outcome).reason())
          .isEqualTo(Unavailable.Reason.DOMAIN_CHANGING);
    } else {
      assertThat(row.requests())
          .contains("`Rejected(" + expect(Rejected.class, outcome).reason() + ")`");
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aCallerWhoDemandsTheStoragesAnswerGetsNoOther(Row row) {
    domain.status(row.status());
    for (Storage storage : Storage.values()) {
      Outcome outcome = detach(Requests.rules(Proof.STORAGE), storage);
      if (!row.isServed()) {
        notServed(row, outcome);
      } else if (storage == Storage.NO_CLIENT) {
        assertThat(expect(AlreadyDetached.class, outcome).proof()).isEqualTo(Proof.STORAGE);
      } else {
        notProven(storage, outcome);
      }
    }
  }

  /** What a detach comes to that would need the storage's answer to be done. */
  private static void notProven(Storage storage, Outcome outcome) {
    switch (storage) {
      case NO_PROBE ->
          assertThat(expect(Rejected.class, outcome).reason())
              .isEqualTo(Rejected.Reason.PROOF_UNAVAILABLE);
      case A_CLIENT ->
          assertThat(expect(Pending.class, outcome).waitingFor())
              .isEqualTo(Pending.WaitingFor.STORAGE);
      case UNREACHABLE -> expect(Unavailable.class, outcome);
      case NOT_SET_UP ->
          assertThat(expect(Rejected.class, outcome).reason())
              .isEqualTo(Rejected.Reason.CANNOT_ASK_STORAGE);
      case NO_CLIENT -> throw new AssertionError(outcome);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aWeakerProofThanIsRequiredIsNeverDone(Row row) {
    domain.status(row.status());
    Proof plain = row.isServed() ? Proof.valueOf(row.proof()) : Proof.XML;
    for (Proof required : Proof.values()) {
      for (boolean monitor : new boolean[] {true, false}) {
        Proof withoutStorage = plain == Proof.QEMU && !monitor ? Proof.XML : plain;
        for (Storage storage : Storage.values()) {
          Outcome outcome = detach(new ReleaseRules(monitor, true, required), storage);
          if (!row.isServed()) {
            notServed(row, outcome);
          } else if (withoutStorage.isAtLeast(required) || storage == Storage.NO_CLIENT) {
            assertThat(expect(AlreadyDetached.class, outcome).proof().isAtLeast(required))
                .as("%s for %s, %s", outcome, required, storage)
                .isTrue();
          } else {
            notProven(storage, outcome);
          }
        }
      }
    }
  }

  private Outcome detach(ReleaseRules rules, Storage storage) {
    try (Executor executor = executor(rules, storage)) {
      return executor.detach(domain.ref(), VOLUME, DEADLINE).await();
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aWaiverOverridesTheRejectionThatItIsFor(Row row) {
    for (Waiver waiver : Waiver.values()) {
      boolean named = row.requests().contains("Waiver." + waiver);
      if (named || row.isServed()) {
        for (Storage storage : Storage.values()) {
          detach(row, storage, Proof.QEMU, Set.of(waiver));
        }
      } else {
        domain.status(row.status());
        try (Executor executor = executor(Proof.QEMU, Storage.NO_CLIENT)) {
          notServed(
              row, executor.waiving(Set.of(waiver)).detach(domain.ref(), VOLUME, DEADLINE).await());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aWaiverIsAddedToTheOneBefore(Row row) {
    domain.status(row.status());
    try (Executor executor = executor(Proof.QEMU, Storage.NO_CLIENT)) {
      Outcome outcome =
          executor
              .waiving(Set.of(Waiver.SAVED_STATE))
              .waiving(Set.of(Waiver.MIGRATION))
              .detach(domain.ref(), VOLUME, DEADLINE)
              .await();
      boolean waived =
          row.requests().contains("Waiver." + Waiver.SAVED_STATE)
              || row.requests().contains("Waiver." + Waiver.MIGRATION);
      if (waived || row.isServed()) {
        expect(AlreadyDetached.class, outcome);
      } else {
        notServed(row, outcome);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void nothingIsChangedInAStateThatIsNotServed(Row row) {
    if (row.isServed()) {
      return;
    }
    domain.put(Requests.placed(DISK, "vdc", 7), View.values());
    domain.status(row.status());
    try (Executor executor = executor(Proof.QEMU, Storage.NO_CLIENT)) {
      notServed(row, executor.attach(domain.ref(), DISK, DEADLINE).await());
      notServed(row, executor.detach(domain.ref(), VOLUME, DEADLINE).await());
      notServed(row, executor.plan(domain.ref(), List.of(DISK), DEADLINE).await());
      notServed(row, executor.adopt(domain.ref(), VOLUME, DEADLINE).await());
      notServed(row, executor.grow(domain.ref(), VOLUME, 1 << 20, DEADLINE).await());
      notServed(row, executor.limit(domain.ref(), VOLUME, IoTune.UNLIMITED, DEADLINE).await());
    }
    assertThat(domain.changes()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = StateReason.class,
      names = {"DUMP", "SNAPSHOT"})
  void aLongJobOfADomainThatIsPausedIsNotWaitedForInACall(StateReason reason) {
    domain.put(Requests.placed(DISK, "vdc", 7), View.values());
    domain.status(new DomainStatus(RunState.PAUSED, reason, 1, true, false));
    domain.longJob = reason == StateReason.DUMP ? "dump" : "snapshot";
    try (Executor executor = executor(Proof.QEMU, Storage.NO_PROBE)) {
      assertThat(
              expect(Unavailable.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await())
                  .reason())
          .isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
      assertThat(domain.changes()).isEmpty();

      domain.longJob = null;
      domain.status(ScriptedDomain.RUNNING);
      assertThat(executor.detach(domain.ref(), VOLUME, DEADLINE).await())
          .isInstanceOf(Detached.class);
    }
  }

  /** libvirt leaves the reason as it is when the processors do not go on after the job. */
  @ParameterizedTest
  @EnumSource(
      value = StateReason.class,
      names = {"DUMP", "SNAPSHOT"})
  void aReasonThatStayedBehindItsJobDoesNotStopARequest(StateReason reason) {
    domain.status(new DomainStatus(RunState.PAUSED, reason, 1, true, false));
    try (Executor executor = executor(Proof.QEMU, Storage.NO_PROBE)) {
      expect(Attached.class, executor.attach(domain.ref(), DISK, DEADLINE).await());
    }
  }

  @Test
  void aStorageThatIsSilentKeepsADetachForTwoSecondsAndNoLonger() {
    domain.status(ScriptedDomain.SHUT_OFF);
    StorageProbe silent =
        new StorageProbe() {
          @Override
          public boolean answersFor(DiskSource disk) {
            return false;
          }

          @Override
          public Finding beforeAttach(DiskSource disk, Duration budget) {
            throw new AssertionError("not for attaches");
          }

          @Override
          public boolean answersFor(VolumeRef volume) {
            return true;
          }
        };
    try (Executor executor =
        new Executor(
            ScriptedDomain.hypervisor(domain),
            ExampleKind.FAULTS,
            ExampleKind.ALL,
            ReleaseRules.USUAL,
            new StorageProbes(List.of(silent), question -> {}),
            time,
            new Random(1),
            ListenerDispatcher.none())) {
      long begin = time.nanoTime();
      AlreadyDetached outcome =
          expect(
              AlreadyDetached.class,
              executor.detach(domain.ref(), VOLUME, Duration.ofMinutes(1)).await());

      assertThat(outcome.proof()).isEqualTo(Proof.DAEMON);
      assertThat(outcome.observed().storage()).hasValue("it has not answered in time");
      assertThat(Duration.ofNanos(time.nanoTime() - begin))
          .isBetween(Duration.ofSeconds(2), Duration.ofMillis(2100));

      begin = time.nanoTime();
      expect(
          AlreadyDetached.class,
          executor.detach(domain.ref(), VOLUME, Duration.ofSeconds(1)).await());
      assertThat(Duration.ofNanos(time.nanoTime() - begin)).isLessThan(Duration.ofMillis(600));
    }
  }

  /** What was sent is in the file, too. */
  @Test
  void aDomainThatIsSavedAfterTheAttachWasAcceptedIsNoRejection() {
    DomainStatus saved = new DomainStatus(RunState.SHUT_OFF, StateReason.SAVED, -1, true, false);
    domain.next(
        Call.ATTACH,
        effect -> {
          effect.run();
          domain.status(saved);
        });
    try (Executor executor = executor(Proof.QEMU, Storage.NO_PROBE)) {
      Indeterminate outcome =
          expect(Indeterminate.class, executor.attach(domain.ref(), DISK, DEADLINE).await());

      assertThat(outcome.reason()).isEqualTo(Indeterminate.Reason.NOT_AS_PLANNED);
      assertThat(outcome.explanation()).contains("saved to a file");
    }
  }
}
