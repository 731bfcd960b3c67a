// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SerialChoice;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.View;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Rejected;
import io.diskplug.sim.SimulatedDomain;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A host whose QEMU refuses serials that it has cut before, as from 9.1 on. */
class NewerQemuTest {

  private static final String LONG = "pvc-22650282-34fe-41d6-a4f5-1f5ad5b1a4a7";
  private static final DiskOptions SCSI = DiskOptions.DEFAULTS.withBus(DiskBus.SCSI);
  private static final FileDisk DISK = new FileDisk(LONG, Path.of("/srv/one"), SCSI);
  private static final FileDisk CHOSEN =
      new FileDisk(LONG, Path.of("/srv/one"), SCSI.withSerial(SerialChoice.DERIVED));

  private final SimulatedSite site = new SimulatedSite();
  private final SimulatedDomain domain = site.host.definePc("web").start();
  private final Executor process = site.process();

  /** As a version without choices has attached it. */
  private String earlier() {
    return "<disk type='file' device='disk'><driver name='qemu' type='raw' cache='none'/>"
        + "<source file='/srv/one'/><target dev='sda' bus='scsi'/><serial>"
        + LONG
        + "</serial><alias name='"
        + DISK.volume().identity().alias()
        + "'/><address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>";
  }

  private void attachEarlier(Set<View> views) throws Exception {
    site.host.connect("earlier").lookup(domain.ref()).attachDevice(earlier(), views);
  }

  @Test
  void noLongSerialReachesIt() {
    site.host.upgradeQemu();

    Rejected rejected =
        expect(Rejected.class, process.attach(domain.ref(), DISK, DEADLINE).await());

    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.BAD_REQUEST);
    assertThat(rejected.explanation()).contains("SerialChoice.own", "SerialChoice.DERIVED");
    assertThat(rejected.observed().faults()).isEmpty();
    expect(Attached.class, process.attach(domain.ref(), CHOSEN, DEADLINE).await());
    assertThat(domain.guestSerials()).containsExactly("dp95b3f617942fa1fabf");
  }

  @Test
  void anOlderOneCutsIt() throws Exception {
    attachEarlier(Set.of(LIVE, PERSISTENT));

    assertThat(domain.guestSerials()).containsExactly(LONG.substring(0, 36));
    Inspected inspected = expect(Inspected.class, process.inspect(domain.ref(), DEADLINE).await());
    assertThat(inspected.refusedByNewerQemu()).hasSize(1);
    assertThat(inspected.isClean()).isTrue();
    expect(AlreadyAttached.class, process.attach(domain.ref(), CHOSEN, DEADLINE).await());
  }

  /** A QEMU that runs keeps what it has; the next one does not start. */
  @Test
  void aDomainWithALongSerialDoesNotStartAndTheWayOutIsTheOneThatIsTold() throws Exception {
    attachEarlier(Set.of(LIVE, PERSISTENT));
    site.host.upgradeQemu();
    domain.shutDown();
    assertThatThrownBy(domain::start).hasMessageContaining("longer than 36 characters");

    expect(Detached.class, process.detach(domain.ref(), DISK.volume(), DEADLINE).await());
    expect(Attached.class, process.attach(domain.ref(), CHOSEN, DEADLINE).await());
    domain.start();

    assertThat(domain.guestSerials()).containsExactly("dp95b3f617942fa1fabf");
  }

  /** The persistent view alone has it, and QEMU refuses it: not before something changes. */
  @Test
  void whatThePersistentViewHasAloneIsRejectedWithTheRemedy() throws Exception {
    attachEarlier(Set.of(PERSISTENT));
    site.host.upgradeQemu();

    Rejected rejected =
        expect(Rejected.class, process.attach(domain.ref(), CHOSEN, DEADLINE).await());

    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.BAD_REQUEST);
    assertThat(rejected.explanation()).contains("36 characters", "detach", "withSerial");
    assertThat(domain.disks(LIVE)).isEmpty();
    assertThat(domain.disks(PERSISTENT)).hasSize(1);
  }
}
