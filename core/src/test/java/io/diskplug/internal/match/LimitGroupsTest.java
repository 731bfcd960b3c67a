// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.match;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoLimit;
import io.diskplug.disk.IoTune;
import io.diskplug.domain.View;
import io.diskplug.internal.exec.Executor;
import io.diskplug.internal.exec.SimulatedSite;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Repaired;
import io.diskplug.sim.SimulatedDomain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks that share their limits, when one more is attached. */
class LimitGroupsTest {

  private static final IoLimit BYTES = IoLimit.of(1_000_000);
  private static final IoTune PLAIN =
      IoTune.UNLIMITED.withTotalBytes(BYTES).withReadIops(IoLimit.of(50)).withGroupName("tenant");
  private static final IoTune BURSTS =
      PLAIN
          .withTotalBytes(BYTES.withBurst(2_000_000, Duration.ofSeconds(5)))
          .withReadIops(IoLimit.of(50).withBurst(60, Duration.ofSeconds(2)));

  private final SimulatedSite site = new SimulatedSite();
  private final SimulatedDomain domain = site.host.definePc("pc").start();
  private final Executor executor = site.process();

  @AfterEach
  void close() {
    executor.close();
  }

  private static FileDisk disk(String name, IoTune tune) {
    return new FileDisk(
        "pvc-" + name, Path.of("/srv/" + name), DiskOptions.DEFAULTS.withIoTune(tune));
  }

  private AttachOutcome attach(FileDisk disk) {
    return executor.attach(domain.ref(), disk, DEADLINE).await();
  }

  private DiskPlan plan(FileDisk disk) {
    return expect(Planned.class, executor.plan(domain.ref(), List.of(disk), DEADLINE).await())
        .disks()
        .get(0);
  }

  private void limit(FileDisk disk, IoTune tune) {
    expect(Changed.class, executor.limit(domain.ref(), disk.volume(), tune, DEADLINE).await());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDiskIsWrittenAsItsGroupIs(boolean running) {
    FileDisk first = disk("one", BURSTS);
    expect(Attached.class, attach(first));
    limit(first, PLAIN);
    if (!running) {
      domain.destroy();
    }
    FileDisk second = disk("two", PLAIN);

    DiskPlan.Attach plan = expect(DiskPlan.Attach.class, plan(second));
    expect(Attached.class, attach(second));

    assertThat(plan.xml()).contains("<total_bytes_sec_max_length>1<");
    assertThat(domain.disks(View.PERSISTENT).get(1).ioTune())
        .containsEntry("total_bytes_sec_max_length", "1")
        .containsEntry("read_iops_sec_max_length", "1")
        .isEqualTo(domain.disks(View.PERSISTENT).get(0).ioTune());
    assertThat(expect(AlreadyAttached.class, attach(second)).differences()).isEmpty();
  }

  @Test
  void aSecondThatTheGroupDoesNotSayIsNotSaid() {
    expect(Attached.class, attach(disk("one", PLAIN)));
    IoTune second = PLAIN.withTotalBytes(BYTES.withBurst(1_000_000, Duration.ofSeconds(1)));
    limit(disk("one", PLAIN), second.withTotalBytes(BYTES.withBurst(1_000_000, Duration.ZERO)));

    expect(Attached.class, attach(disk("two", second)));

    assertThat(domain.disks(View.LIVE).get(1).ioTune())
        .isEqualTo(domain.disks(View.LIVE).get(0).ioTune());
  }

  @Test
  void otherLimitsThanThoseOfTheGroupAreAConflict() {
    expect(Attached.class, attach(disk("one", BURSTS)));
    FileDisk second = disk("two", PLAIN);

    DiskPlan.Refusal refusal = expect(DiskPlan.Refusal.class, plan(second));
    Rejected rejected = expect(Rejected.class, attach(second));

    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(rejected.explanation()).contains("vda", "total_bytes_sec_max=2000000");
    assertThat(refusal.reason()).isEqualTo(rejected.reason());
    assertThat(refusal.explanation()).isEqualTo(rejected.explanation());
    assertThat(domain.disks(View.LIVE)).hasSize(1);
  }

  @Test
  void aGroupThatTheTwoViewsWriteInTwoWaysTakesNoDisk() throws Exception {
    List<FileDisk> members = List.of(disk("one", PLAIN), disk("two", PLAIN));
    members.forEach(member -> expect(Attached.class, attach(member)));
    aLengthIsLeftInTheLiveView();

    Rejected rejected = expect(Rejected.class, attach(disk("three", PLAIN)));

    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.CONFLICT);
    assertThat(rejected.explanation()).contains("tenant", "take all of the group's disks out of");
    // What the explanation says helps.
    members.forEach(member -> limit(member, IoTune.UNLIMITED));
    members.forEach(member -> limit(member, PLAIN));
    expect(Attached.class, attach(disk("three", PLAIN)));
  }

