// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.SimulatedSite.LONGER;
import static io.diskplug.internal.exec.SimulatedSite.attach;
import static io.diskplug.internal.exec.SimulatedSite.detach;
import static io.diskplug.internal.exec.SimulatedSite.plugOrphans;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Repaired;
import io.diskplug.outcome.Unavailable;
import io.diskplug.sim.GuestBehaviour;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * libvirt handles the event of a ghost's device that is gone later, and drops whatever disk has the
 * name by then: nothing may have it.
 */
class GhostNamesTest {

  private static final FileDisk ONE = SimulatedSite.disk("one");

  /** Its device, and two block nodes. */
  private static final int COMMANDS = 3;

  private final SimulatedSite site = new SimulatedSite();
  private final SimulatedHost host = site.host;
  private final SimulatedDomain domain = host.definePc("pc").start();

  /** Another tool's attach, in the middle of which the daemon dies. */
  private void ghost() throws FaultException {
    try (HypervisorPort connection = host.connect("another process")) {
      host.onceAt(Call.ATTACH, Moment.DEVICE_PLUGGED, host::crashDaemon);
      DomainHandle handle = connection.lookup(domain.ref());
      assertThatThrownBy(
              () -> handle.attachDevice(placed(ONE, "vda", 3), EnumSet.allOf(View.class)))
          .isInstanceOf(FaultException.class);
    }
    assertThat(domain.ghosts()).isNotEmpty();
  }

  /** Something happens when the last of the ghost is deleted, and the event is still to come. */
  private void whenItIsEvicted(Runnable happens) {
    for (int command = 1; command <= COMMANDS; command++) {
      host.onceAt(Call.CHANGE_QEMU, Moment.AFTER, command < COMMANDS ? () -> {} : happens);
    }
  }

  /** An attach in the middle of which the daemon dies, and whose deadline the guest misses. */
  private void theGuestIsAskedInVain(Executor process) {
    host.onceAt(
        Call.ATTACH,
        Moment.DEVICE_PLUGGED,
        () -> {
          host.crashDaemon();
          domain.guest(GuestBehaviour.RELEASES_LATE);
        });
    expect(Indeterminate.class, process.attach(domain.ref(), ONE, DEADLINE).await());
    assertThat(domain.unplugsAsked()).hasSize(1);
  }

  private void itIsAttachedForGood() {
    site.nothingIsLost(domain);
    assertThat(domain.ghosts()).isEmpty();
    assertThat(domain.disks(View.LIVE)).hasSize(1);
    assertThat(domain.notes()).isEmpty();
  }

  @Test
  void notByTheAttachThatHasEvictedIt() {
    try (Executor process = site.process()) {
      host.onceAt(Call.ATTACH, Moment.DEVICE_PLUGGED, host::crashDaemon);

      attach(process, domain, ONE);

      itIsAttachedForGood();
    }
  }

  /** A detach that evicts looks again soon, and an attach follows at once. */
  @Test
  void notByTheAttachAfterTheDetachThatHasEvictedIt() throws FaultException {
    try (Executor process = site.process()) {
      ghost();
      detach(process, domain, ONE);

      attach(process, domain, ONE);

      itIsAttachedForGood();
    }
  }

  @Test
  void notByTheRequestAfterTheOneThatHasAskedTheGuest() {
    try (Executor process = site.process()) {
      theGuestIsAskedInVain(process);
      domain.guest(GuestBehaviour.RELEASES);

      attach(process, domain, ONE);

      itIsAttachedForGood();
    }
  }

  /** The guest takes longer than a process lives that has asked it. */
  @Test
  void notByAProcessThatFindsTheMarkOfADeadOne() {
    try (Executor process = site.process()) {
      theGuestIsAskedInVain(process);
    }
    try (Executor another = site.process()) {
      Unavailable outcome =
          expect(Unavailable.class, another.attach(domain.ref(), ONE, DEADLINE).await());
      assertThat(outcome.reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
      // Nobody has taken the lease away, and it is stale by now.
      site.time.pass(LONGER);
      domain.guest(GuestBehaviour.RELEASES);
      domain.answerUnplugs();

      attach(another, domain, ONE);

      itIsAttachedForGood();
    }
  }

  /** A process that is killed, or that is never asked for the disk again, leaves its lease. */
  @Test
  void theMarkOfAnotherProcessIsTakenAwayByADetachWhenItIsStale() {
    String lease = "urn:diskplug:evict:" + ONE.volume().identity().alias() + ":another";
    domain.note(lease, "<evict start='1' serial='1' devices=''/>", EnumSet.of(View.LIVE));
    try (Executor process = site.process()) {
      detachAgain(process);
      assertThat(domain.notes()).as("it may be about to evict").containsOnlyKeys(lease);
      site.time.pass(LONGER);
      detachAgain(process);
    }
    assertThat(domain.notes()).isEmpty();
  }

  private void detachAgain(Executor process) {
    assertThat(process.detach(domain.ref(), ONE.volume(), DEADLINE).await().isDetached()).isTrue();
  }

  /** The persistent view has the disk by then, and a repair plugs it. */
  @Test
  void notByTheRepairAfterTheRequestThatHasAskedTheGuest() throws FaultException {
    try (Executor process = site.process();
        HypervisorPort connection = host.connect("another tool")) {
      theGuestIsAskedInVain(process);
      connection
          .lookup(domain.ref())
          .attachDevice(placed(ONE, "vdb", 4), EnumSet.of(View.PERSISTENT));
      domain.guest(GuestBehaviour.RELEASES);
      domain.answerUnplugs();

      Repaired repaired = plugOrphans(process, domain);

      assertThat(repaired.steps()).hasSize(1);
      assertThat(repaired.isComplete()).as("%s", repaired.steps()).isTrue();
      itIsAttachedForGood();
    }
  }

  @Test
  void notByAnotherRequestOfTheProcess() {
    try (Executor process = site.process()) {
      twoAttach(process, process);
    }
  }

  /** The lease of the eviction tells. */
  @Test
  void notByAnotherProcess() {
    try (Executor process = site.process();
        Executor another = site.process()) {
      twoAttach(process, another);
    }
  }

  private void twoAttach(Executor evicts, Executor comesLater) {
    host.onceAt(Call.ATTACH, Moment.DEVICE_PLUGGED, host::crashDaemon);
    List<RequestHandle<AttachOutcome>> later = new ArrayList<>();
    whenItIsEvicted(() -> later.add(comesLater.attach(domain.ref(), ONE, LONGER)));

    AttachOutcome outcome = evicts.attach(domain.ref(), ONE, LONGER).await();

    assertThat(outcome.isAttached()).isTrue();
    assertThat(later).hasSize(1);
    assertThat(later.get(0).await().isAttached()).isTrue();
    itIsAttachedForGood();
  }
}
