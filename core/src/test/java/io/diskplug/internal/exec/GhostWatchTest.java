// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

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
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Pending.WaitingFor;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What QEMU has of a volume that no view shows. */
class GhostWatchTest {

  private static final String MARK = "NOTE <evict start='1' serial='1'/>";

  private static final String STORAGE =
      node("libvirt-4-storage", "file"); // QEMU 7.2 names the file in both
  private static final String FORMAT = node("libvirt-4-format", "raw");
  private static final String DUPLICATE =
      "internal error: unable to execute QEMU command 'blockdev-add': Duplicate nodes with"
          + " node-name='libvirt-4-storage'";

  private final ScriptedDomain domain = new ScriptedDomain();
  private final SteppedTime time = new SteppedTime();
  private final Executor executor = executor(time, domain);

  private static String node(String name, String driver) {
    return "{\"node-name\":\"%s\",\"drv\":\"%s\",\"file\":\"/srv/one.img\",\"ro\":false}"
        .formatted(name, driver);
  }

  private static String block(String device) {
    return ("{\"device\":\"\",\"qdev\":\"/machine/peripheral/%s/virtio-backend\","
            + "\"inserted\":{\"node-name\":\"libvirt-4-format\"}}")
        .formatted(device);
  }

  private void nodeGhost() {
    domain.qemuNodes.addAll(List.of(FORMAT, STORAGE));
  }

  private void deviceGhost(String device) {
    nodeGhost();
    domain.qemuBlocks.add(block(device));
    domain.qemuDevices.add(device);
  }

  private DetachOutcome detach() {
    return executor.detach(domain.ref(), VOLUME, DEADLINE).await();
  }

  private AttachOutcome attach() {
    return attach(DEADLINE);
  }

  private AttachOutcome attach(Duration deadline) {
    return executor.attach(domain.ref(), DISK, deadline).await();
  }

  private List<String> evictions() {
    return domain.calls.stream().filter(call -> call.startsWith("CHANGE_QEMU")).toList();
  }

  @Test
  void aNodeGhostIsEvictedBeforeTheVolumeIsCalledDetached() {
    nodeGhost();

    Detached outcome = expect(Detached.class, detach());

    assertThat(outcome.proof()).isEqualTo(Proof.QEMU);
    assertThat(outcome.observed().heldByQemu()).hasValue(false);
    assertThat(outcome.observed().evicted())
        .containsExactly("libvirt-4-format", "libvirt-4-storage");
    assertThat(domain.qemuNodes).isEmpty();
    assertThat(domain.changes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"ours", "virtio-disk3", "ua-other-tool"})
  void aDeviceGhostIsEvictedAndThenItsNodes(String id) {
    String device = id.equals("ours") ? ALIAS : id;
    deviceGhost(device);

    Detached outcome = expect(Detached.class, detach());

    assertThat(outcome.observed().evicted())
        .containsExactly(device, "libvirt-4-format", "libvirt-4-storage");
    assertThat(domain.qemuDevices).isEmpty();
    assertThat(domain.qemuNodes).isEmpty();
  }

  @Test
  void aDeviceWithoutNodesIsOne() {
    domain.qemuDevices.add(ALIAS);

    assertThat(expect(Detached.class, detach()).observed().evicted()).containsExactly(ALIAS);
  }

  @Test
  void itIsSeenInThreeRoundsBeforeItIsTouched() {
    nodeGhost();
    detach();

    List<String> before =
        domain.calls.subList(0, domain.calls.indexOf("CHANGE_QEMU libvirt-4-format"));
    // Each round reads both views, and looks at devices and nodes. The third and the fourth ask for
    // jobs and users of the nodes, too. The third says then what it is about to do; the fourth
    // reads the live view again.
    assertThat(before.stream().filter(call -> call.equals("READ_XML LIVE"))).hasSize(5);
    assertThat(before).endsWith("ASK_QEMU", "ASK_QEMU", "READ_XML LIVE");
    assertThat(before.stream().filter(call -> call.equals("ASK_QEMU"))).hasSize(4 * 2 + 2 * 2);
  }

  @Test
  void anotherRunInTheXmlThatIsReadLastIsAnotherCase() {
    nodeGhost();
    int[] read = {0};
    domain.always(
        Call.READ_XML,
        effect -> {
          // Both views in each of four rounds, and then the live one.
          if (++read[0] == 9) {
            domain.status(new DomainStatus(RunState.RUNNING, StateReason.BOOTED, 2, true, false));
          }
        });
    detach();

    List<String> before =
        domain.calls.subList(0, domain.calls.indexOf("CHANGE_QEMU libvirt-4-format"));
    // Seen three times anew, in the run that it is of.
    assertThat(before.stream().filter(call -> call.equals("ASK_QEMU")))
        .hasSizeGreaterThanOrEqualTo(2 * (4 * 2));
  }