  private void aLengthIsLeftInTheLiveView() throws FaultException {
    for (IoTune tune : List.of(BURSTS, PLAIN)) {
      site.host.connect("another").lookup(domain.ref()).setLimits("vda", tune, Set.of(View.LIVE));
    }
    assertThat(domain.disks(View.LIVE).get(0).ioTune())
        .containsEntry("total_bytes_sec_max_length", "1");
    assertThat(domain.disks(View.PERSISTENT).get(0).ioTune())
        .doesNotContainKey("total_bytes_sec_max_length");
  }

  /** As after an attach that could not be saved, or a disk that another tool has unplugged. */
  @ParameterizedTest
  @EnumSource(View.class)
  void aRepairWritesADiskAsTheGroupOfTheOtherViewIs(View from) throws FaultException {
    expect(Attached.class, attach(disk("one", PLAIN)));
    FileDisk second = disk("two", PLAIN);
    expect(Attached.class, attach(second));
    aLengthIsLeftInTheLiveView();
    View to = from == View.LIVE ? View.PERSISTENT : View.LIVE;
    site.host
        .connect("another")
        .lookup(domain.ref())
        .detachDeviceByAlias(second.volume().identity().alias(), Set.of(to));
    site.time.pass(Duration.ofSeconds(60));
    assertThat(domain.disks(to)).hasSize(1);

    Repaired repaired =
        expect(
            Repaired.class,
            executor
                .repair(
                    domain.ref(),
                    RepairPolicy.NOTHING.withOrphansPluggedLive().withOrphansAddedToPersistent(),
                    DEADLINE)
                .await());

    assertThat(repaired.steps()).hasSize(1).allMatch(step -> step.outcome() instanceof Mended);
    assertThat(domain.disks(to).get(1).ioTune()).isEqualTo(domain.disks(to).get(0).ioTune());
  }

  @Test
  void anAdoptionWritesADiskAsTheGroupOfThePersistentViewIs() throws FaultException {
    expect(Attached.class, attach(disk("one", PLAIN)));
    FileDisk theirs = disk("two", PLAIN);
    String alias = theirs.volume().identity().alias();
    expect(Attached.class, attach(theirs));
    aLengthIsLeftInTheLiveView();
    site.host
        .connect("another")
        .lookup(domain.ref())
        .detachDeviceByAlias(alias, Set.of(View.PERSISTENT));
    site.time.pass(Duration.ofSeconds(60));

    expect(Changed.class, executor.adopt(domain.ref(), theirs.volume(), DEADLINE).await());

    assertThat(domain.disks(View.PERSISTENT).get(1).ioTune())
        .isEqualTo(domain.disks(View.PERSISTENT).get(0).ioTune());
  }

  @Test
  void otherGroupsDoNotMatter() {
    expect(Attached.class, attach(disk("one", BURSTS)));

    expect(Attached.class, attach(disk("two", PLAIN.withGroupName("another"))));
  }
}
