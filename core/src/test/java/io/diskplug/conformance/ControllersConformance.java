// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.conformance.Subject.BOTH;
import static io.diskplug.conformance.Subject.IN_CONFIG;
import static io.diskplug.conformance.Subject.IN_LIVE;
import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.Condition;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.Controller;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SCSI controllers that are plugged, and those that libvirt plugs by itself. */
public abstract class ControllersConformance extends ConformanceSuite {

  private static String controller(int index, String alias, PciAddress at) {
    return "<controller type='scsi' index='%d' model='virtio-scsi'><alias name='%s'/>%s</controller>"
        .formatted(
            index,
            alias,
            "<address type='pci' domain='0x0000' bus='0x%02x' slot='0x%02x' function='0x0'/>"
                .formatted(at.bus(), at.slot()));
  }

  private static void plug(Subject subject, int index, String alias, PciAddress at, Set<View> scope)
      throws FaultException {
    subject.handle().attachDevice(controller(index, alias, at), scope);
  }

  /** As the library calls it: the faults of a controller are told apart from those of a disk. */
  private static void refusedController(int code, Condition condition, TestBed.Call call) {
    FaultException thrown = catchThrowableOfType(FaultException.class, call::run);
    assertThat(thrown).isNotNull();
    LibvirtFault fault = thrown.fault();
    assertThat(fault.code()).as("the code of %s", fault).isEqualTo(code);
    means(
        condition, new LibvirtFault(Call.ATTACH_CONTROLLER, code, fault.domain(), fault.message()));
  }

  private static DiskElement scsiDisk(DiskElement disk, int controller) {
    return new DiskElement(
        disk.file(),
        "scsi",
        disk.targetDev(),
        disk.serial(),
        alias(),
        "<address type='drive' controller='%d' bus='0' target='0' unit='0'/>"
            .formatted(controller));
  }

  private static PciAddress slot(String machine) {
    return machine.equals("pc") ? PciAddress.of(0, 0x10) : PciAddress.of(2, 0);
  }

  private static PciAddress other(String machine) {
    return machine.equals("pc") ? PciAddress.of(0, 0x12) : PciAddress.of(3, 0);
  }

  private Subject subject(String machine) {
    MachineSpec spec = machine.equals("pc") ? MachineSpec.pc() : MachineSpec.q35(4);
    return paused(spec.withoutScsi());
  }

  private static List<String> models(Subject subject, View view) throws FaultException {
    return subject.view(view).scsiControllers().stream()
        .map(controller -> controller.index() + "=" + controller.model())
        .toList();
  }

