// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.DISK;
import static io.diskplug.internal.exec.Requests.VOLUME;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.Requests.strangers;
import static io.diskplug.internal.exec.ScriptedDomain.hangs;
import static io.diskplug.internal.exec.SimulatedSite.LONGER;
import static io.diskplug.internal.exec.SimulatedSite.attach;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.port.DaemonFacts;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.outcome.VolumeUses;
import io.diskplug.outcome.VolumeUses.InDomain;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which domains of a daemon have a volume. */
@Timeout(60)
class FindVolumeTest {

  private static final FileDisk ONE = SimulatedSite.disk("one");
  private static final FileDisk TWO = SimulatedSite.disk("two");
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final SimulatedSite site = new SimulatedSite();
  private final SimulatedHost host = site.host;
  private final CountDownLatch returns = new CountDownLatch(1);

  @AfterEach
  void end() {
    returns.countDown();
  }

  private VolumeUses find(FileDisk disk) {
    try (Executor process = site.process()) {
      return process.findVolume(disk.volume(), LONGER).await();
    }
  }

  private SimulatedDomain with(FileDisk disk, SimulatedDomain domain) {
    try (Executor process = site.process()) {
      attach(process, domain, disk);
    }
    return domain;
  }

  private static Optional<String> target(Optional<Disk> disk) {
    return disk.map(Disk::targetDev);
  }

  @Test
  void eachDomainThatHasItIsToldWithItsViewsAndDisks() {
    FileDisk shared =
        new FileDisk(
            ONE.volumeId(),
            Path.of(ONE.volume().identity().name()),
            DiskOptions.DEFAULTS.withShareable(true));
    host.definePc("e-without").start();
    with(SimulatedSite.disk("three"), host.definePc("d-other").start());
    SimulatedDomain running = with(shared, with(TWO, host.definePc("c-running").start()));
    SimulatedDomain off = with(shared, host.definePc("b-off"));
    SimulatedDomain passing = host.definePc("a-transient").start();
    passing.undefine();
    with(shared, passing);

    VolumeUses uses = find(ONE);

    assertThat(uses.domains())
        .extracting(
            InDomain::name,
            InDomain::uuid,
            one -> target(one.live()),
            one -> target(one.persistent()),
            InDomain::conflict)
        .containsExactly(
            tuple(
                "a-transient",
                passing.uuid(),
                Optional.of("vda"),
                Optional.empty(),
                Optional.empty()),
            tuple("b-off", off.uuid(), Optional.empty(), Optional.of("vda"), Optional.empty()),
            tuple(
                "c-running",
                running.uuid(),
                Optional.of("vdb"),
                Optional.of("vdb"),
                Optional.empty()));
    assertThat(uses.shown()).isEqualTo(uses.domains());
    assertThat(uses.volume()).isEqualTo(ONE.volume());
    assertThat(uses.read()).isEqualTo(5);
    assertThat(uses.isComplete()).isTrue();
    assertThat(uses.domains().get(0).ref()).isEqualTo(passing.ref());
    assertThat(uses.domains().get(0).status().active()).isTrue();
  }

  @Test
  void aVolumeThatNoDomainHasIsFoundNowhere() {
    with(TWO, host.definePc("one").start());

    VolumeUses uses = find(ONE);

    assertThat(uses.domains()).isEmpty();
    assertThat(uses.read()).isEqualTo(1);
  }

  @Test
  void aDaemonWithoutDomainsSaysSo() {
    VolumeUses uses = find(ONE);

    assertThat(uses.isComplete()).isTrue();
    assertThat(uses.read()).isZero();
  }

  @Test
  void aDiskOfAnotherToolIsShownWithTheWordsOfADetach() {
    ScriptedDomain domain = new ScriptedDomain();
    domain.put(strangers("/srv/one.img", "vdt", 7, ""), View.values());
    try (Executor process = executor(site.time, domain)) {
      InDomain found = process.findVolume(VOLUME, LONGER).await().domains().get(0);

      assertThat(target(found.live())).hasValue("vdt");
      assertThat(found.isShown()).isTrue();
      assertThat(found.conflict().orElseThrow())
          .isEqualTo(
              expect(Rejected.class, process.detach(domain.ref(), VOLUME, LONGER).await())
                  .explanation());
    }
  }

