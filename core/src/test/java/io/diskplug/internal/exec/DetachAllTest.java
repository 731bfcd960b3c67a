// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.Requests.strangers;
import static io.diskplug.internal.exec.ScriptedDomain.hangs;
import static io.diskplug.internal.exec.SimulatedSite.LONGER;
import static io.diskplug.internal.exec.SimulatedSite.attach;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.engine.Scheduler;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.sim.GuestBehaviour;
import io.diskplug.sim.SimulatedDomain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several volumes of one domain, detached together. */
@Timeout(60)
class DetachAllTest {

  private static final FileDisk ONE = SimulatedSite.disk("one");
  private static final FileDisk TWO = SimulatedSite.disk("two");
  private static final FileDisk THREE = SimulatedSite.disk("three");
  private static final List<FileDisk> DISKS = List.of(ONE, TWO, THREE);

  private final SimulatedSite site = new SimulatedSite();

  private static List<VolumeRef> volumes(List<FileDisk> disks) {
    return disks.stream().map(FileDisk::volume).toList();
  }

  private static SimulatedDomain with(
      Executor process, SimulatedDomain domain, List<FileDisk> disks) {
    disks.forEach(disk -> attach(process, domain, disk));
    return domain;
  }

  private static Duration since(SteppedTime time, long begin) {
    return Duration.ofNanos(time.nanoTime() - begin);
  }

  @Test
  void eachHasItsOwnOutcomeInTheOrderOfTheList() throws Exception {
    try (Executor process = site.process();
        HypervisorPort tool = site.host.connect("another tool")) {
      SimulatedDomain domain = with(process, site.host.definePc("pc").start(), List.of(ONE, THREE));
      tool.lookup(domain.ref())
          .attachDevice(strangers("/srv/two", "vdt", 0x11, "ua-theirs"), EnumSet.allOf(View.class));

      List<DetachOutcome> outcomes =
          process
              .detachAll(
                  domain.ref(),
                  volumes(List.of(THREE, TWO, SimulatedSite.disk("absent"), ONE)),
                  LONGER)
              .await();

      assertThat(outcomes).hasSize(4);
      assertThat(expect(Detached.class, outcomes.get(0)).observed().domain())
          .hasValue(domain.uuid());
      assertThat(expect(Rejected.class, outcomes.get(1)).reason())
          .isEqualTo(Rejected.Reason.CONFLICT);
      expect(AlreadyDetached.class, outcomes.get(2));
      expect(Detached.class, outcomes.get(3));
      assertThat(domain.disks(View.LIVE)).hasSize(1);
    }
  }

  @Test
  void aVolumeThatIsThereTwiceIsDetachedOnce() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = with(process, site.host.definePc("pc").start(), List.of(ONE, TWO));

      List<DetachOutcome> outcomes =
          process.detachAll(domain.ref(), volumes(List.of(ONE, TWO, ONE)), LONGER).await();

