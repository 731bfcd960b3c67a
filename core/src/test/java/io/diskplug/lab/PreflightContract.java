// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.domain.View;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageProbe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Attaches with a probe: what it refuses is refused in time, and never reaches QEMU. */
public abstract class PreflightContract {

  protected static final Duration LONG = Duration.ofSeconds(30);

  private static final Duration GIVEN = Duration.ofSeconds(2);
  private static final Duration TAKEN = Duration.ofMillis(2500);

  /** Long enough for others to have their turn, while the storage is asked for most of it. */
  private static final Duration PATIENT = Duration.ofSeconds(15);

  protected final Lab lab = Lab.current();
  protected Guest guest;
  protected DiskPlug plug;

  private final String machine;
  private StorageProbe probe;

  /**
   * Tests on a guest of their own.
   *
   * @param machine the guest's machine, as {@link Guest#boot} takes it
   */
  protected PreflightContract(String machine) {
    this.machine = machine;
  }

  /** A probe that may ask the lab's storage; closed after the test. */
  protected abstract StorageProbe newProbe();

  /** The probe of this test. */
  protected final StorageProbe probe() {
    return probe;
  }

  @BeforeEach
  final void boot() {
    guest = Guest.boot(lab, machine);
    probe = newProbe();
    plug = DiskPlug.connect(lab.uri(), Options.defaults().withStorageProbes(probe));
  }

  @AfterEach
  final void close() {
    plug.close();
    guest.close();
    probe.close();
  }

  /** Attaches in vain: it is known in time, libvirt was not asked, and both views are as before. */
  protected final AttachOutcome attachInTime(DiskSource disk) {
    String live = guest.xml(View.LIVE);
    String persistent = guest.xml(View.PERSISTENT);
    long before = System.nanoTime();
    AttachOutcome outcome = plug.attach(guest.ref(), disk, GIVEN);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(TAKEN);
    assertThat(guest.xml(View.LIVE)).isEqualTo(live);
    assertThat(guest.xml(View.PERSISTENT)).isEqualTo(persistent);
    assertThat(outcome.observed().faults()).as("libvirt was not asked").isEmpty();
    return outcome;
  }

  /** Why an attach may work later. */
  protected static Unavailable.Reason unavailable(AttachOutcome outcome) {
    assertThat(outcome).isInstanceOf(Unavailable.class);
    return ((Unavailable) outcome).reason();
  }

  /** Why an attach was rejected. */
  protected static Rejected.Reason rejected(AttachOutcome outcome) {
    assertThat(outcome).isInstanceOf(Rejected.class);
    return ((Rejected) outcome).reason();
  }

  /** The domain is not wedged: a disk goes there and back. */
  protected final void goesThereAndBack(DiskSource disk) {
    long before = System.nanoTime();
    assertThat(plug.attach(guest.ref(), disk, LONG)).isInstanceOf(Attached.class);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(LONG.dividedBy(3));
    assertThat(plug.detach(guest.ref(), disk.volume(), LONG)).isInstanceOf(Detached.class);
  }

  /** Requests on another disk, which is a file, have their turn while the storage says nothing. */
  protected final void othersHaveTheirTurnDuring(DiskSource unanswered) {
    FileDisk other = LabDisks.file(lab, 1 << 20);
    CompletableFuture<AttachOutcome> asked = plug.attachAsync(guest.ref(), unanswered, PATIENT);

    assertThat(plug.inspect(guest.ref(), LONG)).isInstanceOf(Inspected.class);
    assertThat(plug.plan(guest.ref(), List.of(other), LONG)).isInstanceOf(Planned.class);
    assertThat(plug.attach(guest.ref(), other, LONG)).isInstanceOf(Attached.class);
    assertThat(asked).as("the storage has not answered yet").isNotDone();
    assertThat(plug.detach(guest.ref(), other.volume(), LONG)).isInstanceOf(Detached.class);
    assertThat(unavailable(asked.join())).isEqualTo(Unavailable.Reason.STORAGE_UNREACHABLE);
  }
}
