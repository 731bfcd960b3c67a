// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.Options;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.DetachOutcome;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Pending;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Waiver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What libvirt itself does and nobody expects. Each test first walks into the trap with virsh alone
 * and then shows the library in the same place.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LibvirtTrapsIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(3);
  private static final long SIZE = 8 << 20;

  private final Lab lab = Lab.current();
  private final DiskPlug plug = DiskPlug.connect(lab.uri());
  private final Guest guest = Guest.boot(lab, "pc");

  @BeforeAll
  void thereIsNothingYet() {
    assertThat(guest.read(LIVE).disks()).isEmpty();
  }

  @AfterAll
  void close() {
    guest.close();
    plug.close();
  }

  private FileDisk disk() {
    return disk(DiskOptions.DEFAULTS);
  }

  private FileDisk disk(DiskOptions options) {
    return LabDisks.file(lab, SIZE, options);
  }

  private FileDisk attached() {
    FileDisk disk = disk();
    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    guest.awaitDisk(disk.volumeId());
    return disk;
  }

  private void detach(FileDisk disk) {
    assertThat(plug.detach(guest.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
    guest.awaitNoDisk(disk.volumeId());
    assertThat(inEitherView(disk)).isFalse();
    assertThat(guest.qemuHolds(disk.file())).isFalse();
  }

  private boolean inEitherView(FileDisk disk) {
    return guest.diskWithSerial(LIVE, disk.volumeId()).isPresent()
        || guest.diskWithSerial(PERSISTENT, disk.volumeId()).isPresent();
  }

  private void mustQemu(String command) {
    assertThat(guest.askQemu(command)).contains("\"return\"");
  }

  private void rejected(Rejected.Reason reason, Object outcome) {
    assertThat(outcome).isInstanceOf(Rejected.class);
    assertThat(((Rejected) outcome).reason()).as("%s", outcome).isEqualTo(reason);
  }

  /** A disk as another tool would attach it. */
  private static String bare(String targetDev, Path file, String more) {
    return """
        <disk type='file' device='disk'>
          <driver name='qemu' type='raw' cache='none'/>
          <source file='%s'/>
          <target dev='%s' bus='virtio'/>
          %s
        </disk>
        """
        .formatted(file, targetDev, more);
  }

  @Test
  void c1AManagedSaveImageKeepsTheDisksThatTheDomainHad() {
    FileDisk disk = attached();
    FileDisk other = disk();
    String element = guest.diskElement(PERSISTENT, disk.volumeId());
    lab.virsh("managedsave", guest.name());
    String saved = guest.xml(PERSISTENT);

    rejected(Rejected.Reason.MANAGED_SAVE, plug.detach(guest.ref(), disk.volume(), DEADLINE));
    rejected(Rejected.Reason.MANAGED_SAVE, plug.attach(guest.ref(), disk, DEADLINE));
    rejected(Rejected.Reason.MANAGED_SAVE, plug.attach(guest.ref(), other, DEADLINE));
    assertThat(guest.xml(PERSISTENT)).isEqualTo(saved);

    // libvirt alone: the domain is shut off, the disk is taken out of all there is, and is back.
    guest.deviceOk("detach-device", element, "--config");
    assertThat(guest.diskWithSerial(PERSISTENT, disk.volumeId())).isEmpty();
    rejected(Rejected.Reason.MANAGED_SAVE, plug.detach(guest.ref(), disk.volume(), DEADLINE));
    lab.virsh("start", guest.name());
    assertThat(guest.diskWithSerial(LIVE, disk.volumeId())).isPresent();
    assertThat(guest.qemuHolds(disk.file())).isTrue();

    detach(disk);
  }

  @Test
  void c1WithoutTheImageTheDomainIsLikeAnyOther() {
    FileDisk disk = attached();
    lab.virsh("managedsave", guest.name());
    rejected(Rejected.Reason.MANAGED_SAVE, plug.detach(guest.ref(), disk.volume(), DEADLINE));

    lab.virsh("managedsave-remove", guest.name());

    // libvirt goes on saying that it was saved, and does not say to what.
    rejected(Rejected.Reason.SAVED, plug.detach(guest.ref(), disk.volume(), DEADLINE));
    assertThat(plug.waiving(Waiver.SAVED_STATE).detach(guest.ref(), disk.volume(), DEADLINE))
        .isInstanceOf(Detached.class);
    guest.start();
    assertThat(inEitherView(disk)).isFalse();
  }

  @Test
  void c2ADomainThatIsGoneProvesNothing() {
    FileDisk disk = disk();
    String newName = Lab.unique("renamed");
    Guest shutOff = Guest.define(lab, "pc");
    DomainRef oldName = DomainRef.name(shutOff.name());
    assertThat(plug.attach(oldName, disk, DEADLINE)).isInstanceOf(Attached.class);
    String element = shutOff.diskElement(PERSISTENT, disk.volumeId());
    String domain = shutOff.xml(PERSISTENT);

    lab.virsh("domrename", shutOff.name(), newName);
    // libvirt alone: not found, although the domain still has the disk.
    Lab.Result bare = shutOff.device("detach-device", element, "--config");
    assertThat(bare.exitCode()).isNotZero();
    assertThat(bare.output()).contains("failed to get domain '" + shutOff.name() + "'");
    assertThat(lab.virsh("dumpxml", newName)).contains(disk.volumeId());
    rejected(Rejected.Reason.DOMAIN_NOT_FOUND, plug.detach(oldName, disk.volume(), DEADLINE));
    rejected(Rejected.Reason.DOMAIN_NOT_FOUND, plug.attach(oldName, disk, DEADLINE));
    // Its UUID is still the same.
    assertThat(plug.detach(shutOff.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
    assertThat(lab.virsh("dumpxml", newName)).doesNotContain(disk.volumeId());

    lab.virsh("undefine", newName);
    rejected(Rejected.Reason.DOMAIN_NOT_FOUND, plug.detach(shutOff.ref(), disk.volume(), DEADLINE));
    rejected(Rejected.Reason.DOMAIN_NOT_FOUND, plug.attach(shutOff.ref(), disk, DEADLINE));

    // Undefined here says nothing of what comes back: this definition has the disk.
    assertThat(domain).contains(disk.volumeId());
    lab.define(domain);
    assertThat(plug.detach(shutOff.ref(), disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
    shutOff.close();
  }

  @Test
  void c3QemuHoldsAnImageThatIsInNeitherViewAndOfWhichTheRemovalWasReported() throws Exception {
    startNbdServer();
    try {
      Path file = lab.file(Lab.unique("exported") + ".img", SIZE);
      String serial = Lab.volumeId();
      String element = bare("vdx", file, "<serial>" + serial + "</serial>");
      guest.deviceOk("attach-device", element, "--live", "--config");
      guest.awaitDisk(serial);
      export("bare", file);

      // libvirt alone: success, the event, two clean views, and QEMU goes on using the image.
      String events =
          eventsOf(() -> guest.deviceOk("detach-device", element, "--live", "--config"));
      assertThat(events).contains("event 'device-removed'");
      assertThat(guest.xml(LIVE)).doesNotContain(serial);
      assertThat(guest.xml(PERSISTENT)).doesNotContain(serial);
      guest.awaitNoDisk(serial);
      assertThat(guest.qemuHolds(file)).isTrue();
      FileDisk found = new FileDisk(serial, file, DiskOptions.DEFAULTS);
      pendingForQemu(plug.detach(guest.ref(), found.volume(), SHORT));

      FileDisk disk = attached();
      export("ours", disk.file());
      DetachOutcome outcome = plug.detach(guest.ref(), disk.volume(), SHORT);
      pendingForQemu(outcome);
      guest.awaitNoDisk(disk.volumeId());
      assertThat(inEitherView(disk)).isFalse();
      assertThat(guest.qemuHolds(disk.file())).isTrue();

      CompletableFuture<DetachOutcome> waiting =
          plug.detachAsync(guest.ref(), disk.volume(), DEADLINE);
      removeExport("ours");
      assertThat(waiting.get()).isInstanceOf(Detached.class);
      assertThat(guest.qemuHolds(disk.file())).isFalse();
      // That of the other volume is its own business.
      assertThat(guest.qemuHolds(file)).isTrue();

      removeExport("bare");
      DetachOutcome afterwards = plug.detach(guest.ref(), found.volume(), DEADLINE);
      assertThat(afterwards.isDetached()).as("%s", afterwards).isTrue();
      assertThat(guest.qemuHolds(file)).isFalse();
    } finally {
      mustQemu("{\"execute\":\"nbd-server-stop\"}");
    }
  }

  private void pendingForQemu(DetachOutcome outcome) {
    assertThat(outcome).isInstanceOf(Pending.class);
    assertThat(((Pending) outcome).waitingFor()).isEqualTo(Pending.WaitingFor.QEMU);
    assertThat(outcome.observed().heldByQemu()).hasValue(true);
  }

  private void startNbdServer() {
    mustQemu(
        "{'execute':'nbd-server-start','arguments':{'addr':{'type':'unix','data':{'path':'%s'}}}}"
            .formatted(lab.directory().resolve("run").resolve(Lab.unique("nbd")))
            .replace('\'', '"'));
  }

  private void export(String id, Path file) {
    mustQemu(
        "{'execute':'block-export-add','arguments':{'type':'nbd','id':'%1$s','name':'%1$s','node-name':'%2$s','writable':false}}"
            .formatted(id, new QemuMonitor(lab, guest).topNode(file))
            .replace('\'', '"'));
  }

  private void removeExport(String id) {
    mustQemu(
        "{'execute':'block-export-del','arguments':{'id':'%s','mode':'hard'}}"
            .formatted(id)
            .replace('\'', '"'));
  }

  /** What libvirt reports of devices that were removed while something is done. */
  private String eventsOf(Runnable action) throws Exception {
    CompletableFuture<Lab.Result> listening =
        CompletableFuture.supplyAsync(
            () ->
                lab.tryVirsh(
                    "event", guest.name(), "--event", "device-removed", "--timeout", "30"));
    // virsh says nothing when it has begun to listen.
    Thread.sleep(1500);
    action.run();
    return listening.get().output();
  }

  @Test
  void c4TheSameSourceTwiceInOneDomain() {
    FileDisk disk = disk(DiskOptions.DEFAULTS.withShareable(true));
    String first = bare("vdx", disk.file(), "<shareable/><serial>twin-1</serial>");
    String second = bare("vdy", disk.file(), "<shareable/><serial>twin-2</serial>");
    // libvirt alone: two disks, one storage.
    guest.deviceOk("attach-device", first, "--live", "--config");
    guest.deviceOk("attach-device", second, "--live", "--config");
    guest.awaitDisk("twin-1");
    guest.awaitDisk("twin-2");
    // The library adds no third one, and takes neither for its own.
    rejected(Rejected.Reason.CONFLICT, plug.attach(guest.ref(), disk, DEADLINE));
    rejected(Rejected.Reason.CONFLICT, plug.detach(guest.ref(), disk.volume(), DEADLINE));
    guest.awaitDisk("twin-1");
    guest.awaitDisk("twin-2");
    guest.deviceOk("detach-device", first, "--live", "--config");
    guest.deviceOk("detach-device", second, "--live", "--config");
    guest.awaitNoDisk("twin-1");
    guest.awaitNoDisk("twin-2");

    assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
    // With the alias that is made of the source, libvirt itself refuses the second one.
    String alias = "<alias name='" + disk.volume().identity().alias() + "'/>";
    String third = bare("vdz", disk.file(), "<shareable/><serial>twin-3</serial>" + alias);
    for (String scope : List.of("--live", "--config")) {
      Lab.Result bare = guest.device("attach-device", third, scope);
      assertThat(bare.exitCode()).isNotZero();
      assertThat(bare.output()).contains("non unique alias detected");
    }
    // Without it, it does not, and then nothing is claimed.
    guest.deviceOk("attach-device", second, "--live", "--config");
    rejected(Rejected.Reason.CONFLICT, plug.attach(guest.ref(), disk, DEADLINE));
    rejected(Rejected.Reason.CONFLICT, plug.detach(guest.ref(), disk.volume(), DEADLINE));
    assertThat(guest.diskWithSerial(LIVE, disk.volumeId())).isPresent();
    guest.deviceOk("detach-device", second, "--live", "--config");
    guest.awaitNoDisk("twin-2");

    detach(disk);
  }

  @Test
  void c5AnAliasWithAnUnusualCharacterIsDroppedWithoutAWord() {
    FileDisk disk = disk();
    String element =
        bare("vdx", disk.file(), "<serial>dotted</serial><alias name='ua-with.a.dot'/>");
    guest.deviceOk("attach-device", element, "--live", "--config");
    guest.awaitDisk("dotted");
    assertThat(guest.xml(LIVE)).doesNotContain("ua-with");
    assertThat(guest.xml(PERSISTENT)).doesNotContain("ua-with");
    guest.deviceOk("detach-device", element, "--live", "--config");
    guest.awaitNoDisk("dotted");

    // The library's aliases have no such characters, so they get one on their way.
    String ours = disk.volume().identity().alias();
    try (DiskPlug meddled =
        with((xml, scope) -> xml.replace(ours, ours.replace("ua-dp-", "ua-dp.")))) {
      AttachOutcome outcome = meddled.attach(guest.ref(), disk, DEADLINE);

      assertThat(outcome).isInstanceOf(Indeterminate.class);
      assertThat(((Indeterminate) outcome).reason()).isEqualTo(Indeterminate.Reason.NOT_AS_PLANNED);
      assertThat(((Indeterminate) outcome).explanation()).contains("alias", ours);
    }
    // It is the volume's disk all the same, and whoever asks next hears of the difference.
    guest.awaitDisk(disk.volumeId());
    AttachOutcome again = plug.attach(guest.ref(), disk, DEADLINE);
    assertThat(again).isInstanceOf(AlreadyAttached.class);
    assertThat(((AlreadyAttached) again).differences())
        .extracting(Difference::field)
        .containsOnly("alias");
    detach(disk);
  }

  @Test
  void c6TheSameVolumeIsAttachedElsewhereAtTheLastMoment() {
    FileDisk disk = disk();
    AtomicBoolean raced = new AtomicBoolean();
    try (DiskPlug slow =
        with(
            (xml, scope) -> {
              if (!raced.getAndSet(true)) {
                String elsewhere = xml.replaceFirst("dev=[\"']vd[a-z]+[\"']", "dev='vdx'");
                elsewhere = elsewhere.replaceFirst("<address [^>]*>", "");
                guest.deviceOk("attach-device", elsewhere, "--live", "--config");
                // libvirt alone: an error, although the disk is attached.
                Lab.Result bare = guest.device("attach-device", xml, "--live", "--config");
                assertThat(bare.exitCode()).isNotZero();
                assertThat(bare.output()).contains("non unique alias detected");
              }
              return xml;
            })) {
      AttachOutcome outcome = slow.attach(guest.ref(), disk, DEADLINE);

      assertThat(outcome).isInstanceOf(AlreadyAttached.class);
      assertThat(((AlreadyAttached) outcome).targetDev()).isEqualTo("vdx");
      assertThat(outcome.observed().faults()).extracting(LibvirtFault::code).containsExactly(67);
    }
    isThereOnce(disk);
    detach(disk);
  }

  @Test
  void c6TheSameVolumeIsAttachedAtTheSamePlaceAtTheLastMoment() {
    FileDisk disk = disk();
    AtomicBoolean raced = new AtomicBoolean();
    try (DiskPlug slow =
        with(
            (xml, scope) -> {
              if (!raced.getAndSet(true)) {
                assertThat(plug.attach(guest.ref(), disk, DEADLINE)).isInstanceOf(Attached.class);
              }
              return xml;
            })) {
      AttachOutcome outcome = slow.attach(guest.ref(), disk, DEADLINE);

      assertThat(outcome.isAttached()).as("%s", outcome).isTrue();
      assertThat(outcome.observed().faults()).extracting(LibvirtFault::code).containsExactly(67);
    }
    isThereOnce(disk);
    detach(disk);
  }

  private void isThereOnce(FileDisk disk) {
    guest.awaitDisk(disk.volumeId());
    for (View view : View.values()) {
      assertThat(guest.read(view).disks())
          .extracting(Disk::serial)
          .containsExactly(disk.volumeId());
    }
  }

  @Test
  void c6SeveralAtOnceAttachItOnce() throws Exception {
    try (DiskPlug other = DiskPlug.connect(lab.uri())) {
      for (int round = 0; round < 3; round++) {
        FileDisk disk = disk();
        List<CompletableFuture<AttachOutcome>> both =
            List.of(
                plug.attachAsync(guest.ref(), disk, DEADLINE),
                other.attachAsync(guest.ref(), disk, DEADLINE));
        for (CompletableFuture<AttachOutcome> one : both) {
          AttachOutcome outcome = one.get();
          assertThat(outcome.isAttached()).as("%s", outcome).isTrue();
        }
        guest.awaitDisk(disk.volumeId());
        for (View view : View.values()) {
          assertThat(guest.read(view).disks())
              .extracting(Disk::serial)
              .containsExactly(disk.volumeId());
        }
        detach(disk);
      }
    }
  }

  @Test
  void c8AnExternalSnapshotChangesTheSourceInBothViews() {
    FileDisk disk = attached();
    String before = guest.diskElement(PERSISTENT, disk.volumeId());
    String targetDev = guest.diskWithSerial(LIVE, disk.volumeId()).orElseThrow().targetDev();
    Path overlay = disk.file().resolveSibling(disk.volumeId() + ".overlay");
    lab.virsh(
        "snapshot-create-as",
        guest.name(),
        "--disk-only",
        "--no-metadata",
        "--diskspec",
        targetDev + ",file=" + overlay);

    sourceHasChanged(disk, overlay);
    // libvirt alone, with the element of the volume: the disk that goes is the overlay.
    guest.deviceOk("detach-device", before, "--live", "--config");
    guest.awaitNoDisk(disk.volumeId());
    assertThat(guest.qemuHolds(overlay)).isFalse();
  }

  @Test
  void c8ABlockCopyThatIsPivotedChangesTheSourceInBothViews() {
    FileDisk disk = attached();
    FileDisk destination = disk();
    String targetDev = guest.diskWithSerial(LIVE, disk.volumeId()).orElseThrow().targetDev();
    lab.virsh(
        "blockcopy",
        guest.name(),
        targetDev,
        "--dest",
        destination.file().toString(),
        "--reuse-external",
        "--format",
        "raw",
        "--transient-job",
        "--wait");

    // While it runs, the volume cannot be detached, and its destination is in use.
    String element = guest.diskElement(LIVE, disk.volumeId());
    Lab.Result bare = guest.device("detach-device", element, "--live");
    assertThat(bare.exitCode()).isNotZero();
    assertThat(bare.output()).contains("active block job");
    DetachOutcome copying = plug.detach(guest.ref(), disk.volume(), SHORT);
    assertThat(copying.isDetached()).as("%s", copying).isFalse();
    assertThat(copying).isNotInstanceOf(Pending.class);
    rejected(Rejected.Reason.SOURCE_CHANGED, plug.attach(guest.ref(), destination, DEADLINE));

    lab.virsh("blockjob", guest.name(), targetDev, "--pivot");
    sourceHasChanged(disk, destination.file());
    guest.deviceOk("detach-device", guest.diskElement(LIVE, disk.volumeId()), "--live", "--config");
    guest.awaitNoDisk(disk.volumeId());
  }

  private void sourceHasChanged(FileDisk disk, Path now) {
    for (View view : View.values()) {
      assertThat(guest.diskElement(view, disk.volumeId())).contains("<source file='" + now + "'");
    }
    String live = guest.xml(LIVE);
    String persistent = guest.xml(PERSISTENT);

    rejected(Rejected.Reason.SOURCE_CHANGED, plug.attach(guest.ref(), disk, DEADLINE));
    rejected(Rejected.Reason.SOURCE_CHANGED, plug.detach(guest.ref(), disk.volume(), DEADLINE));

    assertThat(guest.xml(LIVE)).isEqualTo(live);
    assertThat(guest.xml(PERSISTENT)).isEqualTo(persistent);
    guest.awaitDisk(disk.volumeId());
  }

  /** What becomes of the XML of an attach on its way to libvirt. */
  @FunctionalInterface
  private interface Meddler {
    String change(String xml, Set<View> scope);
  }

  private DiskPlug with(Meddler meddler) {
    return DiskPlug.on(
        ForwardingDomain.hypervisor(
            lab,
            real ->
                new ForwardingDomain(real) {
                  @Override
                  public void attachDevice(String deviceXml, Set<View> scope)
                      throws FaultException {
                    super.attachDevice(meddler.change(deviceXml, scope), scope);
                  }
                }),
        Options.defaults());
  }
}