  /** A guest that has not booted is not asked. */
  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void aControllerKeepsItsPlaceAndAliasInBothViewsAndTakesDisks(String machine) throws Exception {
    Subject subject = subject(machine);
    String alias = alias();

    plug(subject, 0, alias, slot(machine), BOTH);

    for (View view : View.values()) {
      Controller shown = subject.view(view).scsiControllers().get(0);
      assertThat(shown.alias()).isEqualTo(alias);
      assertThat(shown.address()).isEqualTo(slot(machine));
      assertThat(shown.model()).isEqualTo("virtio-scsi");
    }
    assertThat(subject.qemuHasDevice(alias)).isTrue();
    subject.attach(scsiDisk(disk("sda"), 0), BOTH);
    assertThat(subject.live("sda").address()).isEqualTo(new DriveAddress(0, 0, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void anIndexThatIsTakenIsRefusedInOtherWordsInEachView(String machine) throws Exception {
    Subject subject = subject(machine);
    plug(subject, 0, alias(), slot(machine), BOTH);

    subject.unchanged(
        () ->
            refusedController(
                9,
                Condition.INDEX_TAKEN,
                () -> plug(subject, 0, alias(), other(machine), IN_LIVE)));
    subject.unchanged(
        () ->
            refusedController(
                55,
                Condition.INDEX_TAKEN,
                () -> plug(subject, 0, alias(), other(machine), IN_CONFIG)));
    // The index is looked at before the address.
    subject.unchanged(
        () ->
            refusedController(
                55, Condition.INDEX_TAKEN, () -> plug(subject, 0, alias(), slot(machine), BOTH)));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void anAliasThatIsTakenIsRefusedWhateverTheIndex(View view) throws Exception {
    Subject subject = subject("pc");
    String alias = alias();
    plug(subject, 0, alias, slot("pc"), BOTH);

    for (int index : new int[] {0, 1}) {
      subject.unchanged(
          () ->
              refusedController(
                  67,
                  Condition.ALIAS_TAKEN,
                  () -> plug(subject, index, alias, other("pc"), Set.of(view))));
    }
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void anAddressThatIsTakenIsRefusedForAController(View view) throws Exception {
    Subject subject = subject("q35");
    plug(subject, 0, alias(), slot("q35"), BOTH);

    subject.unchanged(
        () ->
            refusedController(
                27,
                Condition.ADDRESS_TAKEN,
                () -> plug(subject, 1, alias(), slot("q35"), Set.of(view))));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void aControllerThatOneViewHasIsRefusedForBoth(View has) throws Exception {
    Subject subject = subject("pc");
    plug(subject, 0, alias(), slot("pc"), Set.of(has));

    subject.unchanged(
        () ->
            refusedController(
                has == LIVE ? 9 : 55,
                Condition.INDEX_TAKEN,
                () -> plug(subject, 0, alias(), other("pc"), BOTH)));

    View lacks = has == LIVE ? PERSISTENT : LIVE;
    plug(subject, 0, alias(), slot("pc"), Set.of(lacks));
    assertThat(models(subject, lacks)).containsExactly("0=virtio-scsi");
  }

  @Test
  void theRootBusOfQ35TakesNoControllerWhileItRuns() throws Exception {
    Subject subject = subject("q35");

    subject.unchanged(
        () ->
            refusedController(
                27,
                Condition.NOT_PLUGGABLE,
                () -> plug(subject, 0, alias(), PciAddress.of(0, 0x12), IN_LIVE)));
  }

  /** A controller leaves the indexes below it free, and a disk fills them. */
  @Test
  void indexesThatAreMissingAreFilledBeforeADiskAndNotBeforeAController() throws Exception {
    Subject subject = subject("pc");
    plug(subject, 2, alias(), slot("pc"), BOTH);
    assertThat(models(subject, LIVE)).containsExactly("2=virtio-scsi");
    assertThat(models(subject, PERSISTENT)).containsExactly("2=virtio-scsi");

    subject.attach(scsiDisk(disk("sda"), 2), BOTH);

    assertThat(models(subject, LIVE))
        .containsExactly("0=virtio-scsi", "1=virtio-scsi", "2=virtio-scsi");
    assertThat(models(subject, PERSISTENT))
        .isEqualTo(
            bed().generation().missingScsiTakesModelOfOthers()
                ? List.of("0=virtio-scsi", "1=virtio-scsi", "2=virtio-scsi")
                : List.of("0=lsilogic", "1=lsilogic", "2=virtio-scsi"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void aShutOffDomainGetsALsilogicOfLibvirtsAndAVirtioScsiIfAsked(String machine) throws Exception {
    MachineSpec spec = machine.equals("pc") ? MachineSpec.pc() : MachineSpec.q35(4);
    Subject left = machines().fresh(spec.withoutScsi());
    left.attach(disk("sda").on("scsi"), IN_CONFIG);
    assertThat(models(left, PERSISTENT)).containsExactly("0=lsilogic");

    Subject asked = machines().fresh(spec.withoutScsi());
    String alias = alias();
    plug(asked, 0, alias, slot(machine), IN_CONFIG);
    asked.attach(scsiDisk(disk("sda"), 0), IN_CONFIG);
    assertThat(models(asked, PERSISTENT)).containsExactly("0=virtio-scsi");
    asked.machine().startPaused();
    assertThat(asked.view(LIVE).scsiControllers().get(0).alias()).isEqualTo(alias);
    assertThat(asked.qemuHasDevice(alias)).isTrue();
  }

  @Test
  void aControllerThatCannotBeSavedIsInTheLiveViewAlone() throws Exception {
    Subject subject = subject("pc");
    subject.machine().blockSaving();
    try {
      FaultException thrown =
          catchThrowableOfType(
              FaultException.class, () -> plug(subject, 0, alias(), slot("pc"), BOTH));
      assertThat(thrown.fault().code()).isEqualTo(38);
    } finally {
      subject.machine().allowSaving();
    }

    assertThat(models(subject, LIVE)).containsExactly("0=virtio-scsi");
    assertThat(models(subject, PERSISTENT)).isEmpty();
  }
}
