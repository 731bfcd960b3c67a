// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.View;
import io.diskplug.lab.InterceptedHypervisor.Moment;
import io.diskplug.lab.InterceptedHypervisor.Operation;
import io.diskplug.lab.InterceptedHypervisor.Side;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Unavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Somebody attaches a disk in order while a request on the same volume looks whether QEMU has
 * something that no view shows, or takes a ghost of the volume out of QEMU: the disk in order is
 * never taken for a ghost. The neighbour acts exactly between two calls of the request.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HealthyNeighbourIT {

  private static final long SIZE = 8 << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration SHORTER_THAN_A_MARK = Duration.ofSeconds(5);
  private static final int LEAST_POSITIONS = 8;
  private static final int MOST_POSITIONS = 30;

  private final Lab lab = Lab.current();
  private final DiskPlug neighbour = DiskPlug.connect(lab.uri());
  private final List<FileDisk> disks = new ArrayList<>();
  private Guest guest;
  private QemuMonitor qemu;
  private Agreement agreement;
  private int ghosts = 600;

  @BeforeAll
  void boot() {
    guest = Guest.boot(lab, "q35");
    qemu = new QemuMonitor(lab, guest);
    agreement = new Agreement(lab, guest);
  }

  @AfterAll
  void close() {
    neighbour.close();
    guest.close();
  }

  /** A test that fails takes nothing from those behind it. */
  @AfterEach
  void detachAll() {
    for (FileDisk disk : disks) {
      DetachOutcome unused = neighbour.detach(guest.ref(), disk.volume(), DEADLINE);
    }
    disks.clear();
  }

  private FileDisk disk() {
    FileDisk disk = LabDisks.file(lab, SIZE);
    disks.add(disk);
    return disk;
  }

  /** A device of the volume that libvirt knows nothing of. */
  private FileDisk ghost() {
    FileDisk disk = disk();
    String nodes = "libvirt-" + ++ghosts;
    qemu.makeNodesWithoutLock(disk, nodes);
    qemu.makeDevice(disk, nodes, disk.volume().identity().alias());
    guest.awaitDisk(disk.volumeId());
    return disk;
  }

  /** Attaches the disk at one moment of a request, and watches what the request does after it. */
  private final class Neighbour implements Consumer<Moment> {

    private final FileDisk disk;
    private final Duration deadline;
    private final BiPredicate<Moment, Integer> when;
    private final List<Moment> moments = new ArrayList<>();
    private final CompletableFuture<AttachOutcome> outcome = new CompletableFuture<>();
    private boolean evicted;

    Neighbour(FileDisk disk, Duration deadline, BiPredicate<Moment, Integer> when) {
      this.disk = disk;
      this.deadline = deadline;
      this.when = when;
    }

    @Override
    public void accept(Moment moment) {
      moments.add(moment);
      if (!outcome.isDone() && when.test(moment, moments.size())) {
        outcome.complete(neighbour.attach(guest.ref(), disk, deadline));
      } else if (outcome.isDone()
          && moment.side() == Side.BEFORE
          && moment.operation() == Operation.QEMU_DEVICE_DEL) {
        evicted = true;
      }
    }

    boolean acted() {
      return outcome.isDone();
    }

    /** What was attached in order was not taken out behind libvirt's back. */
    void keepsWhatItAttached() {
      assertThat(acted()).as("%s", this).isTrue();
      assertThat(outcome.join().isAttached()).as("%s", this).isTrue();
      assertThat(evicted).as("the device was deleted; %s", this).isFalse();
    }

    DetachOutcome duringADetach() {
      try (DiskPlug plug = watched()) {
        return plug.detach(guest.ref(), disk.volume(), DEADLINE);
      }
    }

    AttachOutcome duringAnAttach() {
      try (DiskPlug plug = watched()) {
        return plug.attach(guest.ref(), disk, DEADLINE);
      }
    }

    private DiskPlug watched() {
      return DiskPlug.on(InterceptedHypervisor.connect(lab.uri(), this), Options.defaults());
    }

    @Override
    public String toString() {
      return (acted() ? outcome.join() : "nothing") + " during " + moments;
    }
  }

  private Neighbour at(String moment, FileDisk disk) {
    Moment wanted = Moment.parse(moment);
    return new Neighbour(disk, DEADLINE, (now, position) -> now.equals(wanted));
  }

  /** At each position between two calls of a detach that has nothing to do. */
  @Test
  void whileADetachFindsNothing() {
    int position = 0;
    int kept = 0;
    boolean acted = true;
    while (acted && position < MOST_POSITIONS) {
      // After each call: before the next one is the same position.
      int wanted = 2 * ++position;
      FileDisk disk = disk();
      Neighbour attached = new Neighbour(disk, DEADLINE, (now, count) -> count == wanted);
      DetachOutcome outcome = attached.duringADetach();
      acted = attached.acted();
      if (acted) {
        attached.keepsWhatItAttached();
        assertThat(outcome.observed().evicted()).as("%s: %s", attached, outcome).isEmpty();
        if (outcome instanceof AlreadyDetached) {
          // The disk came after what the request has looked at.
          kept++;
          agreement.attachedOnce(disk);
        } else {
          // It saw the disk, and detached it as it was asked to.
          assertThat(outcome).as("%s", attached).isInstanceOf(Detached.class);
          agreement.detached(disk);
        }
      }
      assertThat(neighbour.detach(guest.ref(), disk.volume(), DEADLINE).isDetached()).isTrue();
    }
    assertThat(position).isBetween(LEAST_POSITIONS, MOST_POSITIONS - 1);
    assertThat(kept).isPositive();
  }

  /** The neighbour takes the ghost out itself, so that there is none when the request goes on. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "AFTER QEMU_DEVICES 1",
        "AFTER LIVE_XML 3",
        "AFTER QEMU_NODES 3",
        // Ten seconds later the mark of the request has grown stale.
        "AFTER QEMU_BLOCK 1",
      })
  void whileADetachEvictsAGhost(String moment) {
    FileDisk disk = ghost();
    Neighbour attached = at(moment, disk);
    DetachOutcome outcome = attached.duringADetach();

    attached.keepsWhatItAttached();
    assertThat(outcome).as("%s", attached).isInstanceOf(Detached.class);
    agreement.detached(disk);
  }

  /**
   * QEMU deletes by name, and the next healthy disk of the volume has the name of the ghost: after
   * the last reading nobody may attach it before the deletion.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void betweenTheLastReadingAndTheDeletionTheNeighbourWaits(boolean detaching) {
    FileDisk disk = ghost();
    Moment last = Moment.parse("BEFORE QEMU_DEVICE_DEL 1");
    Neighbour waits = new Neighbour(disk, SHORTER_THAN_A_MARK, (now, position) -> now.equals(last));
    if (detaching) {
      assertThat(waits.duringADetach()).as("%s", waits).isInstanceOf(Detached.class);
    } else {
      assertThat(waits.duringAnAttach().isAttached()).as("%s", waits).isTrue();
    }

    assertThat(waits.outcome.join())
        .isInstanceOfSatisfying(
            Unavailable.class,
            later -> assertThat(later.reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS));
    assertThat(guest.xml(View.LIVE)).doesNotContain("urn:diskplug");
    assertThat(neighbour.attach(guest.ref(), disk, DEADLINE).isAttached()).isTrue();
    agreement.attachedOnce(disk);
  }

  /**
   * The ghost's event, device deleted, meets an attach that is under way: libvirt 9.0 takes the new
   * device of this name for the one that has gone.
   */
  @Test
  void whileTheGuestReleasesAGhost() {
    FileDisk disk = ghost();
    Neighbour attached = at("AFTER QEMU_DEVICE_DEL 1", disk);
    DetachOutcome outcome = attached.duringADetach();

    // Nobody claims more than there is.
    assertThat(attached.outcome.join())
        .satisfiesAnyOf(
            claim -> assertThat(claim.isAttached()).isTrue(),
            claim -> assertThat(claim).isInstanceOf(Indeterminate.class));
    assertThat(outcome).as("%s", attached).isInstanceOf(Detached.class);
    agreement.detached(disk);
    assertThat(neighbour.attach(guest.ref(), disk, DEADLINE).isAttached()).isTrue();
    agreement.attachedOnce(disk);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BEFORE LIVE_XML 2",
        "AFTER LIVE_XML 4",
        "AFTER QEMU_NODES 3",
      })
  void whileAnAttachEvictsAGhost(String moment) {
    FileDisk disk = ghost();
    Neighbour attached = at(moment, disk);
    AttachOutcome outcome = attached.duringAnAttach();

    attached.keepsWhatItAttached();
    assertThat(outcome.isAttached()).as("%s: %s", attached, outcome).isTrue();
    assertThat(outcome.observed().evicted()).as("%s: %s", attached, outcome).isEmpty();
    agreement.attachedOnce(disk);
    assertThat(neighbour.detach(guest.ref(), disk.volume(), DEADLINE).isDetached()).isTrue();
    agreement.detached(disk);
  }
}
