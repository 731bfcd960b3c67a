// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static io.diskplug.internal.exec.Requests.placed;
import static io.diskplug.internal.exec.ScriptedDomain.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.IoTune;
import io.diskplug.disk.SourceSpec;
import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Proof;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.RepairPolicy;
import io.diskplug.outcome.Repaired;
import io.diskplug.outcome.Unavailable;
import io.diskplug.outcome.Waiver;
import io.diskplug.spi.DiskSource;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An image of Ceph or a LUN that a domain has under another name. */
class OtherNamesTest {

  private static final String RBD_POOL =
      "<pool type='rbd'><name>ceph</name><source><name>volumes</name></source></pool>";
  private static final String ISCSI_POOL =
      "<pool type='iscsi'><name>lun</name><source><host name='h'/>"
          + "<device path='iqn.2026-01.io.diskplug:open'/></source>"
          + "<target><path>/dev/disk/by-path</path></target></pool>";
  private static final String DIR_POOL =
      "<pool type='dir'><name>ceph</name><target><path>/srv</path></target></pool>";
  private static final String HOSTDEV =
      """
      <hostdev mode='subsystem' type='scsi' managed='no'>
        <source protocol='iscsi' name='iqn.2026-01.io.diskplug:open/1'>
          <host name='192.0.2.1' port='3260'/>
        </source>
        <alias name='hostdev0'/>
        <address type='drive' controller='0' bus='0' target='0' unit='0'/>
      </hostdev>
      """;
  private static final String SCSI_HOST =
      """
      <hostdev mode='subsystem' type='scsi'>
        <source><adapter name='scsi_host2'/><address bus='0' target='0' unit='1'/></source>
        <alias name='hostdev0'/>
      </hostdev>
      """;

  /** As an image of Ceph or a LUN is asked for. */
  private record Asked(VolumeRef volume) implements DiskSource {
    @Override
    public DiskOptions options() {
      return DiskOptions.DEFAULTS;
    }

    @Override
    public SourceSpec source() {
      return SourceSpec.network(volume.identity().kind(), volume.identity().name());
    }
  }

  private static final Asked IMAGE =
      new Asked(new VolumeRef("pvc-1", new SourceIdentity("rbd", "fsid", "volumes/light")));
  private static final Asked LUN =
      new Asked(
          new VolumeRef(
              "pvc-1", new SourceIdentity("iscsi", "", "iqn.2026-01.io.diskplug:open/1")));

  private final ScriptedDomain domain = new ScriptedDomain();
  private final Executor executor = executor(new SteppedTime(), domain);

  private static String disk(String type, String source) {
    return disk(type, source, "raw", "");
  }

  private static String disk(String type, String source, String format, String more) {
    return """
        <disk type='%s' device='disk'>
          <driver name='qemu' type='%s'/>
          %s
          <target dev='vdx' bus='virtio'/>
          %s
          <address type='pci' domain='0x0000' bus='0x00' slot='0x07' function='0x0'/>
        </disk>
        """
        .formatted(type, format, source, more);
  }

  private static String block(String path) {
    return disk("block", "<source dev='" + path + "'/>");
  }

  private static String volume(String pool, String volume) {
    return disk("volume", "<source pool='" + pool + "' volume='" + volume + "'/>");
  }

  private void shutOff(String... disks) {
    domain.status(ScriptedDomain.SHUT_OFF);
    for (String disk : disks) {
      domain.put(disk, PERSISTENT);
    }
  }

  private void nothingTouchesIt(Asked asked) {
    for (Outcome outcome :
        List.of(
            executor.attach(domain.ref(), asked, DEADLINE).await(),
            executor.detach(domain.ref(), asked.volume(), DEADLINE).await(),
            executor
                .limit(domain.ref(), asked.volume(), IoTune.total(1 << 20, 100), DEADLINE)
                .await())) {
      Rejected rejected = expect(Rejected.class, outcome);
      assertThat(rejected.reason()).isIn(Rejected.Reason.CONFLICT, Rejected.Reason.SOURCE_CHANGED);
      assertThat(rejected.explanation()).containsAnyOf("vdx", "hostdev0");
    }
    Planned planned =
        expect(Planned.class, executor.plan(domain.ref(), List.of(asked), DEADLINE).await());
    assertThat(planned.disks().get(0)).isInstanceOf(DiskPlan.Refusal.class);
    assertThat(domain.changes()).isEmpty();
  }

