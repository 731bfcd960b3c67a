// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.lab.InterceptedHypervisor.Moment;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The process that attaches or detaches dies between two of its steps, at each one that leaves
 * something behind, and in the middle of a call. Another process repeats the request.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ControllerDeathIT {

  private static final long SIZE = 8 << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private final List<FileDisk> disks = new ArrayList<>();
  private Guest guest;
  private QemuMonitor qemu;
  private Agreement agreement;

  @BeforeAll
  void boot() {
    guest = Guest.boot(lab, "q35");
    qemu = new QemuMonitor(lab, guest);
    agreement = new Agreement(lab, guest);
  }

  @AfterAll
  void close() {
    plug.close();
    guest.close();
  }

  /** A test that fails takes nothing from those behind it. */
  @AfterEach
  void detachAll() {
    if (lab.virsh("domstate", guest.name()).equals("paused")) {
      guest.resume();
    }
    for (FileDisk disk : disks) {
      DetachOutcome unused = detach(disk);
    }
    disks.clear();
  }

  private FileDisk disk() {
    FileDisk disk = LabDisks.file(lab, SIZE);
    disks.add(disk);
    return disk;
  }

  private String[] arguments(String request, FileDisk disk, String moment) {
    return new String[] {
      lab.uri(), guest.name(), disk.volumeId(), disk.file().toString(), request, moment
    };
  }

  /** Another process makes the request, and dies at the moment. */
  private void diesAt(String moment, String request, FileDisk disk) {
    ChildJvm.Output output = ChildJvm.run(Doomed.class, arguments(request, disk, moment));
    assertThat(output.exitCode()).as(output.all()).isEqualTo(Doomed.DEAD);
  }

  /** Another process makes the request, and is killed while libvirt and QEMU work on it. */
  private void isKilledDuring(String request, FileDisk disk) {
    qemu.freeze();
    try (ChildJvm.Running child =
        ChildJvm.start(Doomed.class, arguments(request, disk, Doomed.NEVER))) {
      Awaitility.await("the monitor is occupied")
          .atMost(Duration.ofSeconds(60))
          .until(() -> lab.virsh("domcontrol", guest.name()).startsWith("occupied"));
      assertThat(child.isAlive()).isTrue();
      ChildJvm.Output unused = child.kill();
    }
  }

  private AttachOutcome attach(FileDisk disk) {
    return plug.attach(guest.ref(), disk, DEADLINE);
  }

  private DetachOutcome detach(FileDisk disk) {
    return plug.detach(guest.ref(), disk.volume(), DEADLINE);
  }

  /** Attached once; and a disk in order can be detached. */
  private void convergesAttached(FileDisk disk, Class<? extends AttachOutcome> expected) {
    assertThat(attach(disk)).isInstanceOf(expected);
    agreement.attachedOnce(disk);
    assertThat(detach(disk)).isInstanceOf(Detached.class);
    agreement.detached(disk);
  }

  private void convergesDetached(FileDisk disk, Class<? extends DetachOutcome> expected) {
    DetachOutcome outcome = detach(disk);
    assertThat(outcome).isInstanceOf(expected);
    assertThat(outcome.observed().evicted()).isEmpty();
    agreement.detached(disk);
  }

  @Test
  void aDeathBeforeTheDiskIsSent() {
    FileDisk disk = disk();
    diesAt("BEFORE ATTACH 1", "attach", disk);

    agreement.detached(disk);
    convergesAttached(disk, Attached.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AFTER ATTACH 1", "AFTER PERSISTENT_XML 2"})
  void aDeathAfterTheDiskIsAttached(String moment) {
    FileDisk disk = disk();
    diesAt(moment, "attach", disk);

    convergesAttached(disk, AlreadyAttached.class);
  }

  @Test
  void aDeathInTheMiddleOfTheAttach() throws Exception {
    FileDisk disk = disk();
    CompletableFuture<AttachOutcome> attaching;
    try {
      isKilledDuring("attach", disk);
      // libvirt still works on what the dead process has sent.
      attaching = plug.attachAsync(guest.ref(), disk, DEADLINE);
    } finally {
      qemu.thaw();
    }

    assertThat(attaching.get().isAttached()).as("%s", attaching).isTrue();
    agreement.attachedOnce(disk);
    assertThat(detach(disk)).isInstanceOf(Detached.class);
    agreement.detached(disk);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BEFORE ATTACH 1", "AFTER ATTACH 1"})
  void aDeathWhileDriftIsRepaired(String moment) {
    FileDisk disk = disk();
    assertThat(attach(disk)).isInstanceOf(Attached.class);
    guest.deviceOk(
        "detach-device", guest.diskElement(View.PERSISTENT, disk.volumeId()), "--config");
    diesAt(moment, "attach", disk);

    convergesAttached(disk, moment.startsWith("BEFORE") ? Attached.class : AlreadyAttached.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"AFTER QEMU_DEVICE_DEL 1", "AFTER QEMU_NODE_DEL 1", "AFTER QEMU_NODE_DEL 2"})
  void aDeathWhileAGhostIsEvicted(String moment) {
    FileDisk disk = disk();
    String alias = disk.volume().identity().alias();
    qemu.makeNodes(disk, "libvirt-90");
    qemu.makeDevice(disk, "libvirt-90", alias);
    guest.awaitDisk(disk.volumeId());
    diesAt(moment, "attach", disk);

    // An attach asks QEMU only after an error, and a node without a device is in nobody's way.
    assertThat(attach(disk)).isInstanceOf(Attached.class);
    agreement.pluggedOnce(disk);
    assertThat(detach(disk)).isInstanceOf(Detached.class);
    agreement.detached(disk);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AFTER NOTE 1", "AFTER NOTE 2", "AFTER DETACH_BY_ALIAS 1"})
  void aDeathBeforeTheGuestHasAnswered(String moment) {
    FileDisk disk = disk();
    assertThat(attach(disk)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
    guest.pause();
    diesAt(moment, "detach", disk);
    guest.resume();

    // What was asked for may be done by the time somebody looks.
    convergesDetached(disk, DetachOutcome.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BEFORE NOTE_AWAY 1", "BEFORE NOTE_AWAY 2", "AFTER QEMU_NODES 1"})
  void aDeathAfterTheGuestHasAnswered(String moment) {
    FileDisk disk = disk();
    assertThat(attach(disk)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
    diesAt(moment, "detach", disk);

    // With native PCI Express hot-plug the guest takes six seconds to answer.
    convergesDetached(
        disk, lab.generation().q35PlugsNatively() ? DetachOutcome.class : AlreadyDetached.class);
  }

  @Test
  void aDeathInTheMiddleOfTheDetach() throws Exception {
    FileDisk disk = disk();
    assertThat(attach(disk)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
    CompletableFuture<DetachOutcome> detaching;
    try {
      isKilledDuring("detach", disk);
      detaching = plug.detachAsync(guest.ref(), disk.volume(), DEADLINE);
    } finally {
      qemu.thaw();
    }

    assertThat(detaching.get().isDetached()).as("%s", detaching).isTrue();
    agreement.detached(disk);
  }

  /** It has no alias in the persistent view, so that two calls take it out of the two views. */
  @ParameterizedTest
  @ValueSource(strings = {"AFTER DETACH_BY_ALIAS 1", "AFTER DETACH 1"})
  void aDeathBetweenTheViewsOfADiskOfAnotherTool(String moment) {
    FileDisk disk = disk();
    guest.deviceOk(
        "attach-device",
        "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='%s'/><target dev='vdq' bus='virtio'/><serial>%s</serial></disk>"
            .formatted(disk.file(), disk.volumeId()),
        "--live",
        "--config");
    guest.awaitDisk(disk.volumeId());
    diesAt(moment, "detach", disk);

    convergesDetached(disk, DetachOutcome.class);
  }

  /** The note says that the disk may go at any time, although nobody has asked the guest yet. */
  @Test
  void aDeathBetweenTheNoteAndTheRequestAndThenAnAttach() {
    FileDisk disk = disk();
    assertThat(attach(disk)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
    diesAt("AFTER NOTE 2", "detach", disk);
    assertThat(guest.xml(View.LIVE)).contains("urn:diskplug:unplug");

    convergesAttached(disk, AttachOutcome.class);
  }

  /** The process that dies. */
  static final class Doomed {

    static final int DEAD = 137;
    static final int ALIVE = 1;

    /** The moment does not come. */
    static final String NEVER = "BEFORE LOOKUP 9999";

    private Doomed() {}

    public static void main(String[] arguments) {
      FileDisk disk = new FileDisk(arguments[2], Path.of(arguments[3]), DiskOptions.DEFAULTS);
      Moment end = Moment.parse(arguments[5]);
      InterceptedHypervisor hypervisor =
          InterceptedHypervisor.connect(
              arguments[0],
              moment -> {
                if (moment.equals(end)) {
                  Runtime.getRuntime().halt(DEAD);
                }
              });
      DiskPlug plug = DiskPlug.on(hypervisor, Options.defaults());
      DomainRef domain = DomainRef.name(arguments[1]);
      Outcome outcome =
          arguments[4].equals("attach")
              ? plug.attach(domain, disk, DEADLINE)
              : plug.detach(domain, disk.volume(), DEADLINE);
      System.out.println(outcome);
      Runtime.getRuntime().halt(ALIVE);
    }
  }
}