  @Test
  void whatTheXmlShowsInTheEndIsNoGhost() {
    nodeGhost();
    // Another client's attach comes to its end while we look.
    domain.next(Call.ASK_QEMU, Runnable::run, Runnable::run, Runnable::run, Runnable::run);
    time.at(Duration.ofMillis(30), () -> domain.put(placed(DISK, "vdc", 7), View.values()));
    domain.guestReleases = false;

    expect(Pending.class, detach());

    assertThat(evictions()).isEmpty();
  }

  @Test
  void whatTheXmlShowsAfterTheLastQuestionIsNoGhost() {
    deviceGhost(ALIAS);
    ScriptedDomain.Act asUsual = Runnable::run;
    domain.next(
        Call.ASK_QEMU,
        asUsual,
        asUsual,
        asUsual,
        asUsual,
        effect -> {
          // The third round has read the views, and QEMU answers behind another client's attach.
          domain.put(placed(DISK, "vdc", 7), View.values());
          effect.run();
        });
    domain.guestReleases = false;

    expect(Pending.class, detach());

    assertThat(evictions()).isEmpty();
  }

  @Test
  void somethingElseThanBeforeIsSeenAnew() {
    nodeGhost();
    int[] number = {0};
    domain.always(
        Call.ASK_QEMU,
        effect -> {
          domain.qemuNodes.clear();
          domain.qemuNodes.add(node("libvirt-" + number[0]++ + "-storage", "file"));
          effect.run();
        });

    expect(Pending.class, detach());

    assertThat(evictions()).isEmpty();
  }

  @Test
  void anotherStartOfTheDomainIsAnotherCase() {
    nodeGhost();
    int[] id = {1};
    domain.always(
        Call.ASK_QEMU,
        effect -> {
          id[0]++;
          domain.status(new DomainStatus(RunState.RUNNING, StateReason.BOOTED, id[0], true, false));
          effect.run();
        });

    expect(Pending.class, detach());

    assertThat(evictions()).isEmpty();
  }

  @Test
  void aGuestThatDoesNotReleaseLeavesItPendingAndIsNotAskedAtEveryTurn() {
    deviceGhost(ALIAS);
    domain.guestReleases = false;

    Pending outcome = expect(Pending.class, detach());

    assertThat(outcome.waitingFor()).isEqualTo(WaitingFor.QEMU);
    assertThat(evictions()).containsExactly("CHANGE_QEMU " + ALIAS);
    assertThat(domain.qemuNodes).hasSize(2);
  }

  @Test
  void aNodeThatIsInUseStays() {
    nodeGhost();
    domain.qemuBlocks.add("{\"device\":\"\",\"inserted\":{\"node-name\":\"libvirt-4-format\"}}");

    Pending outcome = expect(Pending.class, detach());

    assertThat(outcome.observed().evicted()).doesNotContain("libvirt-4-format");
    assertThat(outcome.observed().attempts())
        .hasValueSatisfying(
            tried ->
                assertThat(tried.lastAnswer())
                    .hasValueSatisfying(
                        words ->
                            assertThat(words)
                                .startsWith("blockdev-del libvirt-4-format: ")
                                .contains("in use")));
    assertThat(domain.qemuNodes).contains(FORMAT);
  }

  @Test
  void nothingIsEvictedWhileAJobRuns() {
    nodeGhost();
    domain.qemuJobs.add("{\"id\":\"copy-vdb\",\"type\":\"mirror\",\"status\":\"running\"}");

    expect(Pending.class, detach());

    assertThat(evictions()).isEmpty();
    assertThat(domain.calls)
        .as("a mark would keep other unplugs")
        .noneMatch(call -> call.startsWith("NOTE <evict"));
  }

  /** Of two ghosts that two requests take out, the one whose name comes first goes first. */
  @Test
  void aGhostWaitsForOneWhoseNameComesBeforeItsOwn() throws FaultException {
    deviceGhost(ALIAS);
    domain.qemuDevices.add("ua-dp-0");
    domain.note("urn:diskplug:evict:ua-dp-0:another", MARK.substring("NOTE ".length()));

    Pending outcome =
        expect(Pending.class, executor.detach(domain.ref(), VOLUME, Duration.ofSeconds(8)).await());

    assertThat(evictions()).isEmpty();
    assertThat(outcome.observed().attempts().orElseThrow().lastAnswer())
        .hasValue("the guest is to release another disk first");
    assertThat(domain.notes).hasSize(1);
    expect(Detached.class, executor.detach(domain.ref(), VOLUME, Duration.ofSeconds(20)).await());
  }

