// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.alloc.Placement;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.alloc.Allocator;
import io.diskplug.internal.alloc.Demand;
import io.diskplug.internal.alloc.Occupied;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.outcome.Waiver;
import io.diskplug.spi.DiskSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What holds for a disk of any storage, on a guest that has booted. A backend's test extends it
 * once for each machine type and brings its volumes. The tests that are named after a row of the
 * list of failures first show the failure with virsh alone.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class BackendContract {

  protected static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final String QUERY_BLOCK = "{\"execute\":\"query-block\"}";

  /** virtio-blk shows the guest so much of a serial. */
  private static final int SHOWN_SERIAL = 20;

  protected final Lab lab = Lab.current();
  private final String machine;
  private final List<VolumeRef> attached = new ArrayList<>();
  protected Guest guest;
  protected DiskPlug plug;

  protected BackendContract(String machine) {
    this.machine = machine;
  }

  /** A disk on a volume of its own, which exists and nobody uses. */
  protected abstract DiskSource newDisk(String volumeId);

  /** The size of the volumes, in bytes. */
  protected abstract long size();

  /** Makes a volume twice as large in its storage, where QEMU does not notice it. */
  protected abstract void grow(VolumeRef volume);

  @BeforeAll
  void bootGuest() {
    guest = Guest.boot(lab, machine);
  }

  @AfterAll
  void removeGuest() {
    guest.close();
  }

  @BeforeEach
  void connect() {
    plug = DiskPlug.connect(lab.uri());
  }

  @AfterEach
  void detachAll() {
    if (lab.virsh("domstate", guest.name()).equals("paused")) {
      guest.resume();
    }
    List<DetachOutcome> outcomes =
        attached.stream().map(volume -> plug.detach(guest.ref(), volume, DEADLINE)).toList();
    attached.clear();
    plug.close();
    assertThat(outcomes).allMatch(DetachOutcome::isDetached);
  }

  protected DiskSource disk() {
    DiskSource disk = newDisk(Lab.volumeId());
    attached.add(disk.volume());
    return disk;
  }

  protected Attached attach(DiskSource disk) {
    return expect(Attached.class, plug.attach(guest.ref(), disk, DEADLINE));
  }

  protected Detached detach(VolumeRef volume) {
    return expect(Detached.class, plug.detach(guest.ref(), volume, DEADLINE));
  }

  protected static <T> T expect(Class<T> type, Object outcome) {
    assertThat(outcome).isInstanceOf(type);
    return type.cast(outcome);
  }

  @Test
  void theGuestSeesWhatWasAttachedAndLosesWhatWasDetached() {
    DiskSource disk = disk();
    String serial = disk.volume().id();

    Attached attached = attach(disk);

    String shown = serial.substring(0, Math.min(serial.length(), SHOWN_SERIAL));
    Guest.SeenDisk seen = guest.awaitDisk(serial);
    assertThat(seen.serial()).isEqualTo(shown);
    assertThat(seen.size()).isEqualTo(size());
    assertThat(seen.address()).endsWith(addressInTheGuest((PciAddress) attached.address()));
    assertThat(attached.guestPath()).hasValue("/dev/disk/by-id/virtio-" + shown);
    Disk live = guest.diskWithSerial(LIVE, serial).orElseThrow();
    Disk persistent = guest.diskWithSerial(PERSISTENT, serial).orElseThrow();
    for (Disk read : List.of(live, persistent)) {
      assertThat(read.targetDev()).isEqualTo(attached.targetDev());
      assertThat(read.address()).isEqualTo(attached.address());
      assertThat(read.alias()).isEqualTo(disk.volume().identity().alias());
    }

    Detached detached = detach(disk.volume());

    assertThat(detached.proof()).isEqualTo(Proof.QEMU);
    guest.awaitNoDisk(serial);
    assertGone(disk);
  }

  @Test
  void aRepeatedRequestChangesNothing() {
    DiskSource disk = disk();
    Attached first = attach(disk);
    String live = guest.xml(LIVE);
    String persistent = guest.xml(PERSISTENT);

    AlreadyAttached second =
        expect(AlreadyAttached.class, plug.attach(guest.ref(), disk, DEADLINE));

    assertThat(second.targetDev()).isEqualTo(first.targetDev());
    assertThat(second.address()).isEqualTo(first.address());
    assertThat(second.differences()).isEmpty();
    assertThat(guest.xml(LIVE)).isEqualTo(live);
    assertThat(guest.xml(PERSISTENT)).isEqualTo(persistent);

    detach(disk.volume());
    AlreadyDetached again =
        expect(AlreadyDetached.class, plug.detach(guest.ref(), disk.volume(), DEADLINE));
    assertThat(again.proof()).isEqualTo(Proof.QEMU);
  }

  @Test
  void limitsAreChangedInBothViewsAndInQemu() {
    DiskSource disk = disk();
    attach(disk);
    String serial = disk.volume().id();
    VolumeRef volume = disk.volume();

    IoTune limits = IoTune.total(7_000_000, 300).withGroupName("tenant");
    expect(Changed.class, plug.limit(guest.ref(), volume, limits, DEADLINE));

    Map<String, String> shown =
        Map.of("total_bytes_sec", "7000000", "total_iops_sec", "300", "group_name", "tenant");
    assertThat(guest.diskWithSerial(LIVE, serial).orElseThrow().ioTune()).isEqualTo(shown);
    assertThat(guest.diskWithSerial(PERSISTENT, serial).orElseThrow().ioTune()).isEqualTo(shown);
    assertThat(guest.askQemu(QUERY_BLOCK)).contains("\"bps\":7000000", "\"iops\":300");

    // Out of the group, which libvirt does not do in one step.
    IoTune others = new IoTune(0, 3_000_000, 0, 0, 0, 0);
    expect(Changed.class, plug.limit(guest.ref(), volume, others, DEADLINE));
    assertThat(guest.diskWithSerial(LIVE, serial).orElseThrow().ioTune())
        .isEqualTo(Map.of("read_bytes_sec", "3000000"));
    assertThat(guest.askQemu(QUERY_BLOCK))
        .contains("\"bps_rd\":3000000")
        .doesNotContain("\"bps\":7000000", "\"group\":\"tenant\"");

    expect(Changed.class, plug.limit(guest.ref(), volume, IoTune.UNLIMITED, DEADLINE));
    assertThat(guest.askQemu(QUERY_BLOCK)).doesNotContain("\"bps_rd\":3000000");
    assertThat(guest.diskWithSerial(PERSISTENT, serial).orElseThrow().ioTune()).isEmpty();
  }

  @Test
  void theGuestSeesThatTheVolumeHasGrown() {
    DiskSource disk = disk();
    attach(disk);
    String serial = disk.volume().id();
    assertThat(guest.awaitDisk(serial).size()).isEqualTo(size());
    grow(disk.volume());
    // The backend has grown the volume itself, and knows its size.
    DiskPlug knowing = plug.waiving(Waiver.UNKNOWN_SIZE);

    Changed changed =
        expect(Changed.class, knowing.grow(guest.ref(), disk.volume(), 2 * size(), DEADLINE));

    assertThat(changed.changed()).isTrue();
    guest.awaitSize(serial, 2 * size());
    assertThat(
            expect(Changed.class, knowing.grow(guest.ref(), disk.volume(), 2 * size(), DEADLINE))
                .changed())
        .isFalse();
    Rejected smaller =
        expect(Rejected.class, knowing.grow(guest.ref(), disk.volume(), size(), DEADLINE));
    assertThat(smaller.explanation()).contains("cut off");
    assertThat(guest.awaitDisk(serial).size()).isEqualTo(2 * size());
  }

  @Test
  void aPlanTouchesNothingAndIsWhatAnAttachDoes() {
    List<DiskSource> disks = List.of(disk(), disk(), disk());
    String live = guest.xml(LIVE);
    String persistent = guest.xml(PERSISTENT);

    Planned planned = expect(Planned.class, plug.plan(guest.ref(), disks, DEADLINE));

    assertThat(guest.xml(LIVE)).isEqualTo(live);
    assertThat(guest.xml(PERSISTENT)).isEqualTo(persistent);
    for (int i = 0; i < disks.size(); i++) {
      DiskPlan.Attach plan = expect(DiskPlan.Attach.class, planned.disks().get(i));
      Attached attached = attach(disks.get(i));
      assertThat(plan.views()).containsExactlyInAnyOrder(LIVE, PERSISTENT);
      assertThat(plan.placement().targetDev()).isEqualTo(attached.targetDev());
      assertThat(plan.placement().address()).isEqualTo(attached.address());
      assertThat(plan.guestPath()).isEqualTo(attached.guestPath());
    }
    Planned again = expect(Planned.class, plug.plan(guest.ref(), disks, DEADLINE));
    assertThat(again.disks()).hasOnlyElementsOfType(DiskPlan.Present.class);
    assertThat(again.capacity().virtio().free())
        .isEqualTo(planned.capacity().virtio().free() - disks.size());
  }

  @Test
  void thePlannedXmlIsAcceptedByLibvirtAsItIs() {
    DiskSource disk = disk();
    Planned planned = expect(Planned.class, plug.plan(guest.ref(), List.of(disk), DEADLINE));
    DiskPlan.Attach plan = expect(DiskPlan.Attach.class, planned.disks().get(0));

    guest.deviceOk("attach-device", plan.xml(), "--live", "--config");

    expect(AlreadyAttached.class, plug.attach(guest.ref(), disk, DEADLINE));
    guest.awaitDisk(disk.volume().id());
  }

  @Test
  void a1LeftoverLiveDiskOnTheWantedTarget() {
    Placement wanted = wantedPlace();
    String leftover =
        strangersDisk(wanted.targetDev(), freeSlotOtherThan((PciAddress) wanted.address()));
    guest.deviceOk("attach-device", leftover, "--live");
    try {
      // Shown first with libvirt alone: the target is taken.
      Lab.Result bare = guest.device("attach-device", leftover, "--live");
      assertThat(bare.exitCode()).isNotZero();
      assertThat(bare.output()).contains("target '" + wanted.targetDev() + "' duplicated");

      DiskSource disk = disk();
      Attached attached = attach(disk);

      assertThat(attached.targetDev()).isNotEqualTo(wanted.targetDev());
      guest.awaitDisk(disk.volume().id());
      assertSamePlaceInBothViews(disk);
    } finally {
      guest.deviceOk("detach-device", leftover, "--live");
    }
  }

  @Test
  void a4SlotUsedInThePersistentViewOnly() {
    PciAddress wanted = (PciAddress) wantedPlace().address();
    String leftover = strangersDisk("vdq", wanted);
    guest.deviceOk("attach-device", leftover, "--config");
    try {
      // Shown first with libvirt alone: the slot is free live and taken in the persistent view.
      Lab.Result bare =
          guest.device("attach-device", strangersDisk("vdr", wanted), "--live", "--config");
      assertThat(bare.exitCode()).isNotZero();
      assertThat(bare.output()).contains("double use of PCI Address " + wanted);

      DiskSource disk = disk();
      Attached attached = attach(disk);

      assertThat(attached.address()).isNotEqualTo(wanted);
      guest.awaitDisk(disk.volume().id());
      assertSamePlaceInBothViews(disk);
    } finally {
      guest.deviceOk("detach-device", leftover, "--config");
    }
  }

  @Test
  void a5DiskInTheLiveViewOnly() {
    DiskSource disk = disk();
    attach(disk);
    String serial = disk.volume().id();
    guest.awaitDisk(serial);
    String element = guest.diskElement(LIVE, serial);
    guest.deviceOk("detach-device", element, "--config");
    assertRefusesBothViews(element);
    guest.awaitDisk(serial);

    detach(disk.volume());

    guest.awaitNoDisk(serial);
    assertGone(disk);
  }

  @Test
  void a5DiskInThePersistentViewOnly() {
    DiskSource disk = disk();
    attach(disk);
    String serial = disk.volume().id();
    guest.awaitDisk(serial);
    String element = guest.diskElement(LIVE, serial);
    guest.deviceOk("detach-device", element, "--live");
    guest.awaitReleased(serial);
    assertRefusesBothViews(element);

    detach(disk.volume());

    assertGone(disk);
  }

  /**
   * Shown first with libvirt alone: with one view missing, both are refused and nothing changes.
   */
  private void assertRefusesBothViews(String element) {
    String live = guest.xml(LIVE);
    String persistent = guest.xml(PERSISTENT);
    Lab.Result bare = guest.device("detach-device", element, "--live", "--config");
    assertThat(bare.exitCode()).isNotZero();
    assertThat(bare.output()).contains("not found");
    assertThat(guest.xml(LIVE)).isEqualTo(live);
    assertThat(guest.xml(PERSISTENT)).isEqualTo(persistent);
  }

  @Test
  void aDiskInOneViewIsAttachedInTheOtherAtTheSamePlace() {
    DiskSource disk = disk();
    String serial = disk.volume().id();
    Attached first = attach(disk);
    guest.awaitDisk(serial);
    for (View view : View.values()) {
      guest.deviceOk(
          "detach-device", guest.diskElement(view, serial), view == LIVE ? "--live" : "--config");
      if (view == LIVE) {
        guest.awaitReleased(serial);
      }

      Attached again = attach(disk);

      assertThat(again.targetDev()).isEqualTo(first.targetDev());
      assertThat(again.address()).isEqualTo(first.address());
      assertSamePlaceInBothViews(disk);
      guest.awaitDisk(serial);
    }
  }

  @Test
  void aDetachOfAVolumeWhoseTargetWasReusedLeavesTheOtherDiskAlone() {
    DiskSource first = disk();
    DiskSource second = disk();
    Attached before = attach(first);
    detach(first.volume());
    Attached after = attach(second);
    assertThat(after.targetDev()).isEqualTo(before.targetDev());
    guest.awaitDisk(second.volume().id());

    expect(AlreadyDetached.class, plug.detach(guest.ref(), first.volume(), DEADLINE));

    guest.awaitDisk(second.volume().id());
    assertSamePlaceInBothViews(second);
  }

  @Test
  void aPausedGuestKeepsItsDiskUntilItIsResumed() {
    DiskSource disk = disk();
    attach(disk);
    guest.awaitDisk(disk.volume().id());
    guest.pause();

    DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), Duration.ofSeconds(2));

    Pending pending = expect(Pending.class, outcome);
    assertThat(pending.waitingFor()).isEqualTo(Pending.WaitingFor.PAUSED_GUEST);
    assertThat(guest.diskWithSerial(LIVE, disk.volume().id())).isPresent();

    guest.resume();
    detach(disk.volume());
    guest.awaitNoDisk(disk.volume().id());
    assertGone(disk);
  }

  @Test
  void aDiskThatIsAboutToLeaveIsNotCalledAttached() {
    DiskSource disk = disk();
    attach(disk);
    guest.awaitDisk(disk.volume().id());
    guest.pause();
    expect(Pending.class, plug.detach(guest.ref(), disk.volume(), Duration.ofSeconds(1)));

    Unavailable unavailable =
        expect(Unavailable.class, plug.attach(guest.ref(), disk, Duration.ofSeconds(3)));

    assertThat(unavailable.reason()).isEqualTo(Unavailable.Reason.UNPLUG_IN_PROGRESS);
    guest.resume();
    // The unplug comes to its end, and then the disk is attached afresh.
    attach(disk);
    guest.awaitDisk(disk.volume().id());
    assertSamePlaceInBothViews(disk);
  }

  @Test
  void a6DomainShutOff() {
    DiskSource disk = disk();
    attach(disk);
    String element = guest.diskElement(LIVE, disk.volume().id());
    guest.destroy();
    try {
      // Shown first with libvirt alone.
      Lab.Result bare = guest.device("detach-device", element, "--live");
      assertThat(bare.exitCode()).isNotZero();
      assertThat(bare.output()).contains("domain is not running");

      detach(disk.volume());
      assertThat(guest.diskWithSerial(PERSISTENT, disk.volume().id())).isEmpty();
      expect(AlreadyDetached.class, plug.detach(guest.ref(), disk.volume(), DEADLINE));

      AttachOutcome outcome = plug.attach(guest.ref(), disk, DEADLINE);
      Attached attached = expect(Attached.class, outcome);
      assertThat(guest.diskWithSerial(PERSISTENT, disk.volume().id()).orElseThrow().address())
          .isEqualTo(attached.address());
      expect(AlreadyAttached.class, plug.attach(guest.ref(), disk, DEADLINE));
      detach(disk.volume());
    } finally {
      guest.start();
    }
  }

  /** Where the library would put the next disk, by what the views show now. */
  private Placement wantedPlace() {
    return place(Occupied.NOTHING);
  }

  private PciAddress freeSlotOtherThan(PciAddress wanted) {
    Placement other = place(new Occupied(Map.of(), Map.of(wanted, "wanted"), Map.of()));
    return (PciAddress) other.address();
  }

  private Placement place(Occupied occupied) {
    DomainViews views = new DomainViews(guest.read(LIVE), guest.read(PERSISTENT));
    Demand demand = Demand.of(DiskBus.VIRTIO, "ua-other");
    return ((Placed) Allocator.allocate(views, demand, occupied)).placement();
  }

  /**
   * On the first bus all of the address; behind a root port the guest's number of the bus differs.
   */
  private static String addressInTheGuest(PciAddress address) {
    String whole = address.toString();
    return address.bus() == 0 ? whole : whole.substring(whole.lastIndexOf(':'));
  }

  /** A disk of another tool: a file, without serial and alias. */
  private String strangersDisk(String targetDev, PciAddress address) {
    return """
        <disk type='file' device='disk'>
          <driver name='qemu' type='raw'/>
          <source file='%s'/>
          <target dev='%s' bus='virtio'/>
          <address type='pci' domain='0x%x' bus='0x%x' slot='0x%x' function='0x%x'/>
        </disk>
        """
        .formatted(
            lab.file(Lab.unique("stranger"), 1 << 20),
            targetDev,
            address.domain(),
            address.bus(),
            address.slot(),
            address.function());
  }

  private void assertSamePlaceInBothViews(DiskSource disk) {
    Disk live = guest.diskWithSerial(LIVE, disk.volume().id()).orElseThrow();
    Disk persistent = guest.diskWithSerial(PERSISTENT, disk.volume().id()).orElseThrow();
    assertThat(persistent.targetDev()).isEqualTo(live.targetDev());
    assertThat(persistent.address()).isEqualTo(live.address());
    assertThat(persistent.alias()).isEqualTo(live.alias());
  }

  private void assertGone(DiskSource disk) {
    assertThat(guest.diskWithSerial(LIVE, disk.volume().id())).isEmpty();
    assertThat(guest.diskWithSerial(PERSISTENT, disk.volume().id())).isEmpty();
  }
}
