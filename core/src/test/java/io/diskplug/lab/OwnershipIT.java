// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.Disk;
import io.diskplug.domain.View;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Repaired;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A disk that virsh attached without a serial is touched by no request before it was adopted. */
class OwnershipIT {

  private static final long SIZE = 8 << 20;
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private final FileDisk disk = LabDisks.file(lab, SIZE);
  private Guest guest;

  @BeforeEach
  void boot() {
    guest = Guest.boot(lab, "q35");
  }

  @AfterEach
  void close() {
    guest.close();
    plug.close();
  }

  private void attachWithVirsh(String... scope) {
    String element =
        """
        <disk type='file' device='disk'>
          <driver name='qemu' type='raw'/>
          <source file='%s'/>
          <target dev='vdk' bus='virtio'/>
        </disk>
        """
            .formatted(disk.file());
    guest.deviceOk("attach-device", element, scope);
  }

  private Optional<Disk> strangers(View view) {
    return guest.read(view).disks().stream()
        .filter(found -> found.targetDev().equals("vdk"))
        .findFirst();
  }

  private void nothingTouchesIt() {
    Optional<Disk> before = strangers(LIVE);
    for (Outcome outcome :
        List.of(
            plug.attach(guest.ref(), disk, DEADLINE),
            plug.detach(guest.ref(), disk.volume(), DEADLINE),
            plug.limit(guest.ref(), disk.volume(), IoTune.total(1 << 20, 100), DEADLINE),
            plug.grow(guest.ref(), disk.volume(), 2 * SIZE, DEADLINE))) {
      assertThat(outcome)
          .isInstanceOfSatisfying(
              Rejected.class,
              rejected -> {
                assertThat(rejected.reason()).isEqualTo(Rejected.Reason.CONFLICT);
                assertThat(rejected.explanation()).contains("vdk", "adopt takes it over");
              });
    }
    assertThat(strangers(LIVE)).isEqualTo(before);
    assertThat(guest.qemuHolds(disk.file())).isTrue();
  }

  private void adoptThenDetach() {
    assertThat(plug.adopt(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Changed.class);
    assertThat(strangers(PERSISTENT).orElseThrow())
        .satisfies(
            adopted -> {
              assertThat(adopted.alias()).isEqualTo(disk.volume().identity().alias());
              assertThat(adopted.address()).isEqualTo(strangers(LIVE).orElseThrow().address());
            });
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE).isDetached()).isTrue();
    assertThat(guest.qemuHolds(disk.file())).isFalse();
    assertThat(strangers(PERSISTENT)).isEmpty();
  }

  @Test
  void aDiskOfTheLiveViewAloneIsAdoptedIntoThePersistentOne() {
    attachWithVirsh("--live");

    nothingTouchesIt();
    adoptThenDetach();
  }

  @Test
  void aDiskOfBothViewsIsAdopted() {
    attachWithVirsh("--live", "--config");

    nothingTouchesIt();
    adoptThenDetach();
  }

  @Test
  void aDiskThatIsNamedIsDetached() {
    attachWithVirsh("--live", "--config");
    Disk live = strangers(LIVE).orElseThrow();
    Disk persistent = strangers(PERSISTENT).orElseThrow();

    Repaired repaired =
        (Repaired)
            plug.repair(
                guest.ref(),
                RepairPolicy.NOTHING.with(List.of(Repair.detach(live), Repair.detach(persistent))),
                DEADLINE);

    assertThat(repaired.isComplete()).as("%s", repaired.steps()).isTrue();
    assertThat(strangers(LIVE)).isEmpty();
    assertThat(strangers(PERSISTENT)).isEmpty();
    assertThat(guest.qemuHolds(disk.file())).isFalse();
  }
}