  @Test
  void aGhostDoesNotWaitForOneWhoseNameComesAfterItsOwn() throws FaultException {
    deviceGhost(ALIAS);
    domain.note("urn:diskplug:evict:zzz:another", MARK.substring("NOTE ".length()));

    expect(Detached.class, executor.detach(domain.ref(), VOLUME, Duration.ofSeconds(8)).await());
  }

  /** The device may go at any time: an attach of another process has to know. */
  @Test
  void theMarkStaysWhenTheGuestWasAsked() throws FaultException {
    deviceGhost(ALIAS);
    domain.guestReleases = false;
    domain.next(
        Call.CHANGE_QEMU,
        effect -> {
          effect.run();
          domain.note("urn:diskplug:evict:ua-dp-0:another", MARK.substring("NOTE ".length()));
        });

    expect(Pending.class, executor.detach(domain.ref(), VOLUME, Duration.ofSeconds(8)).await());

    assertThat(domain.notes.keySet()).anyMatch(lease -> lease.contains("evict:" + ALIAS));
  }

  @Test
  void whatSomebodyElseHasOpenedStays() {
    domain.qemuNodes.add(node("my-export", "file"));

    expect(Pending.class, detach());

    assertThat(evictions()).isEmpty();
  }

  @Test
  void aDeviceOfTheSameImageInAnotherClusterStays() {
    deviceGhost("ua-dp-0123456789abcdef0123456789abcdef");

    expect(Pending.class, detach());

    assertThat(evictions()).isEmpty();
  }

  /** libvirt names it too, without a number. */
  @Test
  void aNodeOfTheFirmwareIsNotEvicted() {
    domain.qemuNodes.addAll(
        List.of(node("libvirt-pflash1-format", "raw"), node("libvirt-pflash1-storage", "file")));

    expect(Pending.class, detach());

    assertThat(evictions()).isEmpty();
  }

  @Test
  void whereNodesOfTwoDisksCannotBeToldApartNothingIsEvicted() {
    domain.put(
        strangers("/srv/one.img", "vdc", 7, "ua-dp-0123456789abcdef0123456789abcdef"),
        View.values());
    nodeGhost();
    domain.qemuNodes.add(node("libvirt-5-storage", "file"));
    // With a scope, the alias is that of the same name in another one.
    VolumeRef scoped =
        new VolumeRef(VOLUME.id(), new SourceIdentity("file", "site-1", "/srv/one.img"));

    expect(Pending.class, executor.detach(domain.ref(), scoped, DEADLINE).await());

    assertThat(evictions()).isEmpty();
  }

  @Test
  void whereQemuMayNotBeAskedNothingIsLookedFor() {
    nodeGhost();
    domain.next(Call.ATTACH, fails(Call.ATTACH, 1, DUPLICATE));
    try (Executor blind = executor(time, Proof.XML, domain)) {
      expect(AlreadyDetached.class, blind.detach(domain.ref(), VOLUME, DEADLINE).await());
      expect(Attached.class, blind.attach(domain.ref(), DISK, DEADLINE).await());
    }

    assertThat(domain.count(Call.ASK_QEMU)).isZero();
  }

  @Test
  void whereEvictionIsForbiddenAGhostStaysAndIsSaid() {
    nodeGhost();
    int nodes = domain.qemuNodes.size();
    try (Executor keeping =
        executor(time, new ReleaseRules(true, /* evictsGhosts= */ false, Proof.XML), domain)) {
      Pending outcome =
          expect(Pending.class, keeping.detach(domain.ref(), VOLUME, DEADLINE).await());

      assertThat(outcome.waitingFor()).isEqualTo(Pending.WaitingFor.QEMU);
      assertThat(outcome.observed().attempts().orElseThrow().lastAnswer())
          .hasValueSatisfying(said -> assertThat(said).contains("forbid to evict"));
      assertThat(evictions()).isEmpty();
      assertThat(domain.qemuNodes).hasSize(nodes);
    }

    expect(Detached.class, executor.detach(domain.ref(), VOLUME, DEADLINE).await());
    assertThat(domain.qemuNodes).isEmpty();
  }

  @Test
  void anAttachThatMeetsItsOwnGhostEvictsItFirst() {
    deviceGhost(ALIAS);
    domain.next(Call.ATTACH, fails(Call.ATTACH, 1, "Duplicate device ID '" + ALIAS + "'"));

    Attached outcome = expect(Attached.class, attach(Duration.ofSeconds(10)));

    assertThat(outcome.observed().evicted()).startsWith(ALIAS).hasSize(3);
    assertThat(domain.count(Call.ATTACH)).isEqualTo(2);
    assertThat(domain.qemuNodes).isEmpty();
  }

