// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.executor;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.disk.DiskOptions;
import io.diskplug.disk.SerialChoice;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.View;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Difference;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Rejected;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Serials that are longer than a bus has room for, and serials that look the same to a guest. */
class SerialsTest {

  private static final String LONG = "pvc-22650282-34fe-41d6-a4f5-1f5ad5b1a4a7";
  private static final String DERIVED = "dp95b3f617942fa1fabf";
  private static final String FIRST_36 = "pvc-22650282-34fe-41d6-a4f5-1f5ad5b1";

  private static final String SCSI_LINK = "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_";
  private static final DiskOptions SCSI = DiskOptions.DEFAULTS.withBus(DiskBus.SCSI);
  private static final FileDisk DISK = disk(LONG, SCSI);

  private final ScriptedDomain domain = new ScriptedDomain();
  private final Executor executor = executor(new SteppedTime(), domain);

  private static FileDisk disk(String id, DiskOptions options) {
    return new FileDisk(id, Path.of("/srv/one.img"), options);
  }

  private static FileDisk derived() {
    return disk(LONG, SCSI.withSerial(SerialChoice.DERIVED));
  }

  /** As a version of this library without choices has attached it, or another tool. */
  private static String element(DiskBus bus, String file, String serial, String alias, int place) {
    String address =
        bus == DiskBus.SCSI
            ? "<address type='drive' controller='0' bus='0' target='0' unit='" + place + "'/>"
            : "<address type='pci' domain='0x0000' bus='0x00' slot='0x%x' function='0x0'/>"
                .formatted(place);
    return """
        <disk type='file' device='disk'>
          <driver name='qemu' type='raw' cache='none'/>
          <source file='%s'/>
          <target dev='%s' bus='%s'/>
          %s
          %s
          %s
        </disk>
        """
        .formatted(
            file,
            (bus == DiskBus.SCSI ? "sd" : "vd") + (char) ('a' + place),
            bus.xmlName(),
            serial.isEmpty() ? "" : "<serial>" + serial + "</serial>",
            alias.isEmpty() ? "" : "<alias name='" + alias + "'/>",
            address);
  }

  private static String earlier(String serial) {
    return element(DiskBus.SCSI, "/srv/one.img", serial, DISK.volume().identity().alias(), 6);
  }

  private AttachOutcome attach(FileDisk disk) {
    return executor.attach(domain.ref(), disk, DEADLINE).await();
  }

  private DiskPlan plan(FileDisk disk) {
    return expect(Planned.class, executor.plan(domain.ref(), List.of(disk), DEADLINE).await())
        .disks()
        .get(0);
  }

  /** Plan and attach answer the same, and nothing is changed. */
  private String refused(Rejected.Reason reason, FileDisk disk) {
    DiskPlan.Refusal refusal = expect(DiskPlan.Refusal.class, plan(disk));
    Rejected rejected = expect(Rejected.class, attach(disk));
    assertThat(rejected.reason()).isEqualTo(reason);
    assertThat(refusal.reason()).isEqualTo(reason);
    assertThat(refusal.explanation()).isEqualTo(rejected.explanation());
    assertThat(domain.changes()).isEmpty();
    return rejected.explanation();
  }

  /** Plan and attach agree on the path and the element. */
  private String attachedWith(FileDisk disk, String path) {
    DiskPlan.Attach plan = expect(DiskPlan.Attach.class, plan(disk));
    Attached attached = expect(Attached.class, attach(disk));
    assertThat(attached.guestPath()).hasValue(path);
    assertThat(plan.guestPath()).hasValue(path);
    assertThat(domain.disks(LIVE)).contains(plan.xml());
    return String.valueOf(DomainXmlReader.readDisk(plan.xml()).serial());
  }

  @Test
  void aLongIdOnTheScsiBusAsksForAChoice() {
    assertThat(refused(Rejected.Reason.BAD_REQUEST, DISK))
        .contains("40 characters", "36", "SerialChoice.own", "SerialChoice.DERIVED");
  }

  @Test
  void upToThirtySixCharactersAreTheSerial() {
    assertThat(attachedWith(disk(FIRST_36, SCSI), SCSI_LINK + FIRST_36)).isEqualTo(FIRST_36);
  }

  @Test
  void thirtySevenAreTooMany() {
    refused(Rejected.Reason.BAD_REQUEST, disk(LONG.substring(0, 37), SCSI));
  }

  @Test
  void onTheVirtioBusTheSerialIsTheIdAsEver() {
    assertThat(
            attachedWith(
                disk(LONG, DiskOptions.DEFAULTS), "/dev/disk/by-id/virtio-pvc-22650282-34fe-41"))
        .isEqualTo(LONG);
  }