  @Test
  void aDiskThatCannotBeToldIsNamed() {
    VolumeRef image = new VolumeRef("pvc-9", new SourceIdentity("rbd", "fsid", "pool/image"));
    ScriptedDomain domain = new ScriptedDomain();
    domain.put(
        strangers("/srv/one.img", "vdt", 7, "")
            .replace("type='file'", "type='block'")
            .replace("file='/srv/one.img'", "dev='/dev/rbd0'"),
        View.values());
    try (Executor process = executor(site.time, domain)) {
      InDomain found = process.findVolume(image, LONGER).await().domains().get(0);

      assertThat(found.isShown()).isFalse();
      assertThat(found.mayHaveMoreThanIsShown()).isTrue();
      assertThat(found.unresolved()).extracting(Disk::targetDev).contains("vdt");
    }
  }

  @Test
  void savedAndMigratedDomainsMayHaveMoreThanTheyShow() {
    host.definePc("a-saved").start().managedSave();
    host.definePc("b-in-file").start().saveToFile();
    host.definePc("c-migrated").start().migrateAway();
    host.definePc("d-off").start().shutDown();

    VolumeUses uses = find(ONE);

    assertThat(uses.domains())
        .extracting(InDomain::name)
        .containsExactly("a-saved", "b-in-file", "c-migrated");
    assertThat(uses.domains()).allMatch(InDomain::mayHaveMoreThanIsShown);
    assertThat(uses.shown()).isEmpty();
    assertThat(uses.domains().get(0).status().managedSave()).isTrue();
    assertThat(uses.read()).isEqualTo(4);
  }

  @Test
  void aDomainThatIsGoneMeanwhileIsNoTrouble() {
    with(ONE, host.definePc("stays"));
    SimulatedDomain goes = with(ONE, host.definePc("goes"));
    host.onceAt(Call.LIST_DOMAINS, Moment.AFTER, goes::undefine);

    VolumeUses uses = find(ONE);

    assertThat(uses.domains()).extracting(InDomain::name).containsExactly("stays");
    assertThat(uses.isComplete()).isTrue();
    assertThat(uses.read()).isEqualTo(1);
  }

  /** After its lookup: libvirt then says of each call that there is no such domain. */
  @Test
  void aDomainThatGoesWhileItIsReadIsNoTrouble() {
    SimulatedDomain goes = with(ONE, host.definePc("goes"));
    host.onceAt(Call.READ_XML, Moment.BEFORE, goes::undefine);

    VolumeUses uses = find(ONE);

    assertThat(uses.domains()).isEmpty();
    assertThat(uses.isComplete()).isTrue();
  }

  @Test
  void aDomainThatIsDefinedMeanwhileMayBeMissed() {
    host.definePc("one");
    host.onceAt(Call.LIST_DOMAINS, Moment.AFTER, () -> host.definePc("late"));

    assertThat(find(ONE).read()).isEqualTo(1);
    assertThat(find(ONE).read()).isEqualTo(2);
  }

  @Test
  void aListThatIsRefusedLeavesNothingKnown() {
    with(ONE, host.definePc("one"));
    host.failNext(Call.LIST_DOMAINS, Moment.BEFORE, 38, "Cannot recv data");

    VolumeUses uses = find(ONE);

    assertThat(uses.unlisted().orElseThrow()).contains("Cannot recv data", "LIST_DOMAINS");
    assertThat(uses.isComplete()).isFalse();
    assertThat(find(ONE).shown()).hasSize(1);
  }

