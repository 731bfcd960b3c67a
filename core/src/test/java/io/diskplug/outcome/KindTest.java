// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import static io.diskplug.outcome.Outcome.Kind.DONE;
import static io.diskplug.outcome.Outcome.Kind.NEVER;
import static io.diskplug.outcome.Outcome.Kind.RETRY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.alloc.Capacity;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.VolumeRef;
import io.diskplug.outcome.Outcome.Kind;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a caller does next, for every outcome that there is. */
class KindTest {

  private static final Observation NOTHING =
      new Observation(
          DomainRef.name("vm-1"),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of());
  private static final VolumeRef VOLUME =
      new VolumeRef("pvc-1", new SourceIdentity("file", "", "/srv/one.img"));
  private static final PciAddress ADDRESS = PciAddress.of(0, 5);
  private static final Capacity.Room NO_ROOM = new Capacity.Room(0, null, null, false, List.of());
  private static final Capacity ROOM = new Capacity(NO_ROOM, NO_ROOM);
  private static final Rejected REJECTED =
      new Rejected(Rejected.Reason.NO_ROOM, "full", List.of(), NOTHING);
  private static final Mended MENDED = new Mended(true, Proof.QEMU, NOTHING);
  private static final MendPending WAITS =
      new MendPending(Pending.WaitingFor.PAUSED_GUEST, NOTHING);
  private static final Inspected INSPECTED =
      new Inspected(
          List.of(), List.of(), List.of(), List.of(), ROOM, Proof.QEMU, Optional.empty(), NOTHING);

  private static Unavailable later(Duration pause) {
    return new Unavailable(Unavailable.Reason.FAULT, "later", pause, NOTHING);
  }

  private static Repaired repaired(MendOutcome... outcomes) {
    return new Repaired(
        INSPECTED,
        Arrays.stream(outcomes)
            .map(outcome -> new RepairStep(Repair.forget("key"), outcome))
            .toList(),
        NOTHING);
  }

  private static Stream<Arguments> outcomes() {
    Stream<Arguments> fixed =
        Stream.of(
            Arguments.of(new Attached("vdb", ADDRESS, Optional.empty(), false, NOTHING), DONE, 0),
            Arguments.of(
                new AlreadyAttached("vdb", ADDRESS, Optional.empty(), false, List.of(), NOTHING),
                DONE,
                0),
            Arguments.of(new Detached(Proof.QEMU, NOTHING), DONE, 0),
            Arguments.of(new AlreadyDetached(Proof.XML, NOTHING), DONE, 0),
            Arguments.of(new Changed("vdb", true, NOTHING), DONE, 0),
            Arguments.of(new Planned(List.of(), ROOM, NOTHING), DONE, 0),
            Arguments.of(INSPECTED, DONE, 0),
            Arguments.of(new PartlyInspected(Optional.empty(), "busy", NOTHING), RETRY, 1),
            Arguments.of(MENDED, DONE, 0),
            Arguments.of(WAITS, RETRY, 30),
            Arguments.of(repaired(), DONE, 0),
            Arguments.of(repaired(MENDED, MENDED), DONE, 0),
            Arguments.of(repaired(MENDED, REJECTED), NEVER, 0),
            Arguments.of(repaired(REJECTED, WAITS, later(Duration.ofSeconds(7))), RETRY, 7),
            Arguments.of(REJECTED, NEVER, 0),
            Arguments.of(later(Duration.ofSeconds(7)), RETRY, 7),
            Arguments.of(
                new Indeterminate(Indeterminate.Reason.DEADLINE, "unknown", NOTHING), RETRY, 1));
    return Stream.concat(
        fixed,
        Arrays.stream(Pending.WaitingFor.values())
            .map(
                what ->
                    Arguments.of(
                        new Pending(VOLUME, what, NOTHING),
                        RETRY,
                        what == Pending.WaitingFor.PAUSED_GUEST ? 30 : 5)));
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void saysWhatToDoNext(Outcome outcome, Kind kind, int seconds) {
    assertThat(outcome.kind()).isEqualTo(kind);
    if (kind == RETRY) {
      assertThat(outcome.retryAfter()).contains(Duration.ofSeconds(seconds));
    } else {
      assertThat(outcome.retryAfter()).isEmpty();
    }
  }

  @Test
  void noOutcomeIsLeftOut() {
    Set<String> shown =
        outcomes().map(row -> row.get()[0].getClass().getName()).collect(Collectors.toSet());

    assertThat(shown).containsAll(records(Outcome.class).map(Class::getName).toList());
  }

  private static Stream<Class<?>> records(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses()).flatMap(KindTest::records)
        : Stream.of(type);
  }

  /** A caller's switch stays complete: a new constant would break it, or be overlooked by it. */
  @Test
  void isClosed() {
    assertThat(Set.of(Kind.values())).containsExactlyInAnyOrder(DONE, RETRY, NEVER);
  }

  @Test
  void attachedAndDetachedAreDone() {
    outcomes()
        .map(row -> row.get()[0])
        .forEach(
            outcome -> {
              if (outcome instanceof AttachOutcome attach) {
                assertThat(attach.isAttached()).isEqualTo(attach.kind() == DONE);
              }
              if (outcome instanceof DetachOutcome detach) {
                assertThat(detach.isDetached()).isEqualTo(detach.kind() == DONE);
              }
            });
  }

  /** A caller that sleeps for it must not spin. */
  @Test
  void aPauseIsPositive() {
    assertThatThrownBy(() -> later(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> later(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new Unavailable(
                    Unavailable.Reason.FAULT, "later", Optional.<Duration>empty(), NOTHING))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