  @ParameterizedTest
  @CsvSource({
    "SCSI, " + SCSI_LINK + DERIVED + ", " + DERIVED,
    "VIRTIO, /dev/disk/by-id/virtio-" + DERIVED + ", " + DERIVED
  })
  void theDerivedSerialIsWhatTheGuestSees(DiskBus bus, String path, String serial) {
    FileDisk disk = disk(LONG, DiskOptions.DEFAULTS.withBus(bus).withSerial(SerialChoice.DERIVED));

    assertThat(attachedWith(disk, path)).isEqualTo(serial);
    AlreadyAttached again = expect(AlreadyAttached.class, attach(disk));
    assertThat(again.differences()).isEmpty();
    assertThat(again.guestPath()).hasValue(path);
  }

  @Test
  void aShortIdIsItsOwnDerivedSerial() {
    FileDisk disk = disk("pvc-1", SCSI.withSerial(SerialChoice.DERIVED));

    assertThat(attachedWith(disk, SCSI_LINK + "pvc-1")).isEqualTo("pvc-1");
  }

  @Test
  void aSerialOfTheCallersIsWhatTheGuestSees() {
    FileDisk disk = disk(LONG, SCSI.withSerial(SerialChoice.own("data.1")));

    assertThat(attachedWith(disk, SCSI_LINK + "data.1")).isEqualTo("data.1");
    expect(AlreadyAttached.class, attach(disk));
    expect(Detached.class, executor.detach(domain.ref(), DISK.volume(), DEADLINE).await());
  }

  /** The caller gives its serial each time. */
  @Test
  void anotherSerialThanTheCallersIsAConflict() {
    domain.put(earlier("data.1"), View.values());

    assertThat(refused(Rejected.Reason.CONFLICT, DISK)).contains("serial", "data.1");
  }

  @Test
  void aDiskOfAnEarlierVersionIsFoundWhateverIsChosen() {
    domain.put(earlier(LONG), View.values());

    assertThat(expect(AlreadyAttached.class, attach(DISK)).differences()).isEmpty();
    AlreadyAttached chosen = expect(AlreadyAttached.class, attach(derived()));
    assertThat(chosen.differences())
        .containsExactly(
            new Difference(LIVE, "serial", DERIVED, LONG),
            new Difference(PERSISTENT, "serial", DERIVED, LONG));
    // It is told where the disk is, not where one with the chosen serial would be.
    assertThat(chosen.guestPath()).hasValue(SCSI_LINK + LONG);
    assertThat(plan(derived())).isInstanceOf(DiskPlan.Present.class);
    expect(AlreadyAttached.class, attach(disk(LONG, SCSI.withSerial(SerialChoice.own("data.1")))));
    expect(Detached.class, executor.detach(domain.ref(), DISK.volume(), DEADLINE).await());
  }

  @Test
  void aDerivedSerialIsFoundWithoutTheChoice() {
    domain.put(earlier(DERIVED), View.values());

    assertThat(expect(AlreadyAttached.class, attach(DISK)).differences())
        .extracting(Difference::field)
        .containsOnly("serial");
  }

  /** Two views with two serials would be two disks to the guest, before and after a start. */
  @ParameterizedTest
  @EnumSource(View.class)
  void theOtherViewGetsTheSerialThatTheFirstOneHas(View has) {
    domain.put(earlier(LONG), has);

    DiskPlan.Attach plan = expect(DiskPlan.Attach.class, plan(derived()));
    expect(Attached.class, attach(derived()));

    View other = has == LIVE ? PERSISTENT : LIVE;
    assertThat(plan.views()).isEqualTo(Set.of(other));
    assertThat(domain.disks(other)).containsExactly(plan.xml());
    assertThat(DomainXmlReader.readDisk(plan.xml()).serial()).isEqualTo(LONG);
    assertThat(plan.guestPath()).hasValue(SCSI_LINK + LONG);
  }