  /** The answer does not wait for the deadline. */
  @Test
  void xmlThatIsNotUnderstoodIsToldAndTakesNothingFromOthers() {
    ScriptedDomain bad = new ScriptedDomain();
    bad.xmlAnswer = (view, usual) -> "<domain";
    ScriptedDomain good = new ScriptedDomain();
    good.put(placed(DISK, "vdc", 7), View.values());
    SteppedTime time = site.time;
    try (Executor process = executor(time, bad, good)) {
      long begin = time.nanoTime();

      VolumeUses uses = process.findVolume(VOLUME, MINUTE).await();

      assertThat(uses.shown()).extracting(InDomain::name).containsExactly(good.name());
      assertThat(uses.unread()).containsOnlyKeys(bad.name());
      assertThat(expect(Unavailable.class, uses.unread().get(bad.name())).reason())
          .isEqualTo(Unavailable.Reason.UNREADABLE);
      assertThat(uses.isComplete()).isFalse();
      assertThat(Duration.ofNanos(time.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void aDomainWhoseReadingWouldWaitIsBusy() {
    ScriptedDomain busy = new ScriptedDomain();
    busy.daemon = new DaemonFacts(true);
    busy.jobTaken = true;
    busy.occupiedFor = Duration.ofSeconds(5);
    ScriptedDomain good = new ScriptedDomain();
    good.put(placed(DISK, "vdc", 7), View.values());
    try (Executor process = executor(site.time, busy, good)) {
      VolumeUses uses = process.findVolume(VOLUME, MINUTE).await();

      assertThat(uses.shown()).hasSize(1);
      assertThat(expect(Unavailable.class, uses.unread().get(busy.name())).reason())
          .isEqualTo(Unavailable.Reason.DOMAIN_BUSY);
      assertThat(busy.count(Call.READ_XML)).isZero();
    }
  }

  @Test
  void nothingIsChangedAndQemuIsNotAsked() {
    ScriptedDomain domain = new ScriptedDomain();
    domain.put(placed(DISK, "vdc", 7), View.values());
    try (Executor process = executor(site.time, domain)) {
      assertThat(process.findVolume(VOLUME, LONGER).await().shown()).hasSize(1);
    }
    assertThat(domain.calls)
        .containsExactly(
            "LIST_DOMAINS", "LOOKUP", "READ_XML LIVE", "READ_XML PERSISTENT", "READ_STATUS");
  }

  @Test
  void aDeadlineThatIsNotInTheFutureIsMisuse() {
    ScriptedDomain domain = new ScriptedDomain();
    try (Executor process = executor(site.time, domain)) {
      assertThatThrownBy(() -> process.findVolume(VOLUME, Duration.ZERO))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(domain.calls).isEmpty();
  }

  @Test
  void aMistakeOfThePortIsNotSwallowed() {
    ScriptedDomain domain = new ScriptedDomain();
    domain.next(
        Call.READ_STATUS,
        effect -> {
          throw new IllegalStateException("a mistake");
        });
    try (Executor process = executor(Scheduler.threads(2), domain)) {
      assertThatThrownBy(() -> process.findVolume(VOLUME, LONGER).await()).hasMessage("a mistake");
      domain.next(
          Call.LIST_DOMAINS,
          effect -> {
            throw new IllegalStateException("another");
          });
      assertThatThrownBy(() -> process.findVolume(VOLUME, LONGER).await()).hasMessage("another");
    }
  }

  // With real threads and real time.

  private static ScriptedDomain[] domains(int number) {
    return Stream.generate(ScriptedDomain::new).limit(number).toArray(ScriptedDomain[]::new);
  }

  @Test
  void aDomainThatHangsTakesNothingFromOthers() {
    ScriptedDomain[] all = domains(10);
    for (ScriptedDomain one : all) {
      one.put(placed(DISK, "vdc", 7), View.values());
    }
    all[1].always(Call.READ_XML, hangs(returns));
    try (Executor process = executor(Scheduler.threads(8), all)) {
      VolumeUses uses = process.findVolume(VOLUME, SHORT).await();

      assertThat(uses.shown()).hasSize(9);
      assertThat(uses.unread()).containsOnlyKeys(all[1].name());
      assertThat(uses.unread().get(all[1].name()).explanation()).contains("READ_XML");
    }
  }

  @Test
  void itHoldsFourWorkersAtMost() {
    ScriptedDomain[] all = domains(12);
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    for (ScriptedDomain one : all) {
      one.always(
          Call.READ_STATUS,
          effect -> {
            most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            hangs(returns).perform(effect);
            atOnce.decrementAndGet();
          });
    }
    try (Executor process = executor(Scheduler.threads(12), all)) {
      RequestHandle<VolumeUses> finding = process.findVolume(VOLUME, MINUTE);
      await().until(() -> atOnce.get() == 4);
      returns.countDown();

      assertThat(finding.await().read()).isEqualTo(12);
    }
    assertThat(most.get()).isEqualTo(4);
  }

  @Test
  void fourDomainsThatHangEndTheSearchAndLeaveTheOtherWorkers() {
    ScriptedDomain[] all = domains(7);
    for (int i = 0; i < 5; i++) {
      all[i].always(Call.READ_XML, hangs(returns));
    }
    try (Executor process = executor(Scheduler.threads(6), all)) {
      VolumeUses uses = process.findVolume(VOLUME, SHORT).await();

      assertThat(uses.read()).isZero();
      assertThat(uses.unread()).hasSize(7);
      assertThat(uses.unread().values())
          .filteredOn(
              why ->
                  why instanceof Unavailable later
                      && later.reason() == Unavailable.Reason.NOT_BEGUN)
          .hasSize(3);
      assertThat(process.inspect(all[6].ref(), MINUTE).await()).isInstanceOf(Inspected.class);
    }
  }

  @Test
  void aListThatHangsEndsAtTheDeadlineAndIsNotAskedForAgain() {
    ScriptedDomain domain = new ScriptedDomain();
    domain.next(Call.LIST_DOMAINS, hangs(returns));
    try (Executor process = executor(Scheduler.threads(4), domain)) {
      VolumeUses first = process.findVolume(VOLUME, SHORT).await();
      VolumeUses second = process.findVolume(VOLUME, MINUTE).await();

      assertThat(first.unlisted().orElseThrow()).contains("has not returned before the deadline");
      assertThat(second.unlisted().orElseThrow()).contains("an earlier LIST_DOMAINS");
      assertThat(domain.count(Call.LIST_DOMAINS)).isEqualTo(1);
      returns.countDown();
      await().until(() -> process.findVolume(VOLUME, MINUTE).await().isComplete());
    }
  }

  @Test
  void itDoesNotWaitBehindAChangeThatHangs() {
    ScriptedDomain domain = new ScriptedDomain();
    domain.put(placed(DISK, "vdc", 7), View.values());
    domain.next(Call.ATTACH, hangs(returns));
    FileDisk other = SimulatedSite.disk("other");
    try (Executor process = executor(Scheduler.threads(4), domain)) {
      var unused = process.attach(domain.ref(), other, MINUTE);
      await().until(() -> domain.count(Call.ATTACH) == 1);

      assertThat(process.findVolume(VOLUME, MINUTE).await().shown()).hasSize(1);
    }
  }

  @Test
  void anInterruptEndsItWithWhatWasFound() throws Exception {
    ScriptedDomain[] all = domains(5);
    all[0].put(placed(DISK, "vdc", 7), View.values());
    for (int i = 1; i < 5; i++) {
      all[i].always(Call.READ_STATUS, hangs(returns));
    }
    try (Executor process = executor(Scheduler.threads(8), all)) {
      Worker<VolumeUses> finding = Worker.start(() -> process.findVolume(VOLUME, MINUTE).await());
      // The last one has the place of the first, which was read.
      await().until(() -> all[4].count(Call.READ_STATUS) == 1);
      finding.interrupt();

      VolumeUses uses = finding.result();
      assertThat(finding.leftInterrupted()).isTrue();
      assertThat(uses.shown()).extracting(InDomain::name).containsExactly(all[0].name());
      assertThat(uses.unread()).hasSize(4);
      assertThat(expect(Unavailable.class, uses.unread().get(all[4].name())).reason())
          .isEqualTo(Unavailable.Reason.INTERRUPTED);
    }
  }

  @Test
  void anInterruptBeforeTheListSaysSo() throws Exception {
    ScriptedDomain domain = new ScriptedDomain();
    domain.next(Call.LIST_DOMAINS, hangs(returns));
    try (Executor process = executor(Scheduler.threads(2), domain)) {
      Worker<VolumeUses> finding = Worker.start(() -> process.findVolume(VOLUME, MINUTE).await());
      await().until(() -> domain.count(Call.LIST_DOMAINS) == 1);
      finding.awaitWaitingIn(RequestHandle.class).interrupt();

      assertThat(finding.result().unlisted().orElseThrow()).contains("interrupted");
      returns.countDown();
      await().until(() -> process.findVolume(VOLUME, MINUTE).await().isComplete());
      assertThat(domain.count(Call.LIST_DOMAINS)).isEqualTo(2);
    }
  }

  @Test
  void cancellingItBeginsWithNoOtherDomain() {
    ScriptedDomain[] all = domains(6);
    for (int i = 0; i < 4; i++) {
      all[i].always(Call.READ_STATUS, hangs(returns));
    }
    try (Executor process = executor(Scheduler.threads(8), all)) {
      var sent = process.findVolume(VOLUME, MINUTE).future(ForkJoinPool.commonPool());
      await()
          .until(() -> Stream.of(all).limit(4).allMatch(one -> one.count(Call.READ_STATUS) == 1));

      assertThat(sent.cancel(true)).isTrue();

      returns.countDown();
      assertThat(process.findVolume(VOLUME, MINUTE).await().isComplete()).isTrue();
      assertThat(all[5].count(Call.LOOKUP)).isEqualTo(1);
    }
  }

  @Test
  void closingEndsIt() throws Exception {
    ScriptedDomain domain = new ScriptedDomain();
    domain.always(Call.READ_STATUS, hangs(returns));
    Executor process = executor(Scheduler.threads(2), domain);
    Worker<VolumeUses> finding = Worker.start(() -> process.findVolume(VOLUME, MINUTE).await());
    await().until(() -> domain.count(Call.READ_STATUS) == 1);

    process.close();

    assertThat(expect(Unavailable.class, finding.result().unread().get(domain.name())).reason())
        .isEqualTo(Unavailable.Reason.CLOSED);
    assertThat(process.findVolume(VOLUME, MINUTE).await().unlisted().orElseThrow())
        .contains("closed");
  }
}
