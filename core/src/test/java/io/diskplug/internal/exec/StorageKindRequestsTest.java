// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.SimulatedSite.LONGER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoTune;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultClassifier;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.internal.observe.ListenerDispatcher;
import io.diskplug.internal.port.HypervisorPort;
import io.diskplug.internal.request.ReleaseRules;
import io.diskplug.internal.storage.StorageProbes;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.Ghost;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Repaired;
import io.diskplug.sim.GuestBehaviour;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import io.diskplug.spi.DiskSource;
import io.diskplug.spi.StorageKind;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Kinds of storage that a process knows, and those that only another process knows. */
class StorageKindRequestsTest {

  private static final Duration SHORT = Duration.ofSeconds(2);

  private record Volume(VolumeRef volume) implements DiskSource {

    static Volume of(String id, String kind, String name) {
      return new Volume(new VolumeRef(id, new SourceIdentity(kind, "", name)));
    }

    @Override
    public DiskOptions options() {
      return DiskOptions.DEFAULTS;
    }

    @Override
    public SourceSpec source() {
      return SourceSpec.network(volume.identity().kind(), volume.identity().name());
    }
  }

  private static final Volume IMAGE = Volume.of("pvc-image", "rbd", "volumes/light");
  private static final Volume LUN = Volume.of("pvc-lun", "iscsi", "iqn.2026-01.io.diskplug:open/1");
  private static final Volume EXPORT = Volume.of("pvc-export", "nbd", "light");

  private final SimulatedSite site = new SimulatedSite();
  private final SimulatedDomain domain = site.host.definePc("pc").start();
  private int processes;

  private Executor process(StorageKind... others) {
    StorageKinds kinds = StorageKinds.with(List.of(others));
    return new Executor(
        site.host.connect("process"),
        FaultClassifier.with(kinds::condition),
        kinds,
        ReleaseRules.USUAL,
        StorageProbes.none(),
        site.time,
        new Random(++processes),
        ListenerDispatcher.none());
  }

  private Attached attach(Executor process, Volume volume) {
    return expect(Attached.class, process.attach(domain.ref(), volume, LONGER).await());
  }

  private Outcome detach(Executor process, Volume volume, Duration budget) {
    return process.detach(domain.ref(), volume.volume(), budget).await();
  }

  private Inspected inspect(Executor process) {
    return expect(Inspected.class, process.inspect(domain.ref(), LONGER).await());
  }

  private MendOutcome mend(Executor process, Repair repair) {
    Outcome outcome =
        process.repair(domain.ref(), RepairPolicy.NOTHING.with(repair), LONGER).await();
    return expect(Repaired.class, outcome).steps().get(0).outcome();
  }

  private Disk live(Volume volume) {
    return domain.disks(View.LIVE).stream()
        .filter(disk -> volume.volume().identity().alias().equals(disk.alias()))
        .findFirst()
        .orElseThrow();
  }

  /** All that a request could have changed. */
  private List<Object> state() {
    return List.of(
        domain.disks(View.LIVE),
        domain.disks(View.PERSISTENT),
        domain.qemuDevices(),
        domain.openSources(),
        domain.ghosts(),
        domain.notes(),
        domain.unplugsAsked());
  }