  @Test
  void anAttachThatMeetsAnothersGhostLeavesItAlone() {
    domain.qemuNodes.add(
        "{\"node-name\":\"libvirt-4-storage\",\"drv\":\"file\",\"file\":\"/srv/two.img\"}");
    domain.next(Call.ATTACH, fails(Call.ATTACH, 1, DUPLICATE), fails(Call.ATTACH, 1, DUPLICATE));

    expect(Attached.class, attach());

    assertThat(evictions()).isEmpty();
    assertThat(domain.qemuNodes).hasSize(1);
  }

  @Test
  void afterALostConnectionAnAttachAsksQemuBeforeItTriesAgain() {
    nodeGhost();
    domain.next(Call.ATTACH, fails(Call.ATTACH, 38, "Cannot recv data: Connection reset by peer"));

    expect(Attached.class, attach());

    assertThat(domain.calls)
        .containsSubsequence(
            "ATTACH [LIVE, PERSISTENT]",
            "CHANGE_QEMU libvirt-4-format",
            "CHANGE_QEMU libvirt-4-storage",
            "ATTACH [LIVE, PERSISTENT]");
  }

  @Test
  void anAttachWhoseConnectionIsLostAfterItsEffectAsksNothing() {
    domain.next(
        Call.ATTACH,
        failsAfterwards(Call.ATTACH, 38, "Cannot recv data: Connection reset by peer"));

    assertThat(attach().isAttached()).isTrue();

    assertThat(domain.count(Call.ASK_QEMU)).isZero();
  }

  @Test
  void anEvictionThatHangsIsIndeterminate() {
    nodeGhost();
    domain.always(
        Call.CHANGE_QEMU,
        effect -> {
          throw ScriptedDomain.fault(Call.CHANGE_QEMU, 68, "cannot acquire state change lock");
        });

    assertThat(detach().isDetached()).isFalse();
    assertThat(domain.qemuNodes).hasSize(2);
    assertThat(detach()).isNotInstanceOf(Indeterminate.class);
  }

  private void anotherProcessIsAboutToEvict() {
    anotherProcessIsAboutToEvict(1);
  }

  private void anotherProcessIsAboutToEvict(int serial) {
    domain.notes.put(
        "urn:diskplug:evict:" + ALIAS + ":0",
        "<d:evict xmlns:d='urn:diskplug:evict:%s:0' start='1' serial='%d'/>"
            .formatted(ALIAS, serial));
  }

  @Test
  void anEvictionLeavesNoMark() {
    deviceGhost(ALIAS);

    expect(Detached.class, detach());

    assertThat(domain.calls).anyMatch(call -> call.startsWith("NOTE <evict"));
    assertThat(domain.notes).isEmpty();
  }

  @Test
  void ofTwoProcessesOneGivesWay() {
    deviceGhost(ALIAS);
    anotherProcessIsAboutToEvict();

    expect(Pending.class, detach());

    assertThat(evictions()).isEmpty();
    assertThat(domain.notes).hasSize(1);
  }

  @Test
  void aMarkThatComesWithTheLastReadingCounts() {
    deviceGhost(ALIAS);
    // Four rounds read the live view, and the last of them reads it again before it deletes.
    int[] readings = {0};
    domain.xmlAnswer =
        (view, usual) -> {
          if (view == View.LIVE && ++readings[0] == 4) {
            anotherProcessIsAboutToEvict();
          }
          return usual;
        };

    expect(Pending.class, detach());

    assertThat(evictions()).isEmpty();
  }

  /** Its process has died, or waits for a guest. */
  @Test
  void aMarkThatStaysIsTakenAway() {
    deviceGhost(ALIAS);
    anotherProcessIsAboutToEvict();

    expect(Detached.class, executor.detach(domain.ref(), VOLUME, Duration.ofSeconds(30)).await());

    assertThat(time.nanoTime()).isGreaterThan(Duration.ofSeconds(10).toNanos());
    assertThat(domain.notes).isEmpty();
  }

  /** Of a process that lives for long, and evicts ghosts of the volume now and then. */
  @Test
  void aMarkThatIsRaisedAgainIsNotStale() {
    anotherProcessIsAboutToEvict(1);
    expect(Unavailable.class, attach());
    domain.notes.clear();
    time.pass(Duration.ofSeconds(20));
    anotherProcessIsAboutToEvict(2);

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
    assertThat(domain.notes).hasSize(1);
  }

  /** What the other process deletes by name may be the disk that was attached meanwhile. */
  @Test
  void whileAnotherProcessMayDeleteNothingIsCalledAttached() {
    domain.put(placed(DISK, "vda", 3), View.values());
    anotherProcessIsAboutToEvict();

    Unavailable outcome = expect(Unavailable.class, attach());

    assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
    assertThat(executor.attach(domain.ref(), DISK, Duration.ofSeconds(30)).await().isAttached())
        .isTrue();
    assertThat(domain.notes).isEmpty();
  }
}