  private AlreadyDetached alreadyDetached(Asked asked) {
    return expect(
        AlreadyDetached.class, executor.detach(domain.ref(), asked.volume(), DEADLINE).await());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/dev/rbd/volumes/light",
        "/dev/rbd//volumes/light",
        "/dev/rbd/volumes/light-part1",
        "/dev/mapper/volumes-light"
      })
  void anImageUnderAPathOfTheKernel(String path) {
    shutOff(block(path));

    nothingTouchesIt(IMAGE);
  }

  @Test
  void aLunUnderAPathOfTheKernel() {
    shutOff(block("/dev/disk/by-path/ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-1"));

    nothingTouchesIt(LUN);
  }

  @Test
  void anImageBelowAnotherDisk() {
    shutOff(
        disk(
            "file",
            "<source file='/srv/top.qcow2'/>",
            "qcow2",
            "<backingStore type='block'><format type='raw'/>"
                + "<source dev='/dev/rbd/volumes/light'/></backingStore>"));

    nothingTouchesIt(IMAGE);
  }

  @Test
  void anImageThatHasTheDataOfAnotherDisk() {
    shutOff(
        disk(
            "file",
            "<source file='/srv/top.qcow2'><dataStore type='block'><format type='raw'/>"
                + "<source dev='/dev/rbd/volumes/light'/></dataStore></source>",
            "qcow2",
            ""));

    nothingTouchesIt(IMAGE);
  }

  @Test
  void aVolumeOfAPoolThatTheDaemonKnows() {
    domain.pools.put("ceph", RBD_POOL);
    domain.pools.put("lun", ISCSI_POOL);
    shutOff(volume("ceph", "light"));
    nothingTouchesIt(IMAGE);
    domain.drop(PERSISTENT);
    shutOff(volume("lun", "unit:0:0:1"));
    nothingTouchesIt(LUN);
  }

  @Test
  void aLogicalVolumeOfAPoolThatLiesOnTheLun() {
    domain.pools.put(
        "vg",
        "<pool type='logical'><source><name>vg</name><device path='/dev/disk/by-path/"
            + "ip-192.0.2.1:3260-iscsi-iqn.2026-01.io.diskplug:open-lun-1'/></source>"
            + "<target><path>/dev/vg</path></target></pool>");
    shutOff(volume("vg", "root"));

    nothingTouchesIt(LUN);
    assertThat(alreadyDetached(IMAGE).proof()).isEqualTo(Proof.XML);
  }

  /** Its definition says that it is another storage, whatever it is called. */
  @Test
  void aVolumeOfAnotherPool() {
    domain.pools.put("ceph", DIR_POOL);
    shutOff(volume("ceph", "light"));

    assertThat(alreadyDetached(IMAGE).proof()).isEqualTo(Proof.DAEMON);
    expect(Attached.class, executor.attach(domain.ref(), IMAGE, DEADLINE).await());
  }

  /** Each request asks once, and a plain domain never is asked for. */
  @Test
  void theDaemonIsAskedOnce() {
    domain.pools.put("ceph", DIR_POOL);
    domain.put(volume("ceph", "light"), LIVE, PERSISTENT);
    expect(Attached.class, executor.attach(domain.ref(), IMAGE, DEADLINE).await());
    assertThat(domain.count(Call.READ_POOL)).isEqualTo(1);

    ScriptedDomain plain = new ScriptedDomain();
    plain.put(disk("file", "<source file='/srv/root.qcow2'/>", "qcow2", ""), LIVE, PERSISTENT);
    plain.put(block("/dev/vg/data"), LIVE, PERSISTENT);
    executor(new SteppedTime(), plain).attach(plain.ref(), IMAGE, DEADLINE).await();
    assertThat(plain.count(Call.READ_POOL)).isZero();
  }

  @Test
  void aVolumeOfAPoolThatTheDaemonDoesNotHave() {
    shutOff(volume("ceph", "light"));
    nothingTouchesIt(IMAGE);
  }

  @Test
  void aVolumeOfAPoolThatTheDaemonDoesNotTell() {
    domain.always(Call.READ_POOL, fails(Call.READ_POOL, 68, "no answer"));
    shutOff(volume("ceph", "light"));
    for (Outcome outcome :
        List.of(
            executor.attach(domain.ref(), IMAGE, DEADLINE).await(),
            executor.plan(domain.ref(), List.of(IMAGE), DEADLINE).await(),
            executor.detach(domain.ref(), IMAGE.volume(), DEADLINE).await())) {
      assertThat(expect(Unavailable.class, outcome).reason())
          .isEqualTo(Unavailable.Reason.STORAGE_UNANSWERED);
    }
    assertThat(domain.changes()).isEmpty();

    // Nothing in its name is the LUN's.
    assertThat(alreadyDetached(LUN).proof()).isEqualTo(Proof.XML);
  }

  @Test
  void aLunThatIsPassedThrough() {
    domain.put(HOSTDEV, LIVE, PERSISTENT);

    nothingTouchesIt(LUN);
    assertThat(alreadyDetached(IMAGE).proof()).isEqualTo(Proof.QEMU);
  }

  @Test
  void aScsiDeviceOfTheHost() {
    domain.put(SCSI_HOST, LIVE, PERSISTENT);

    AlreadyDetached detached = alreadyDetached(LUN);

    assertThat(detached.proof()).isEqualTo(Proof.XML);
    assertThat(detached.observed().unresolved()).isNotEmpty();
    assertThat(detached.observed().toString())
        .contains("may be the volume under another name", "scsi_host2");
    expect(Attached.class, executor.attach(domain.ref(), LUN, DEADLINE).await());
  }

  /** Its LUNs are in the kernel of the host, and can be anything. */
  @Test
  void anEndpointOfVhostScsi() {
    domain.put(
        """
        <hostdev mode='subsystem' type='scsi_host'>
          <source protocol='vhost' wwpn='naa.5123456789abcde0'/>
          <address type='pci' domain='0x0000' bus='0x00' slot='0x09' function='0x0'/>
        </hostdev>
        """,
        LIVE,
        PERSISTENT);

    AlreadyDetached detached = alreadyDetached(IMAGE);

    assertThat(detached.proof()).isEqualTo(Proof.XML);
    assertThat(detached.observed().unresolved())
        .extracting(disk -> disk.source().name())
        .containsOnly("naa.5123456789abcde0");
    expect(Attached.class, executor.attach(domain.ref(), IMAGE, DEADLINE).await());
  }

  /** What cannot be told and has no hint does not block, is listed, and lowers the proof. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/dev/rbd0",
        "/dev/vg/root",
        "/dev/vdata/root",
        "/dev/md0",
        "/dev/nvme0n1",
        "/dev/sda",
        "/dev/mapper/root",
        "/dev/dm-3",
        "/var/lib/one/datastores/0/7/disk.1"
      })
  void aPathThatCanBeAnything(String path) {
    domain.put(block(path), LIVE, PERSISTENT);

    AlreadyDetached before = alreadyDetached(IMAGE);
    expect(Attached.class, executor.attach(domain.ref(), IMAGE, DEADLINE).await());
    DetachOutcome after = executor.detach(domain.ref(), IMAGE.volume(), DEADLINE).await();

    assertThat(before.proof()).isEqualTo(Proof.XML);
    assertThat(before.observed().unresolved())
        .extracting(disk -> disk.source().name())
        .containsOnly(path);
    assertThat(expect(Detached.class, after).proof()).isEqualTo(Proof.XML);
  }

  /** libvirt has looked what a running disk lies on; that of a domain that is off may lie on it. */
  @Test
  void anImageThatMayLieOnAnother() {
    String overlay = disk("file", "<source file='/srv/root.qcow2'/>", "qcow2", "");
    domain.put(overlay, LIVE, PERSISTENT);
    assertThat(alreadyDetached(IMAGE).proof()).isEqualTo(Proof.QEMU);

    domain.drop(LIVE);
    domain.status(ScriptedDomain.SHUT_OFF);
    AlreadyDetached detached = alreadyDetached(IMAGE);
    assertThat(detached.proof()).isEqualTo(Proof.XML);
    assertThat(detached.observed().unresolved()).hasSize(1);
    expect(Attached.class, executor.attach(domain.ref(), IMAGE, DEADLINE).await());
  }

  /** The same of an overlay whose chain is told half. */
  @Test
  void anImageThatMayBeBelowTheLayersThatAreTold() {
    String layer =
        "<backingStore type='file'><format type='qcow2'/><source file='/srv/base.qcow2'/>%s"
            + "</backingStore>";
    shutOff(disk("file", "<source file='/srv/top.qcow2'/>", "qcow2", layer.formatted("")));
    assertThat(alreadyDetached(IMAGE).proof()).isEqualTo(Proof.XML);

    domain.drop(PERSISTENT);
    shutOff(
        disk(
            "file",
            "<source file='/srv/top.qcow2'/>",
            "qcow2",
            layer.formatted("<backingStore/>")));
    assertThat(alreadyDetached(IMAGE).proof()).isEqualTo(Proof.DAEMON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<source file='/var/lib/libvirt/images/root.img'/>",
        "<source file='/srv/volumes/light'/>"
      })
  void anOrdinaryFile(String source) {
    shutOff(disk("file", source));

    AlreadyDetached detached = alreadyDetached(IMAGE);

    assertThat(detached.proof()).isEqualTo(Proof.DAEMON);
    assertThat(detached.observed().unresolved()).isEmpty();
    assertThat(alreadyDetached(LUN).proof()).isEqualTo(Proof.DAEMON);
  }

  @Test
  void anInspectionListsWhatCannotBeTold() {
    domain.put(block("/dev/vg/root"), LIVE, PERSISTENT);
    domain.put(disk("file", "<source file='/srv/x'/>").replace("vdx", "vdy"), LIVE, PERSISTENT);

    Inspected inspected = expect(Inspected.class, executor.inspect(domain.ref(), DEADLINE).await());

    assertThat(inspected.observed().unresolved())
        .extracting(disk -> disk.targetDev())
        .containsOnly("vdx");
  }

  /** What is the same is adopted as any other disk, and is the volume's from then on. */
  @Test
  void aDiskUnderAnotherNameIsAdopted() {
    domain.put(block("/dev/rbd/volumes/light"), PERSISTENT);
    domain.put(
        disk(
            "block",
            "<source dev='/dev/rbd/volumes/light'/>",
            "raw",
            "<alias name='virtio-disk9'/>"),
        LIVE);

    expect(Changed.class, executor.adopt(domain.ref(), IMAGE.volume(), DEADLINE).await());

    // It is attached in another way than the library attaches it.
    Rejected rejected =
        expect(Rejected.class, executor.attach(domain.ref(), IMAGE, DEADLINE).await());
    assertThat(rejected.differences())
        .extracting(difference -> difference.field())
        .contains("source protocol");
    expect(Detached.class, executor.detach(domain.ref(), IMAGE.volume(), DEADLINE).await());
  }

  private static String element(String type, String source, String serial) {
    return disk(type, source, "raw", "<serial>" + serial + "</serial>");
  }

  /** What an attach refuses to plug beside the volume, a repair does not plug either. */
  static Stream<Arguments> inTheWayOfARepair() {
    String path = "/dev/rbd/volumes/light-part1";
    String twin = "twin-of-twenty-characters";
    return Stream.of(
        Arguments.of(LUN, HOSTDEV, Rejected.class),
        Arguments.of(IMAGE, block(path), Rejected.class),
        Arguments.of(IMAGE, block("/dev/mapper/volumes-light"), Rejected.class),
        Arguments.of(IMAGE, volume("ceph", "light"), Unavailable.class),
        Arguments.of(
            new Asked(new VolumeRef(twin + "-1", IMAGE.volume().identity())),
            element("file", "<source file='/srv/x'/>", twin + "-2"),
            Rejected.class));
  }

  @ParameterizedTest
  @MethodSource
  void inTheWayOfARepair(Asked asked, String live, Class<? extends Outcome> outcome) {
    domain.always(Call.READ_POOL, fails(Call.READ_POOL, 68, "no answer"));
    domain.status(ScriptedDomain.SHUT_OFF);
    expect(Attached.class, executor.attach(domain.ref(), asked, DEADLINE).await());
    domain.status(ScriptedDomain.RUNNING);
    domain.put(live, LIVE);
    int changes = domain.changes().size();

    MendOutcome step = addsOrphan(LIVE);

    assertThat(step).isInstanceOf(outcome);
    assertThat(
            step instanceof Rejected rejected
                ? rejected.reason().name()
                : expect(Unavailable.class, step).reason().name())
        .isIn("CONFLICT", "STORAGE_UNANSWERED");
    assertThat(domain.changes()).hasSize(changes);
  }

  /** The same with the disk in the live view, which is added to the persistent one. */
  @Test
  void aSuspectInThePersistentViewIsInTheWayOfARepair() {
    expect(Attached.class, executor.attach(domain.ref(), IMAGE, DEADLINE).await());
    domain.drop(PERSISTENT);
    domain.put(block("/dev/mapper/volumes-light"), PERSISTENT);
    int changes = domain.changes().size();

    Rejected rejected = expect(Rejected.class, addsOrphan(PERSISTENT));

    assertThat(rejected.explanation()).contains("vdx", "/dev/mapper/volumes-light");
    assertThat(domain.changes()).hasSize(changes);
  }

  /** What has no hint stops no repair. */
  @Test
  void anOrdinaryDiskIsNotInTheWayOfARepair() {
    expect(Attached.class, executor.attach(domain.ref(), IMAGE, DEADLINE).await());
    domain.drop(PERSISTENT);
    domain.put(block("/dev/vg/root"), PERSISTENT);

    expect(Mended.class, addsOrphan(PERSISTENT));
  }

  private MendOutcome addsOrphan(View to) {
    RepairPolicy policy =
        to == LIVE
            ? RepairPolicy.NOTHING.withOrphansPluggedLive()
            : RepairPolicy.NOTHING.withOrphansAddedToPersistent();
    Repaired repaired =
        expect(Repaired.class, executor.repair(domain.ref(), policy, DEADLINE).await());
    return repaired.steps().stream()
        .filter(step -> step.repair().disk().filter(Disk::hasOwnAlias).isPresent())
        .findFirst()
        .orElseThrow()
        .outcome();
  }

  /** libvirt and QEMU do not know of it when an image has grown, and would cut it off. */
  @Test
  void anImageWhoseSizeNoStorageTellsGrowsForAWaiverAlone() {
    expect(Attached.class, executor.attach(domain.ref(), IMAGE, DEADLINE).await());

    Rejected refused =
        expect(
            Rejected.class,
            executor.grow(domain.ref(), IMAGE.volume(), 1L << 30, DEADLINE).await());

    assertThat(refused.reason()).isEqualTo(Rejected.Reason.SIZE_UNKNOWN);
    assertThat(refused.observed().faults()).isEmpty();
    Rejected sent =
        expect(
            Rejected.class,
            executor
                .waiving(Set.of(Waiver.UNKNOWN_SIZE))
                .grow(domain.ref(), IMAGE.volume(), 1L << 30, DEADLINE)
                .await());
    // The scripted domain refuses the call.
    assertThat(sent.explanation()).contains("RESIZE");
  }

  /** A block copy that is pivoted leaves the disk its alias and serial. */
  @Test
  void aDiskThatWasPivotedOntoTheVolume() {
    VolumeRef old = new VolumeRef("pvc-old", new SourceIdentity("rbd", "fsid", "volumes/old"));
    expect(Attached.class, executor.attach(domain.ref(), new Asked(old), DEADLINE).await());
    for (View view : List.of(LIVE, PERSISTENT)) {
      String pivoted = domain.disks(view).get(0).replace("volumes/old", "volumes/light");
      domain.drop(view);
      domain.put(pivoted, view);
    }
    int changes = domain.changes().size();

    for (Outcome outcome :
        List.of(
            executor.attach(domain.ref(), IMAGE, DEADLINE).await(),
            executor.grow(domain.ref(), IMAGE.volume(), 1L << 30, DEADLINE).await(),
            executor.adopt(domain.ref(), IMAGE.volume(), DEADLINE).await())) {
      assertThat(expect(Rejected.class, outcome).reason()).isEqualTo(Rejected.Reason.CONFLICT);
    }
    assertThat(alreadyDetached(IMAGE).proof()).isEqualTo(Proof.XML);
    assertThat(domain.changes()).hasSize(changes);
  }

  /** What is a suspect is not taken over. */
  @Test
  void aSuspectIsNotAdopted() {
    shutOff(block("/dev/mapper/volumes-light"));

    Rejected rejected =
        expect(Rejected.class, executor.adopt(domain.ref(), IMAGE.volume(), DEADLINE).await());

    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.NOT_ATTACHED);
    assertThat(domain.changes()).isEmpty();
  }

  /** The alias of the volume on a source that cannot be told. */
  @Test
  void theAliasOfTheVolumeIsAHint() {
    shutOff(
        disk(
            "block",
            "<source dev='/dev/rbd0'/>",
            "raw",
            "<alias name='" + IMAGE.volume().identity().alias() + "'/>"));

    nothingTouchesIt(IMAGE);
  }

  @Test
  void theSerialOfTheVolumeIsAHint() {
    shutOff(disk("block", "<source dev='/dev/rbd0'/>", "raw", "<serial>pvc-1</serial>"));

    nothingTouchesIt(IMAGE);
  }

  /** Its storage driver may be another daemon, which says nothing of the domain. */
  @ParameterizedTest
  @ValueSource(ints = {5, 38, 39, 68})
  void aPoolThatIsNotToldKeepsNoOtherVolumeFromItsPlace(int code) {
    domain.always(Call.READ_POOL, fails(Call.READ_POOL, code, "Failed to connect socket"));
    shutOff(volume("images", "root.img"));

    expect(Attached.class, executor.attach(domain.ref(), IMAGE, DEADLINE).await());
    assertThat(
            expect(
                    io.diskplug.outcome.Detached.class,
                    executor.detach(domain.ref(), IMAGE.volume(), DEADLINE).await())
                .proof())
        .isEqualTo(Proof.XML);
  }

  /** It may be the LUN, for that is what pools call theirs. */
  @Test
  void aUnitOfAPoolThatIsNotToldIsWaitedFor() {
    domain.always(Call.READ_POOL, fails(Call.READ_POOL, 68, "no answer"));
    shutOff(volume("targets", "unit:0:0:1"));

    Outcome outcome = executor.attach(domain.ref(), LUN, DEADLINE).await();

    assertThat(expect(Unavailable.class, outcome).reason())
        .isEqualTo(Unavailable.Reason.STORAGE_UNANSWERED);
    assertThat(domain.count(Call.READ_POOL)).isGreaterThan(1);
    assertThat(domain.changes()).isEmpty();
  }

  /** The part of libvirt that knows the pools does not run: to wait would not change that. */
  @Test
  void aPartOfLibvirtThatDoesNotRunIsNamed() {
    thePartThatKnowsPoolsDoesNotRun();
    shutOff(volume("targets", "unit:0:0:1"));
    for (Outcome outcome :
        List.of(
            executor.attach(domain.ref(), LUN, DEADLINE).await(),
            executor.adopt(domain.ref(), LUN.volume(), DEADLINE).await(),
            executor.grow(domain.ref(), LUN.volume(), 1 << 20, DEADLINE).await(),
            executor
                .limit(domain.ref(), LUN.volume(), io.diskplug.disk.IoTune.UNLIMITED, DEADLINE)
                .await())) {
      Rejected rejected = expect(Rejected.class, outcome);
      assertThat(rejected.reason()).isEqualTo(Rejected.Reason.HOST_INCOMPLETE);
      assertThat(rejected.explanation()).contains("targets", "virtstoraged-sock", "systemctl");
    }
    assertThat(domain.changes()).isEmpty();
  }

  private void thePartThatKnowsPoolsDoesNotRun() {
    domain.always(
        Call.READ_POOL,
        fails(
            Call.READ_POOL,
            38,
            "Failed to connect socket to '/run/libvirt/virtstoraged-sock': No such file or"
                + " directory"));
  }

  /** The same after the request has changed something: what became of it is not known. */
  @Test
  void aPartOfLibvirtThatDoesNotRunAfterAChangeLeavesItOpen() {
    thePartThatKnowsPoolsDoesNotRun();
    shutOff(placed(IMAGE, "vdx", 7));
    domain.next(
        Call.SET_LIMITS,
        effect -> {
          domain.drop(PERSISTENT);
          domain.put(volume("ceph", "light"), PERSISTENT);
        });

    Outcome outcome =
        executor
            .limit(domain.ref(), IMAGE.volume(), io.diskplug.disk.IoTune.total(0, 500), DEADLINE)
            .await();

    Indeterminate open = expect(Indeterminate.class, outcome);
    assertThat(open.reason()).isEqualTo(Indeterminate.Reason.NOT_AS_PLANNED);
    assertThat(open.explanation()).contains("ceph", "virtstoraged-sock");
  }

  @Test
  void aUnitOfAPoolThatTheDaemonDoesNotHaveIsAConflict() {
    shutOff(volume("targets", "unit:0:0:1"));

    assertThat(
            expect(Rejected.class, executor.attach(domain.ref(), LUN, DEADLINE).await()).reason())
        .isEqualTo(Rejected.Reason.CONFLICT);
  }

  /** What is missing, or in conflict, may be found when the daemon has told the pool. */
  @Test
  void nothingIsFinalForAnAdoptionWhileAPoolIsNotTold() {
    domain.always(Call.READ_POOL, fails(Call.READ_POOL, 68, "no answer"));
    shutOff(volume("ceph", "light"));
    for (Outcome outcome :
        List.of(
            executor.adopt(domain.ref(), IMAGE.volume(), DEADLINE).await(),
            executor.grow(domain.ref(), IMAGE.volume(), 1 << 20, DEADLINE).await(),
            executor
                .limit(domain.ref(), IMAGE.volume(), io.diskplug.disk.IoTune.UNLIMITED, DEADLINE)
                .await())) {
      io.diskplug.outcome.Unavailable later = expect(Unavailable.class, outcome);
      assertThat(later.reason()).isEqualTo(Unavailable.Reason.STORAGE_UNANSWERED);
      assertThat(later.explanation()).contains("ceph");
    }
    assertThat(domain.changes()).isEmpty();
  }

  /** There is no storage driver, or no right to ask: to wait would not change that. */
  @ParameterizedTest
  @ValueSource(ints = {3, 45, 49, 88})
  void aPoolThatIsNeverToldKeepsNoAdoption(int code) {
    domain.always(Call.READ_POOL, fails(Call.READ_POOL, code, "no answer"));
    shutOff(volume("another", "disk"));

    Outcome outcome = executor.adopt(domain.ref(), IMAGE.volume(), DEADLINE).await();

    assertThat(expect(Rejected.class, outcome).reason()).isEqualTo(Rejected.Reason.NOT_ATTACHED);
  }

  /** The same of a conflict: the volume's serial is on a disk of the pool. */
  @Test
  void noConflictIsFinalForAnAdoptionWhileAPoolIsNotTold() {
    domain.always(Call.READ_POOL, fails(Call.READ_POOL, 68, "no answer"));
    shutOff(
        block("/dev/rbd/volumes/light"),
        disk(
            "volume",
            "<source pool='other' volume='image'/>",
            "raw",
            "<serial>" + IMAGE.volume().id() + "</serial>"));

    Outcome outcome = executor.adopt(domain.ref(), IMAGE.volume(), DEADLINE).await();

    assertThat(expect(Unavailable.class, outcome).reason())
        .isEqualTo(Unavailable.Reason.STORAGE_UNANSWERED);
  }

  /** However short the deadline is: half of what is left of it, and a second at most. */
  @ParameterizedTest
  @ValueSource(ints = {40, 300, 900, 1900, 20_000})
  void aPoolIsAskedForLessTimeThanThereIs(int millis) {
    shutOff(volume("ceph", "light"));

    executor.detach(domain.ref(), IMAGE.volume(), Duration.ofMillis(millis)).await();

    assertThat(domain.poolBudgets())
        .isNotEmpty()
        .allSatisfy(
            budget ->
                assertThat(budget)
                    .isPositive()
                    .isLessThanOrEqualTo(Duration.ofMillis(millis / 2))
                    .isLessThanOrEqualTo(Duration.ofSeconds(1)));
  }
}