  private static void isOfUnknownKind(Outcome outcome, String kind) {
    Rejected rejected = expect(Rejected.class, outcome);
    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.STORAGE_KIND_UNKNOWN);
    assertThat(rejected.explanation()).contains("\"" + kind + "\"", "class path");
  }

  @Test
  void aKindOfAThirdPartyIsServed() {
    try (Executor process = process(ExampleKind.NBD)) {
      attach(process, EXPORT);

      expect(AlreadyAttached.class, process.attach(domain.ref(), EXPORT, LONGER).await());
      assertThat(expect(Detached.class, detach(process, EXPORT, LONGER)).proof())
          .isEqualTo(Proof.QEMU);
      assertThat(domain.openSources()).isEmpty();
    }
  }

  @Test
  void whatItsDriverSaysIsUnderstood() {
    site.host.failNext(
        Call.ATTACH,
        Moment.BEFORE,
        1,
        "internal error: unable to execute QEMU command 'blockdev-add': Requested export not"
            + " available");
    try (Executor process = process(ExampleKind.NBD)) {
      Outcome outcome = process.attach(domain.ref(), EXPORT, LONGER).await();

      assertThat(expect(Rejected.class, outcome).reason())
          .isEqualTo(Rejected.Reason.VOLUME_NOT_FOUND);
    }
  }

  /** The nodes alone: no device tells whose they are. */
  @Test
  void itsGhostIsRecognizedByWhatItHasOpen() {
    site.host.onceAt(Call.ATTACH, Moment.VOLUME_OPENED, site.host::crashDaemon);
    try (Executor process = process(ExampleKind.NBD)) {
      Attached attached = attach(process, EXPORT);

      assertThat(attached.observed().evicted()).isNotEmpty();
      assertThat(domain.ghosts()).isEmpty();
      assertThat(domain.openSources()).hasSize(1);
    }
  }

  @Test
  void aKindThatIsNotRegisteredIsRejectedWithoutAChange() {
    try (Executor knowing = process(ExampleKind.NBD);
        Executor other = process(ExampleKind.RBD)) {
      attach(knowing, EXPORT);
      Disk disk = live(EXPORT);
      List<Object> before = state();
      VolumeRef volume = EXPORT.volume();

      isOfUnknownKind(other.attach(domain.ref(), EXPORT, DEADLINE).await(), "nbd");
      isOfUnknownKind(detach(other, EXPORT, DEADLINE), "nbd");
      isOfUnknownKind(other.adopt(domain.ref(), volume, DEADLINE).await(), "nbd");
      isOfUnknownKind(other.grow(domain.ref(), volume, 1L << 30, DEADLINE).await(), "nbd");
      isOfUnknownKind(other.limit(domain.ref(), volume, IoTune.UNLIMITED, DEADLINE).await(), "nbd");
      isOfUnknownKind(mend(other, Repair.add(View.PERSISTENT, disk)), "nbd");
      isOfUnknownKind(mend(other, Repair.remove(View.LIVE, disk)), "nbd");
      isOfUnknownKind(mend(other, Repair.detach(disk)), "nbd");
      assertThat(state()).isEqualTo(before);
    }
  }

  @Test
  void aPlanRefusesThatDiskAlone() {
    try (Executor process = process(ExampleKind.RBD)) {
      Planned planned =
          expect(Planned.class, process.plan(domain.ref(), List.of(LUN, IMAGE), DEADLINE).await());

      DiskPlan.Refusal refusal = expect(DiskPlan.Refusal.class, planned.disks().get(0));
      assertThat(refusal.reason()).isEqualTo(Rejected.Reason.STORAGE_KIND_UNKNOWN);
      assertThat(refusal.explanation()).contains("diskplug-iscsi");
      expect(DiskPlan.Attach.class, planned.disks().get(1));
    }
  }

  /** As another tool has attached it. */
  @Test
  void aDiskOfAnUnknownKindIsNotInTheWay() {
    try (Executor knowing = process(ExampleKind.NBD);
        Executor process = process(ExampleKind.RBD)) {
      attach(knowing, EXPORT);

      attach(process, IMAGE);
      expect(Detached.class, detach(process, IMAGE, LONGER));

      Inspected inspected = inspect(process);
      assertThat(inspected.disks())
          .extracting(DiskReport::targetDev)
          .containsExactly(live(EXPORT).targetDev());
      assertThat(inspected.observed().unresolved())
          .extracting(Disk::targetDev)
          .contains(live(EXPORT).targetDev());
    }
  }

  @Test
  void twoProcessesWithOtherBackendsShareADomain() {
    try (Executor ceph = process(ExampleKind.RBD);
        Executor iscsi = process(ExampleKind.ISCSI)) {
      Attached image = attach(ceph, IMAGE);
      Attached lun = attach(iscsi, LUN);
      assertThat(image.address()).isNotEqualTo(lun.address());
      List<Object> before = state();

      isOfUnknownKind(detach(iscsi, IMAGE, LONGER), "rbd");
      isOfUnknownKind(detach(ceph, LUN, LONGER), "iscsi");
      assertThat(state()).isEqualTo(before);
      for (Executor process : List.of(ceph, iscsi)) {
        Inspected inspected = inspect(process);
        assertThat(inspected.disks())
            .hasSize(2)
            .allMatch(disk -> disk.drift() == DiskReport.Drift.NONE)
            .allMatch(disk -> disk.heldByQemu().equals(Optional.of(true)));
        assertThat(inspected.ghosts()).isEmpty();
        assertThat(inspected.suspects()).isEmpty();
      }
      assertThat(inspect(iscsi).observed().unresolved()).contains(live(IMAGE));
      assertThat(inspect(ceph).observed().unresolved()).contains(live(LUN));
    }
  }

  /** Of two unplugs the guest is asked for one at a time, whichever process asks. */
  @Test
  void anUnplugThatAnotherBackendHasAskedForComesFirst() {
    try (Executor ceph = process(ExampleKind.RBD);
        Executor iscsi = process(ExampleKind.ISCSI)) {
      attach(ceph, IMAGE);
      attach(iscsi, LUN);
      String imageDevice = IMAGE.volume().identity().alias();
      domain.guest(GuestBehaviour.RELEASES_LATE);
      expect(Pending.class, detach(ceph, IMAGE, SHORT));

      assertThat(expect(Pending.class, detach(iscsi, LUN, SHORT)).waitingFor())
          .isEqualTo(Pending.WaitingFor.EARLIER_UNPLUG);
      assertThat(domain.unplugsAsked()).containsOnly(imageDevice);
      assertThat(inspect(iscsi).unplugs())
          .singleElement()
          .satisfies(unplug -> assertThat(unplug.disk()).contains(live(IMAGE)));

      domain.guest(GuestBehaviour.RELEASES);
      domain.answerUnplugs();
      assertThat(expect(Detached.class, detach(iscsi, LUN, LONGER)).proof()).isEqualTo(Proof.QEMU);
      assertThat(expect(AlreadyDetached.class, detach(ceph, IMAGE, LONGER)).proof())
          .isEqualTo(Proof.QEMU);
      assertThat(domain.disks(View.LIVE)).isEmpty();
      assertThat(domain.disks(View.PERSISTENT)).isEmpty();
      assertThat(domain.openSources()).isEmpty();
      assertThat(domain.crossedUnplugs()).isEmpty();
      site.nothingIsLost(domain);
    }
  }

  /** It is shown, and what its nodes have open is not told. */
  @Test
  void aGhostOfAnotherBackendIsLeftToIt() {
    site.host.onceAt(Call.ATTACH, Moment.DEVICE_PLUGGED, site.host::crashDaemon);
    try (Executor ceph = process(ExampleKind.RBD);
        Executor iscsi = process(ExampleKind.ISCSI);
        HypervisorPort dying = site.host.connect("dying")) {
      String element = placed(IMAGE, "vda", /* slot= */ 9);
      assertThatThrownBy(
              () ->
                  dying
                      .lookup(domain.ref())
                      .attachDevice(element, EnumSet.of(View.LIVE, View.PERSISTENT)))
          .isInstanceOf(FaultException.class);
      assertThat(domain.ghosts()).isNotEmpty();
      Ghost told = inspect(ceph).ghosts().get(0);
      Ghost untold = inspect(iscsi).ghosts().get(0);
      List<Object> before = state();

      assertThat(told.source()).hasValueSatisfying(it -> assertThat(it.kind()).isEqualTo("rbd"));
      assertThat(untold.source()).isEmpty();
      for (Ghost ghost : List.of(told, untold)) {
        assertThat(expect(Rejected.class, mend(iscsi, Repair.evict(ghost))).reason())
            .isEqualTo(Rejected.Reason.STORAGE_KIND_UNKNOWN);
      }
      assertThat(state()).isEqualTo(before);

      attach(iscsi, LUN);
      assertThat(attach(ceph, IMAGE).observed().evicted()).isNotEmpty();
      assertThat(domain.ghosts()).isEmpty();
    }
  }

  @Test
  void aKindIsGivenByOption() {
    VolumeRef volume = EXPORT.volume();
    SimulatedHost host = new SimulatedHost();
    DomainRef guest = host.definePc("pc").start().ref();
    Options options = Options.defaults().withStorageKinds(ExampleKind.NBD).withQuiet(true);
    try (DiskPlug without = DiskPlug.on(host.connect("without"), Options.defaults());
        DiskPlug with = DiskPlug.on(host.connect("with"), options)) {
      isOfUnknownKind(without.detach(guest, volume, LONGER), "nbd");
      expect(AlreadyDetached.class, with.detach(guest, volume, LONGER));
    }
  }
}
