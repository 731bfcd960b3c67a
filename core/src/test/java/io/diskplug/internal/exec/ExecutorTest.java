// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.ALIAS;
import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.MISMATCHED;
import static io.diskplug.internal.exec.Requests.VOLUME;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static io.diskplug.internal.exec.ScriptedDomain.hangs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DiskSource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With real threads and real time. */
@Timeout(60)
class ExecutorTest {

  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final ScriptedDomain domain = new ScriptedDomain();
  private final ScriptedDomain other = new ScriptedDomain();
  private final Executor executor = executor(Scheduler.threads(8), domain, other);
  private final CountDownLatch returns = new CountDownLatch(1);

  @AfterEach
  void close() {
    returns.countDown();
    executor.close();
  }

  private AttachOutcome attach(Duration deadline) {
    return executor.attach(domain.ref(), DISK, deadline).await();
  }

  private DetachOutcome detach(Duration deadline) {
    return executor.detach(domain.ref(), VOLUME, deadline).await();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-0.000000001S", "PT-1H"})
  void aDeadlineThatIsNotInTheFutureIsMisuse(Duration deadline) {
    assertThatThrownBy(() -> attach(deadline))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(deadline.toString());
    assertThatThrownBy(() -> detach(deadline))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(deadline.toString());
    assertThat(domain.calls).isEmpty();
  }

  @Test
  void aDomainIsFoundByNameToo() {
    Attached outcome =
        expect(Attached.class, executor.attach(DomainRef.name(domain.name()), DISK, LONG).await());

    assertThat(outcome.observed().domain()).hasValue(domain.uuid());
    assertThat(outcome.observed().asked()).isEqualTo(DomainRef.name(domain.name()));
  }

  @Test
  void aDomainThatIsNotThereIsRejectedAndNotDetached() {
    DomainRef nobody = DomainRef.name("nobody");

    Rejected attach = expect(Rejected.class, executor.attach(nobody, DISK, LONG).await());
    Rejected detach = expect(Rejected.class, executor.detach(nobody, VOLUME, LONG).await());

    assertThat(List.of(attach.reason(), detach.reason()))
        .containsOnly(Rejected.Reason.DOMAIN_NOT_FOUND);
    assertThat(detach.observed().domain()).isEmpty();
  }

  @Test
  void aDomainThatCannotBeLookedUpIsUnavailable() {
    domain.always(Call.LOOKUP, fails(Call.LOOKUP, 38, "Failed to connect socket to '/run/l'"));
    assertThat(expect(Unavailable.class, attach(LONG)).reason())
        .isEqualTo(Unavailable.Reason.CONNECTION_LOST);

    domain.always(Call.LOOKUP, fails(Call.LOOKUP, 88, "access denied"));
    assertThat(expect(Rejected.class, attach(LONG)).reason())
        .isEqualTo(Rejected.Reason.ACCESS_DENIED);

    domain.always(Call.LOOKUP, hangs(returns));
    assertThat(expect(Unavailable.class, attach(SHORT)).reason())
        .isEqualTo(Unavailable.Reason.CONNECTION_LOST);
  }

  @Test
  void aLookUpThatHangsIsNotRepeatedBeforeItReturns() {
    domain.next(Call.LOOKUP, hangs(returns));
    expect(Unavailable.class, attach(SHORT));

    assertThat(expect(Unavailable.class, attach(LONG)).reason())
        .isEqualTo(Unavailable.Reason.CALL_OUTSTANDING);
    assertThat(expect(Unavailable.class, detach(LONG)).reason())
        .isEqualTo(Unavailable.Reason.CALL_OUTSTANDING);
    assertThat(domain.calls).containsExactly("LOOKUP");

    returns.countDown();
    await().until(() -> attach(LONG).isAttached());
  }

  @Test
  void aDeadlineThatIsAsGoodAsNoneIsTaken() {
    expect(Attached.class, attach(ChronoUnit.FOREVER.getDuration()));
    expect(AlreadyAttached.class, attach(Duration.ofSeconds(Long.MAX_VALUE)));
  }

  @Test
  void aSourceWhoseElementIsNotItsVolumeIsMisuse() {
    assertThatThrownBy(() -> executor.attach(domain.ref(), MISMATCHED, LONG).await())
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(domain.calls).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"READ_STATUS", "READ_XML"})
  void aReadThatHangsIsUnavailable(Call call) {
    domain.next(call, hangs(returns));

    Unavailable outcome = expect(Unavailable.class, attach(SHORT));

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
    assertThat(outcome.explanation()).contains(call.name());
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aChangeThatHangsIsIndeterminateAndTheNextRequestIsToldAtOnce() {
    domain.next(Call.ATTACH, hangs(returns));

    Indeterminate first = expect(Indeterminate.class, attach(SHORT));
    long before = System.nanoTime();
    Unavailable attach = expect(Unavailable.class, attach(LONG));
    Unavailable detach = expect(Unavailable.class, detach(LONG));
    long took = System.nanoTime() - before;

    assertThat(first.reason()).isEqualTo(Indeterminate.Reason.CALL_OUTSTANDING);
    assertThat(attach.reason()).isEqualTo(Unavailable.Reason.CALL_OUTSTANDING);
    assertThat(attach.explanation()).contains("ATTACH", " ms");
    assertThat(detach.reason()).isEqualTo(Unavailable.Reason.CALL_OUTSTANDING);
    assertThat(took).isLessThan(LONG.toNanos() / 2);
    assertThat(domain.calls)
        .filteredOn(call -> !call.equals("LOOKUP"))
        .endsWith("ATTACH [LIVE, PERSISTENT]");
  }

  @Test
  void aLockThatCouldNotBeHadIsHeardOfAfterTheDeadlineToo() {
    domain.longJob = "outgoing migration";
    domain.next(
        Call.ATTACH,
        effect -> {
          hangs(returns).perform(() -> {});
          throw ScriptedDomain.fault(Call.ATTACH, 68, "cannot acquire state change lock");
        });
    expect(Indeterminate.class, attach(SHORT));
    returns.countDown();

    await()
        .until(
            () ->
                attach(SHORT) instanceof Unavailable outcome
                    && outcome.reason() == Unavailable.Reason.DOMAIN_BUSY
                    && outcome.explanation().contains("outgoing migration"));

    assertThat(domain.count(Call.ATTACH)).isEqualTo(1);
  }

  @Test
  void aDetachThatHangsIsIndeterminate() {
    domain.put(placed(DISK, "vdc", 7), View.values());
    domain.next(Call.DETACH, hangs(returns));

    assertThat(expect(Indeterminate.class, detach(SHORT)).reason())
        .isEqualTo(Indeterminate.Reason.CALL_OUTSTANDING);
    assertThat(expect(Unavailable.class, detach(LONG)).reason())
        .isEqualTo(Unavailable.Reason.CALL_OUTSTANDING);
  }

  @Test
  void aQemuThatDoesNotAnswerIsNoProof() {
    domain.next(Call.ASK_QEMU, hangs(returns));

    assertThat(expect(Unavailable.class, detach(SHORT)).reason())
        .isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
  }

  @Test
  void anInspectionSaysWhatLibvirtShowsIfQemuDoesNotAnswer() {
    domain.put(placed(DISK, "vdc", 7), View.values());
    domain.next(Call.ASK_QEMU, hangs(returns));

    long before = System.nanoTime();
    Inspected inspected = expect(Inspected.class, executor.inspect(domain.ref(), LONG).await());

    assertThat(System.nanoTime() - before).isLessThan(LONG.toNanos());
    assertThat(inspected.whyNotAsked().orElseThrow()).contains("QEMU has not answered");
    assertThat(inspected.disks()).hasSize(1);
    assertThat(inspected.isClean()).isFalse();
    // The call is not over, and keeps no other inspection waiting.
    domain.occupiedFor = Duration.ofSeconds(2);
    before = System.nanoTime();
    expect(Inspected.class, executor.inspect(domain.ref(), LONG).await());
    expect(Inspected.class, executor.inspect(DomainRef.name(domain.name()), LONG).await());
    expect(Attached.class, executor.attach(other.ref(), DISK, LONG).await());
    assertThat(System.nanoTime() - before).isLessThan(LONG.toNanos() / 2);
  }

  /** An internal snapshot is under way: libvirt lets the question for the job wait for its end. */
  @Test
  void anInspectionSaysWhatLibvirtShowsIfTheJobIsNotTold() {
    domain.put(placed(DISK, "vdc", 7), View.values());
    domain.status(ScriptedDomain.PAUSED);
    domain.next(Call.READ_JOB, hangs(returns));

    long before = System.nanoTime();
    Inspected inspected = expect(Inspected.class, executor.inspect(domain.ref(), LONG).await());

    assertThat(System.nanoTime() - before).isLessThan(LONG.toNanos());
    assertThat(inspected.whyNotAsked()).isPresent();
    assertThat(inspected.disks()).hasSize(1);
  }

  @Test
  void twoInspectionsThatHangKeepTheirDomainsOthersFromHanging() {
    domain.always(Call.READ_STATUS, hangs(returns));
    expect(Unavailable.class, executor.inspect(domain.ref(), SHORT).await());
    expect(Unavailable.class, executor.inspect(domain.ref(), LONG.dividedBy(10)).await());

    Unavailable third = expect(Unavailable.class, executor.inspect(domain.ref(), LONG).await());

    assertThat(third.reason()).isEqualTo(Unavailable.Reason.CALL_OUTSTANDING);
    assertThat(domain.count(Call.READ_STATUS)).isEqualTo(2);
  }

  @Test
  void aReadThatHangsAfterAnAttachIsIndeterminate() {
    domain.next(
        Call.ATTACH,
        effect -> {
          effect.run();
          domain.next(Call.READ_XML, hangs(returns));
        });

    assertThat(expect(Indeterminate.class, attach(SHORT)).reason())
        .isEqualTo(Indeterminate.Reason.DEADLINE);
  }

  @Test
  void aReadThatHangsAfterAnUnplugRequestIsPending() {
    domain.put(placed(DISK, "vdc", 7), View.values());
    domain.next(
        Call.DETACH,
        effect -> {
          effect.run();
          domain.next(Call.READ_XML, hangs(returns));
        });

    assertThat(expect(Pending.class, detach(SHORT)).waitingFor())
        .isEqualTo(Pending.WaitingFor.GUEST);
  }

  @Test
  void otherDomainsDoNotNoticeACallThatHangs() {
    domain.next(Call.ATTACH, hangs(returns));
    expect(Indeterminate.class, attach(SHORT));

    expect(Attached.class, executor.attach(other.ref(), DISK, LONG).await());
    expect(Unavailable.class, attach(LONG));
  }

  @Test
  void otherDomainsDoNotWaitWhileACallHangs() throws Exception {
    domain.next(Call.ATTACH, hangs(returns));
    Worker<AttachOutcome> stuck = Worker.start(() -> attach(LONG));
    await().until(() -> domain.count(Call.ATTACH) == 1);

    expect(Attached.class, executor.attach(other.ref(), DISK, LONG).await());

    assertThat(stuck.isDone()).isFalse();
    returns.countDown();
    expect(Attached.class, stuck.result());
  }

  /** While the request waits for its call, and when it has given up. */
  @Test
  void anInspectionDoesNotWaitBehindACallThatHangs() throws Exception {
    domain.next(Call.ATTACH, hangs(returns));
    Worker<AttachOutcome> stuck = Worker.start(() -> attach(SHORT));
    await().until(() -> domain.count(Call.ATTACH) == 1);

    expect(Inspected.class, executor.inspect(domain.ref(), LONG).await());
    expect(Indeterminate.class, stuck.result());
    expect(Unavailable.class, attach(LONG));
    expect(Inspected.class, executor.inspect(domain.ref(), LONG).await());
  }

  @Test
  void aCallThatReturnsAfterAllIsFoundOutByTheNextRequest() {
    domain.next(Call.ATTACH, hangs(returns));
    expect(Indeterminate.class, attach(SHORT));
    expect(Unavailable.class, attach(LONG));

    returns.countDown();
    await().until(() -> domain.disks(View.PERSISTENT).size() == 1);

    AttachOutcome outcome = await().until(() -> attach(LONG), AlreadyAttached.class::isInstance);
    expect(AlreadyAttached.class, outcome);
    assertThat(domain.count(Call.ATTACH)).isEqualTo(1);
  }

  @Test
  void aCallThatIsAboutToReturnIsWaitedForALittle() throws Exception {
    domain.next(Call.ATTACH, hangs(returns));
    expect(Indeterminate.class, attach(SHORT));
    Worker<AttachOutcome> second = Worker.start(() -> attach(LONG));
    second.awaitWaitingIn(RequestHandle.class);

    returns.countDown();

    expect(AlreadyAttached.class, second.result());
    assertThat(domain.count(Call.ATTACH)).isEqualTo(1);
  }

  @Test
  void requestsOnOneDomainTakeTurns() throws Exception {
    domain.next(Call.ATTACH, hangs(returns));
    Worker<AttachOutcome> first = Worker.start(() -> attach(LONG));
    await().until(() -> domain.count(Call.ATTACH) == 1);
    Worker<AttachOutcome> second = Worker.start(() -> attach(LONG));
    second.awaitWaitingIn(RequestHandle.class);
    int calls = domain.calls.size();

    assertThat(expect(Unavailable.class, detach(SHORT)).reason())
        .isEqualTo(Unavailable.Reason.LANE_BUSY);
    assertThat(domain.calls).hasSize(calls);

    returns.countDown();
    expect(Attached.class, first.result());
    expect(AlreadyAttached.class, second.result());
  }

  @Test
  void aRequestThatWaitsForItsGuestLeavesTheLaneToOthers() throws Exception {
    domain.put(placed(DISK, "vdc", 7), View.values());
    domain.guestReleases = false;
    Worker<DetachOutcome> waiting = Worker.start(() -> detach(LONG));
    await().until(() -> domain.count(Call.DETACH) == 1);

    DetachOutcome meanwhile =
        executor
            .detach(
                domain.ref(),
                new FileDisk("pvc-2", Path.of("/srv/two.img"), DiskOptions.DEFAULTS).volume(),
                LONG)
            .await();

    expect(AlreadyDetached.class, meanwhile);
    assertThat(waiting.isDone()).isFalse();
    domain.drop(View.LIVE);
    assertThat(waiting.result().isDetached()).isTrue();
  }

  @Test
  void aLaneThatIsFullIsToldAtOnce() throws Exception {
    domain.next(Call.READ_STATUS, hangs(returns));
    List<Worker<AttachOutcome>> accepted = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      accepted.add(Worker.start(() -> attach(LONG)));
    }
    accepted.forEach(worker -> worker.awaitWaitingIn(RequestHandle.class));

    Unavailable outcome = expect(Unavailable.class, attach(LONG));

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.LANE_BUSY);
    returns.countDown();
    for (Worker<AttachOutcome> request : accepted) {
      assertThat(request.result().isAttached()).isTrue();
    }
    assertThat(domain.count(Call.ATTACH)).isEqualTo(1);
  }

  @Test
  void manyRequestsForOneVolumeMakeOneAttachment() throws Exception {
    List<Worker<AttachOutcome>> requests =
        IntStream.range(0, 16).mapToObj(i -> Worker.start(() -> attach(LONG))).toList();

    List<AttachOutcome> outcomes = new ArrayList<>();
    for (Worker<AttachOutcome> request : requests) {
      outcomes.add(request.result());
    }

    assertThat(outcomes).hasAtLeastOneElementOfType(Attached.class);
    assertThat(outcomes).filteredOn(AlreadyAttached.class::isInstance).hasSize(15);
    assertThat(domain.changes()).containsExactly("ATTACH [LIVE, PERSISTENT]");
  }

  @Test
  void anInterruptEndsTheWaitForACallAndStaysVisible() throws Exception {
    domain.next(Call.ATTACH, hangs(returns));
    Worker<AttachOutcome> request = Worker.start(() -> attach(LONG));
    await().until(() -> domain.count(Call.ATTACH) == 1);

    request.interrupt();

    assertThat(expect(Indeterminate.class, request.result()).reason())
        .isEqualTo(Indeterminate.Reason.INTERRUPTED);
    assertThat(request.leftInterrupted()).isTrue();
    assertThat(expect(Unavailable.class, attach(LONG)).reason())
        .isEqualTo(Unavailable.Reason.CALL_OUTSTANDING);
  }

  @Test
  void anInterruptEndsTheWaitForAGuest() throws Exception {
    domain.put(placed(DISK, "vdc", 7), View.values());
    domain.guestReleases = false;
    Worker<DetachOutcome> request = Worker.start(() -> detach(LONG));
    await().until(() -> domain.count(Call.DETACH) == 1);
    request.awaitWaitingIn(RequestHandle.class).interrupt();

    assertThat(expect(Indeterminate.class, request.result()).reason())
        .isEqualTo(Indeterminate.Reason.INTERRUPTED);
    assertThat(request.leftInterrupted()).isTrue();
    assertThat(domain.subscribers()).isZero();
  }

  @Test
  void anInterruptBeforeAnyChangeSaysSo() throws Exception {
    domain.next(Call.READ_STATUS, hangs(returns));
    Worker<AttachOutcome> inTheLane = Worker.start(() -> attach(LONG));
    await().until(() -> domain.count(Call.READ_STATUS) == 1);
    Worker<DetachOutcome> inFrontOfIt = Worker.start(() -> detach(LONG));
    inFrontOfIt.awaitWaitingIn(RequestHandle.class).interrupt();
    other.always(Call.LOOKUP, hangs(returns));
    Worker<AttachOutcome> lookingUp =
        Worker.start(() -> executor.attach(other.ref(), DISK, LONG).await());
    lookingUp.awaitWaitingIn(RequestHandle.class).interrupt();

    assertThat(expect(Unavailable.class, inFrontOfIt.result()).reason())
        .isEqualTo(Unavailable.Reason.INTERRUPTED);
    assertThat(expect(Unavailable.class, lookingUp.result()).reason())
        .isEqualTo(Unavailable.Reason.INTERRUPTED);
    assertThat(inFrontOfIt.leftInterrupted()).isTrue();
    assertThat(lookingUp.leftInterrupted()).isTrue();
    returns.countDown();
    expect(Attached.class, inTheLane.result());
  }

  @Test
  void aClosedExecutorTakesNoRequest() {
    executor.close();

    assertThat(expect(Unavailable.class, attach(LONG)).reason())
        .isEqualTo(Unavailable.Reason.CLOSED);
    assertThat(expect(Unavailable.class, detach(LONG)).reason())
        .isEqualTo(Unavailable.Reason.CLOSED);
    assertThat(domain.calls).isEmpty();
  }

  @Test
  void closingEndsTheWaitForCallsThatHang() throws Exception {
    domain.next(Call.ATTACH, hangs(returns));
    other.next(Call.READ_XML, hangs(returns));
    Worker<AttachOutcome> changing = Worker.start(() -> attach(LONG));
    Worker<AttachOutcome> reading =
        Worker.start(() -> executor.attach(other.ref(), DISK, LONG).await());
    await().until(() -> domain.count(Call.ATTACH) == 1 && other.count(Call.READ_XML) == 1);
    changing.awaitWaitingIn(RequestHandle.class);
    reading.awaitWaitingIn(RequestHandle.class);

    long before = System.nanoTime();
    executor.close();

    assertThat(expect(Indeterminate.class, changing.result()).reason())
        .isEqualTo(Indeterminate.Reason.CLOSED);
    assertThat(expect(Unavailable.class, reading.result()).reason())
        .isEqualTo(Unavailable.Reason.CLOSED);
    assertThat(System.nanoTime() - before).isLessThan(LONG.toNanos() / 2);
  }

  @Test
  void closingInTheMiddleOfARoundEndsIt() {
    domain.next(
        Call.READ_STATUS,
        effect -> {
          executor.close();
          effect.run();
        });
    other.next(Call.LOOKUP, effect -> executor.close());

    assertThat(expect(Unavailable.class, attach(LONG)).reason())
        .isEqualTo(Unavailable.Reason.CLOSED);
    assertThat(expect(Unavailable.class, executor.attach(other.ref(), DISK, LONG).await()).reason())
        .isEqualTo(Unavailable.Reason.CLOSED);
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aRequestThatWaitsWhenTheExecutorIsClosedEnds() throws Exception {
    domain.put(placed(DISK, "vdc", 7), View.values());
    domain.guestReleases = false;
    other.always(Call.READ_XML, fails(Call.READ_XML, 68, "cannot acquire state change lock"));
    Worker<DetachOutcome> changed = Worker.start(() -> detach(LONG));
    Worker<AttachOutcome> unchanged =
        Worker.start(() -> executor.attach(other.ref(), DISK, LONG).await());
    await().until(() -> domain.count(Call.DETACH) == 1 && other.count(Call.READ_XML) > 1);

    executor.close();

    assertThat(expect(Indeterminate.class, changed.result()).reason())
        .isEqualTo(Indeterminate.Reason.CLOSED);
    assertThat(expect(Unavailable.class, unchanged.result()).reason())
        .isEqualTo(Unavailable.Reason.CLOSED);
    assertThat(domain.changes()).containsExactly("DETACH " + ALIAS + " [LIVE, PERSISTENT]");
    assertThat(domain.subscribers()).isZero();
  }

  @Test
  void aFutureIsCompletedWithTheOutcome() {
    expect(
        Attached.class,
        executor.attach(domain.ref(), DISK, LONG).future(ForkJoinPool.commonPool()).join());
  }

  @Test
  void cancellingAFutureTakesNothingBackThatWasSent() {
    domain.next(Call.ATTACH, hangs(returns));
    RequestHandle<AttachOutcome> submitted = executor.attach(domain.ref(), DISK, LONG);
    CompletableFuture<AttachOutcome> future = submitted.future(ForkJoinPool.commonPool());
    await().until(() -> domain.count(Call.ATTACH) == 1);

    assertThat(future.cancel(true)).isTrue();

    assertThat(expect(Indeterminate.class, submitted.await()).reason())
        .isEqualTo(Indeterminate.Reason.INTERRUPTED);
    returns.countDown();
    await().until(() -> domain.disks(View.LIVE).size() == 1);
    expect(AlreadyAttached.class, attach(LONG));
  }

  @Test
  void cancellingAFutureOfTheFacadeReachesTheRequest() throws Exception {
    domain.next(Call.READ_STATUS, hangs(returns));
    try (DiskPlug plug = DiskPlug.on(ScriptedDomain.hypervisor(domain), Options.defaults())) {
      CompletableFuture<AttachOutcome> attaching = plug.attachAsync(domain.ref(), DISK, LONG);
      await().until(() -> domain.count(Call.READ_STATUS) == 1);
      attaching.cancel(true);
      returns.countDown();

      expect(AlreadyDetached.class, plug.detachAsync(domain.ref(), VOLUME, LONG).get());
    }
    assertThat(domain.changes()).isEmpty();
  }

  @Test
  void aListWithAMistakeInItIsRefusedAsAWhole() {
    assertThatThrownBy(() -> executor.attachAll(domain.ref(), List.of(DISK, MISMATCHED), LONG))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(domain.calls).isEmpty();
  }

  @Test
  void aNoteThatHangsIsAChangeThatWasSent() {
    domain.put(placed(DISK, "vdc", 7), View.values());
    // The first one says that this process is about to ask.
    domain.next(Call.NOTE, Runnable::run, hangs(returns));

    assertThat(expect(Indeterminate.class, detach(SHORT)).reason())
        .isEqualTo(Indeterminate.Reason.CALL_OUTSTANDING);

    // The note does not stay without its request.
    returns.countDown();
    await().until(() -> domain.count(Call.DETACH) == 1);
  }

  @Test
  void aRequestThatIsCancelledBeforeItsTurnMakesNoCall() {
    domain.next(Call.READ_STATUS, hangs(returns));
    RequestHandle<AttachOutcome> first = executor.attach(domain.ref(), DISK, LONG);
    CompletableFuture<DetachOutcome> second =
        executor.detach(domain.ref(), VOLUME, LONG).future(ForkJoinPool.commonPool());
    await().until(() -> domain.count(Call.READ_STATUS) == 1);

    second.cancel(true);
    returns.countDown();

    expect(Attached.class, first.await());
    expect(AlreadyAttached.class, attach(LONG));
    assertThat(domain.count(Call.DETACH)).isZero();
  }

  @Test
  void moreDomainsThanWorkersWaitForTheirTurns() {
    List<ScriptedDomain> many = Stream.generate(ScriptedDomain::new).limit(20).toList();
    try (Executor narrow = executor(Scheduler.threads(2), many.toArray(ScriptedDomain[]::new))) {
      List<RequestHandle<AttachOutcome>> submitted =
          many.stream().map(one -> narrow.attach(one.ref(), DISK, LONG)).toList();

      submitted.forEach(one -> expect(Attached.class, one.await()));
    }
  }

  @Test
  void aGuestThatIsWaitedForHoldsNoWorker() {
    domain.put(placed(DISK, "vdc", 7), View.values());
    domain.guestReleases = false;
    try (Executor narrow = executor(Scheduler.threads(1), domain, other)) {
      RequestHandle<DetachOutcome> waiting = narrow.detach(domain.ref(), VOLUME, LONG);
      await().until(() -> domain.count(Call.DETACH) == 1);

      expect(Attached.class, narrow.attach(other.ref(), DISK, LONG).await());

      domain.drop(View.LIVE);
      expect(Detached.class, waiting.await());
    }
  }

  @Test
  void aRequestWhoseChangeIsNotVerifiedWaitsBehindACallThatHangs() throws Exception {
    domain.put(placed(DISK, "vdc", 7), View.values());
    domain.guestReleases = false;
    RequestHandle<DetachOutcome> waiting = executor.detach(domain.ref(), VOLUME, LONG);
    await().until(() -> domain.count(Call.DETACH) == 1);
    domain.next(Call.READ_STATUS, Runnable::run, hangs(returns));
    Duration longerThanPatience = Duration.ofMillis(1500);
    DiskSource another = new FileDisk("pvc-2", Path.of("/srv/two.img"), DiskOptions.DEFAULTS);
    executor.attach(domain.ref(), another, longerThanPatience).await();

    assertThat(waiting.future(ForkJoinPool.commonPool())).isNotDone();
    domain.drop(View.LIVE);
    returns.countDown();
    expect(Detached.class, waiting.await());
  }
}
