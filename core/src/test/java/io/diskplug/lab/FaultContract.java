// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.domain.View;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DiskSource;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** What holds when the storage does not give what was asked for. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class FaultContract {

  private static final Duration DEADLINE = Duration.ofSeconds(20);

  protected final Lab lab = Lab.current();
  protected Guest guest;
  private DiskPlug plug;

  @BeforeAll
  void start() {
    guest = Guest.boot(lab, "q35");
    plug = DiskPlug.connect(lab.uri());
  }

  @AfterAll
  void stop() {
    plug.close();
    guest.close();
  }

  /** The attach is rejected for this reason, names what is wrong, and leaves nothing behind. */
  protected final void assertRejected(DiskSource disk, Rejected.Reason reason, String... named) {
    NotDone outcome = attachInVain(disk);
    assertThat(outcome).isInstanceOf(Rejected.class);
    assertThat(((Rejected) outcome).reason()).isEqualTo(reason);
    assertThat(outcome.explanation()).contains(disk.volume().id()).contains(named);
  }

  /** The attach may work later, names what is wrong, and leaves nothing behind. */
  protected final void assertUnavailable(
      DiskSource disk, Unavailable.Reason reason, String... named) {
    NotDone outcome = attachInVain(disk);
    assertThat(outcome).isInstanceOf(Unavailable.class);
    assertThat(((Unavailable) outcome).reason()).isEqualTo(reason);
    assertThat(outcome.explanation()).contains(disk.volume().id()).contains(named);
  }

  private NotDone attachInVain(DiskSource disk) {
    String live = guest.xml(View.LIVE);
    String persistent = guest.xml(View.PERSISTENT);
    var outcome = plug.attach(guest.ref(), disk, DEADLINE);
    assertThat(guest.xml(View.LIVE)).isEqualTo(live);
    assertThat(guest.xml(View.PERSISTENT)).isEqualTo(persistent);
    // QEMU has kept nothing of it either.
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE))
        .isInstanceOf(AlreadyDetached.class);
    assertThat(outcome).isInstanceOf(NotDone.class);
    return (NotDone) outcome;
  }
}