      assertThat(outcomes).hasSize(3).allMatch(Detached.class::isInstance);
      assertThat(outcomes.get(2)).isSameAs(outcomes.get(0));
      assertThat(outcomes.get(1)).isNotSameAs(outcomes.get(0));
    }
  }

  @Test
  void anEmptyListHasNoOutcomes() {
    ScriptedDomain domain = new ScriptedDomain();
    try (Executor process = executor(site.time, domain)) {
      assertThat(process.detachAll(domain.ref(), List.of(), LONGER).await()).isEmpty();
      assertThat(process.attachAll(domain.ref(), List.of(), LONGER).await()).isEmpty();
    }
    assertThat(domain.calls).isEmpty();
  }

  @Test
  void misuseDetachesNothing() {
    ScriptedDomain domain = new ScriptedDomain();
    try (Executor process = executor(site.time, domain)) {
      List<VolumeRef> withNull = Arrays.asList(ONE.volume(), null);
      assertThatThrownBy(() -> process.detachAll(domain.ref(), withNull, LONGER))
          .isInstanceOf(NullPointerException.class);
      for (List<VolumeRef> list : List.of(volumes(DISKS), List.<VolumeRef>of())) {
        assertThatThrownBy(() -> process.detachAll(domain.ref(), list, Duration.ZERO))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> process.attachAll(domain.ref(), List.of(), Duration.ZERO))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(domain.calls).isEmpty();
  }

  /**
   * The ports of an older q35 have hot-plug of their own: the guest may be asked for all at once.
   */
  @Test
  void aSlowGuestIsAskedForAllWhereItMayBe() {
    SteppedTime time = site.time;
    ScriptedDomain domain = new ScriptedDomain();
    domain.xmlAnswer = (view, usual) -> usual.replace("pc-i440fx-7.2", "pc-q35-5.2");
    domain.guestReleases = false;
    for (int i = 0; i < DISKS.size(); i++) {
      domain.put(placed(DISKS.get(i), "vd" + (char) ('c' + i), 7 + i), View.values());
    }
    long begin = time.nanoTime();
    List<Long> asked = new ArrayList<>();
    time.at(
        Duration.ofNanos(begin).plusSeconds(4),
        () -> {
          asked.add(domain.count(Call.DETACH));
          domain.drop(View.LIVE);
        });
    try (Executor process = executor(time, domain)) {
      List<DetachOutcome> outcomes =
          process.detachAll(domain.ref(), volumes(DISKS), LONGER).await();

      assertThat(outcomes).hasSize(3).allMatch(Detached.class::isInstance);
      assertThat(asked).containsExactly(3L);
      assertThat(since(time, begin)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(6));
    }
  }

  /** By ACPI it is asked for one at a time, and each answers after two seconds. */
  @Test
  void whereItMayBeAskedForOneAllHaveTheSameDeadline() {
    SteppedTime time = site.time;
    try (Executor process = site.process()) {
      SimulatedDomain domain = with(process, site.host.definePc("pc").start(), DISKS);
      domain.guest(GuestBehaviour.RELEASES_LATE);
      long begin = time.nanoTime();
      List<Integer> asked = new ArrayList<>();
      for (int second = 2; second <= 4; second += 2) {
        time.at(
            Duration.ofNanos(begin).plusSeconds(second),
            () -> {
              asked.add(domain.unplugsAsked().size());
              domain.answerUnplugs();
            });
      }

      List<DetachOutcome> outcomes =
          process.detachAll(domain.ref(), volumes(DISKS), Duration.ofSeconds(6)).await();

      assertThat(asked).containsExactly(1, 1);
      assertThat(outcomes.subList(0, 2)).allMatch(Detached.class::isInstance);
      assertThat(expect(Pending.class, outcomes.get(2)).waitingFor()).isEqualTo(WaitingFor.GUEST);
      assertThat(since(time, begin)).isBetween(Duration.ofSeconds(6), Duration.ofSeconds(7));
    }
  }

  @Test
  void oneThatTheGuestKeepsTakesNothingFromScsiDisks() {
    DiskOptions scsi = DiskOptions.DEFAULTS.withBus(DiskBus.SCSI);
    List<FileDisk> disks =
        List.of(
            ONE,
            TWO,
            new FileDisk("pvc-scsi-1", Path.of("/srv/scsi-1"), scsi),
            new FileDisk("pvc-scsi-2", Path.of("/srv/scsi-2"), scsi));
    try (Executor process = site.process()) {
      SimulatedDomain domain = with(process, site.host.definePc("pc").start(), disks);
      domain.guest(GuestBehaviour.FORGETS);

      List<DetachOutcome> outcomes =
          process.detachAll(domain.ref(), volumes(disks), Duration.ofMillis(5500)).await();

      assertThat(expect(Pending.class, outcomes.get(0)).waitingFor()).isEqualTo(WaitingFor.GUEST);
      assertThat(expect(Pending.class, outcomes.get(1)).waitingFor())
          .isEqualTo(WaitingFor.EARLIER_UNPLUG);
      expect(Detached.class, outcomes.get(2));
      expect(Detached.class, outcomes.get(3));
    }
  }

  @Test
  void aDomainThatIsShutOffLosesAll() {
    try (Executor process = site.process()) {
      SimulatedDomain domain = with(process, site.host.definePc("pc"), DISKS);

      List<DetachOutcome> outcomes =
          process.detachAll(domain.ref(), volumes(DISKS), LONGER).await();

      assertThat(outcomes).hasSize(3).allMatch(Detached.class::isInstance);
      assertThat(domain.disks(View.PERSISTENT)).isEmpty();
    }
  }

  @Test
  void ofAListThatIsTooLongTheEndIsToldAtOnce() {
    ScriptedDomain domain = new ScriptedDomain();
    CountDownLatch returns = new CountDownLatch(1);
    domain.next(Call.LOOKUP, hangs(returns));
    List<VolumeRef> many =
        IntStream.range(0, 70).mapToObj(i -> SimulatedSite.disk("v" + i).volume()).toList();
    try (Executor process = executor(Scheduler.threads(2), domain)) {
      RequestHandle<List<DetachOutcome>> sent = process.detachAll(domain.ref(), many, LONGER);
      returns.countDown();

      List<DetachOutcome> outcomes = sent.await();

      assertThat(outcomes.subList(0, 64)).allMatch(AlreadyDetached.class::isInstance);
      assertThat(outcomes.subList(64, 70))
          .allMatch(
              outcome ->
                  outcome instanceof Unavailable later
                      && later.reason() == Unavailable.Reason.LANE_BUSY);
    }
  }
}