  @Test
  void anInspectionSaysWhichDisksANewerQemuRefuses() {
    domain.put(earlier(LONG), View.values());
    domain.put(element(DiskBus.SCSI, "/srv/two.img", FIRST_36, "", 5), View.values());
    domain.put(element(DiskBus.VIRTIO, "/srv/three.img", LONG + "b", "", 7), View.values());

    Inspected inspected = expect(Inspected.class, executor.inspect(domain.ref(), DEADLINE).await());

    assertThat(inspected.refusedByNewerQemu())
        .extracting(DiskReport::targetDev)
        .containsExactly("sdg");
    assertThat(inspected.drift()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // bus of the twin, its serial, what is asked for, whether it is a conflict
    "VIRTIO, VIRTIO, pvc-22650282-34fe-4199, " + LONG + ", ID, true",
    "VIRTIO, VIRTIO, pvc-22650282-34fe-4299, " + LONG + ", ID, false",
    "VIRTIO, VIRTIO, pvc-22650282-34fe-4199, " + LONG + ", DERIVED, false",
    "VIRTIO, VIRTIO, " + DERIVED + "0, " + LONG + ", DERIVED, true",
    "SCSI, SCSI, " + FIRST_36 + "ffff, " + FIRST_36 + ", ID, true",
    "SCSI, SCSI, pvc-22650282-34fe-41, pvc-22650282-34fe-41d6, ID, false",
    "SCSI, SCSI, pvc 1, pvc_1, ID, true",
    "SCSI, SCSI, PVC-1, pvc-1, ID, false",
    "SCSI, VIRTIO, " + FIRST_36 + "ffff, " + FIRST_36 + ", ID, false",
    "VIRTIO, SCSI, pvc-22650282-34fe-4199, pvc-22650282-34fe-41, ID, false",
    "SATA, SCSI, " + DERIVED + ", " + LONG + ", DERIVED, true",
    "USB, SCSI, " + FIRST_36 + "ffff, " + FIRST_36 + ", ID, false"
  })
  void twinsAreConflictsInEitherView(
      DiskBus bus, DiskBus asked, String serial, String id, String kind, boolean twins) {
    SerialChoice choice = kind.equals("ID") ? SerialChoice.ID : SerialChoice.DERIVED;
    FileDisk disk = disk(id, DiskOptions.DEFAULTS.withBus(asked).withSerial(choice));
    for (View view : View.values()) {
      domain.put(element(bus, "/srv/two.img", serial, "", 5), view);
      if (twins) {
        assertThat(refused(Rejected.Reason.CONFLICT, disk)).contains(serial);
      } else {
        assertThat(plan(disk)).isInstanceOf(DiskPlan.Attach.class);
      }
      domain.drop(view);
    }
  }

  /** A disk that one view has is added to the other one only if no twin is there. */
  @Test
  void aTwinOfADiskThatOneViewHasIsAConflict() {
    domain.put(earlier(FIRST_36), View.PERSISTENT);
    domain.put(element(DiskBus.SCSI, "/srv/two.img", FIRST_36 + "ffff", "", 5), LIVE);

    assertThat(refused(Rejected.Reason.CONFLICT, disk(FIRST_36, SCSI))).contains("sdf");
  }

  @Test
  void twoOfOnePlanAreTwins() {
    FileDisk first = disk(FIRST_36, SCSI);
    FileDisk second =
        new FileDisk(LONG, Path.of("/srv/two.img"), SCSI.withSerial(SerialChoice.own(FIRST_36)));

    Planned planned =
        expect(
            Planned.class, executor.plan(domain.ref(), List.of(first, second), DEADLINE).await());

    assertThat(expect(DiskPlan.Refusal.class, planned.disks().get(1)).reason())
        .isEqualTo(Rejected.Reason.CONFLICT);
  }

  /** What was said of the id holds for what is derived from it. */
  @Test
  void theDerivedSerialOnAnotherSourceIsSuspect() {
    domain.put(element(DiskBus.SCSI, "/srv/other.img", DERIVED, "", 5), View.values());

    assertThat(refused(Rejected.Reason.CONFLICT, DISK)).contains(DERIVED, "/srv/other.img");
    Rejected rejected =
        expect(Rejected.class, executor.detach(domain.ref(), DISK.volume(), DEADLINE).await());
    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.CONFLICT);
  }

  /** An alias that libvirt has dropped. */
  @ParameterizedTest
  @CsvSource({LONG, DERIVED})
  void theSourceAndASerialMadeOfTheIdMakeItTheVolumes(String serial) {
    domain.put(element(DiskBus.SCSI, "/srv/one.img", serial, "", 5), View.values());

    expect(AlreadyAttached.class, attach(DISK));
    expect(Detached.class, executor.detach(domain.ref(), DISK.volume(), DEADLINE).await());
  }

  @ParameterizedTest
  @CsvSource({"'', ''", LONG + ", " + LONG, DERIVED + ", " + DERIVED})
  void aDiskIsAdoptedWithTheSerialThatItHas(String serial, String kept) {
    domain.put(element(DiskBus.SCSI, "/srv/one.img", serial, "", 5), View.values());

    expect(Changed.class, executor.adopt(domain.ref(), DISK.volume(), DEADLINE).await());

    Disk persistent = DomainXmlReader.readDisk(domain.disks(PERSISTENT).get(0));
    assertThat(persistent.serial()).isEqualTo(kept.isEmpty() ? null : kept);
    AlreadyAttached already = expect(AlreadyAttached.class, attach(derived()));
    assertThat(already.guestPath().orElse(SCSI_LINK)).isEqualTo(SCSI_LINK + kept);
  }

  /** A guest that is told another vendor has another link. */
  @Test
  void thePathOfAnAdoptedDiskThatHasAWwnIsNotTold() {
    domain.put(
        earlier(LONG).replace("</disk>", "<wwn>5000c50015ea71ac</wwn></disk>"), View.values());

    assertThat(expect(AlreadyAttached.class, attach(DISK)).guestPath()).isEmpty();
  }
}
