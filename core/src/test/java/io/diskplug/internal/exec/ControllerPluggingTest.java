// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.exec;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static io.diskplug.internal.exec.Requests.DEADLINE;
import static io.diskplug.internal.exec.Requests.expect;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.NewController;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.Controller;
import io.diskplug.internal.place.DiskElements;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Indeterminate;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A SCSI disk for a domain without a usable controller. */
class ControllerPluggingTest {

  private static final String ALIAS = "ua-diskplug-scsi-0";
  private static final Set<View> BOTH = Set.of(LIVE, PERSISTENT);
  private static final FileDisk DISK = disk("one");

  private final SimulatedSite site = new SimulatedSite();
  private final Executor process = site.process();

  private static FileDisk disk(String name) {
    return new FileDisk(
        "pvc-" + name, Path.of("/srv/" + name), DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
  }

  /** A domain without a SCSI controller, shut off. */
  private SimulatedDomain define(String machine) {
    return site.host.define(machine, machine.equals("pc") ? 0 : 3, Set.of(), false);
  }

  private SimulatedDomain running(String machine) {
    return define(machine).start();
  }

  private AttachOutcome attach(SimulatedDomain domain, FileDisk disk) {
    return process.attach(domain.ref(), disk, DEADLINE).await();
  }

  private DomainHandle handle(SimulatedDomain domain) throws FaultException {
    return site.host.connect("test").lookup(domain.ref());
  }

  private List<Controller> controllers(SimulatedDomain domain, View view) throws FaultException {
    return DomainXmlReader.readDomain(handle(domain).xml(view), view).scsiControllers();
  }

  private void isIn(SimulatedDomain domain, View view, PciAddress at) throws FaultException {
    assertThat(controllers(domain, view))
        .containsExactly(new Controller("scsi", 0, "virtio-scsi", ALIAS, at, true));
  }

  private void plug(SimulatedDomain domain, int index, String alias, PciAddress at, View... views)
      throws FaultException {
    NewController controller =
        new NewController("scsi", index, "virtio-scsi", alias, at, List.of(), Set.of(views));
    handle(domain).attachDevice(DiskElements.write(controller), controller.views());
  }

  private interface Happening {
    void happen() throws FaultException;
  }

  /** After the library has read the domain, and before its first attach. */
  private void beforeTheFirstAttach(Happening happening) {
    AtomicBoolean first = new AtomicBoolean(true);
    site.host.observe(
        point -> {
          if (point.client().equals("process")
              && point.call() == Call.ATTACH
              && point.moment() == Moment.BEFORE
              && first.getAndSet(false)) {
            happening.happen();
          }
        });
  }

  private void strangers(SimulatedDomain domain, View view, int bus) throws FaultException {
    handle(domain)
        .attachDevice(
            "<disk type='file' device='disk'><source file='/srv/other-%d'/>".formatted(bus)
                + "<target dev='vd%c' bus='virtio'/>".formatted('p' + bus)
                + "<address type='pci' domain='0' bus='%d' slot='0' function='0'/></disk>"
                    .formatted(bus),
            Set.of(view));
  }

  @Test
  void whereNoSlotIsFreeInBothViewsEachGetsItAtAPlaceOfItsOwn() throws Exception {
    SimulatedDomain domain = running("q35");
    strangers(domain, LIVE, 1);
    strangers(domain, LIVE, 3);
    strangers(domain, PERSISTENT, 2);

    Attached attached = expect(Attached.class, attach(domain, DISK));

    assertThat(attached.address()).isEqualTo(new DriveAddress(0, 0, 0, 0));
    assertThat(attached.observed().controllers()).hasSize(2);
    isIn(domain, LIVE, PciAddress.of(2, 0));
    isIn(domain, PERSISTENT, PciAddress.of(1, 0));
    expect(AlreadyAttached.class, attach(domain, DISK));
  }

  private static PciAddress first(String machine) {
    return machine.equals("pc") ? PciAddress.of(0, 2) : PciAddress.of(1, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void itIsPluggedIntoBothViewsBeforeTheDiskAndStaysAfterIt(String machine) throws Exception {
    SimulatedDomain domain = running(machine);

    Attached attached = expect(Attached.class, attach(domain, DISK));

    assertThat(attached.address()).isEqualTo(new DriveAddress(0, 0, 0, 0));
    assertThat(attached.observed().controllers())
        .containsExactly(
            "plugged SCSI controller 0 (virtio-scsi) at " + first(machine) + " in both views");
    assertThat(attached.toString()).contains("plugged SCSI controller 0");
    isIn(domain, LIVE, first(machine));
    isIn(domain, PERSISTENT, first(machine));

    expect(Detached.class, process.detach(domain.ref(), DISK.volume(), DEADLINE).await());
    isIn(domain, LIVE, first(machine));
    isIn(domain, PERSISTENT, first(machine));
  }

  @Test
  void theNextDiskUsesItAndCostsNoFurtherCall() {
    SimulatedDomain without = running("q35");
    SimulatedDomain with = site.host.defineQ35("with", 3).start();
    expect(Attached.class, attach(without, DISK));
    List<Call> calls = new ArrayList<>();
    site.host.observe(
        point -> {
          if (point.moment() == Moment.BEFORE) {
            calls.add(point.call());
          }
        });

    Attached second = expect(Attached.class, attach(without, disk("two")));
    List<Call> used = List.copyOf(calls);
    calls.clear();
    expect(Attached.class, attach(with, disk("three")));

    assertThat(second.address()).isEqualTo(new DriveAddress(0, 0, 0, 1));
    assertThat(second.observed().controllers()).isEmpty();
    assertThat(used).isEqualTo(calls);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void thePlanShowsItAndTheAttachDoesIt(String machine) throws Exception {
    SimulatedDomain domain = running(machine);
    Planned planned =
        expect(
            Planned.class,
            process.plan(domain.ref(), List.of(DISK, disk("two")), DEADLINE).await());

    DiskPlan.Attach plan = (DiskPlan.Attach) planned.disks().get(0);
    NewController controller = plan.controllers().get(0);
    assertThat(plan.controllers()).hasSize(1);
    assertThat(controller)
        .isEqualTo(
            new NewController("scsi", 0, "virtio-scsi", ALIAS, first(machine), List.of(), BOTH));
    assertThat(plan.elements().get(0))
        .startsWith("<controller type=\"scsi\" index=\"0\" model=\"virtio-scsi\">")
        .contains("<alias name=\"" + ALIAS + "\"/>");
    // The second disk finds the controller of the first.
    DiskPlan.Attach next = (DiskPlan.Attach) planned.disks().get(1);
    assertThat(next.controllers()).isEmpty();
    assertThat(next.placement().address()).isEqualTo(new DriveAddress(0, 0, 0, 1));

    Attached attached = expect(Attached.class, attach(domain, DISK));
    assertThat(attached.address()).isEqualTo(plan.placement().address());
    isIn(domain, LIVE, first(machine));
  }

  @Test
  void aPausedGuestGetsIt() throws Exception {
    SimulatedDomain domain = running("pc");
    domain.suspend();

    expect(Attached.class, attach(domain, DISK));

    isIn(domain, LIVE, first("pc"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void aShutOffDomainGetsItInsteadOfLibvirtsOwn(String machine) throws Exception {
    SimulatedDomain domain = define(machine);

    expect(Attached.class, attach(domain, DISK));

    isIn(domain, PERSISTENT, first(machine));
    domain.start();
    isIn(domain, LIVE, first(machine));
    assertThat(domain.guestSerials()).contains("pvc-one");
  }

  @Test
  void aTransientDomainGetsIt() throws Exception {
    SimulatedDomain domain = running("pc");
    domain.undefine();

    expect(Attached.class, attach(domain, DISK));

    isIn(domain, LIVE, first("pc"));
  }

  @ParameterizedTest
  @EnumSource(View.class)
  void aControllerInOneViewComesToTheSamePlaceInTheOther(View has) throws Exception {
    SimulatedDomain domain = running("q35");
    plug(domain, 0, "ua-others", PciAddress.of(3, 0), has);

    Attached attached = expect(Attached.class, attach(domain, DISK));

    View lacked = has == LIVE ? PERSISTENT : LIVE;
    isIn(domain, lacked, PciAddress.of(3, 0));
    assertThat(controllers(domain, has).get(0).alias()).isEqualTo("ua-others");
    assertThat(attached.observed().controllers()).hasSize(1);
  }

  /** As after an attach of another tool to the live view alone. */
  @Test
  void aVolumeOfOneViewBringsItsController() throws Exception {
    SimulatedDomain domain = running("pc");
    expect(Attached.class, attach(domain, DISK));
    domain.destroy();
    SimulatedDomain other = running("q35");
    plug(other, 0, "ua-others", PciAddress.of(3, 0), LIVE);
    String xml =
        DomainXmlReader.diskXml(handle(domain).xml(PERSISTENT), "sda")
            .orElseThrow()
            .replace("unit='0'", "unit='5'")
            .replace("unit=\"0\"", "unit=\"5\"");
    handle(other).attachDevice(xml, Set.of(LIVE));

    Attached attached = expect(Attached.class, attach(other, DISK));

    assertThat(attached.address()).isEqualTo(new DriveAddress(0, 0, 0, 5));
    isIn(other, PERSISTENT, PciAddress.of(3, 0));
  }

  /** Between the two views, and between controller and disk. */
  @ParameterizedTest
  @EnumSource(
      value = Moment.class,
      names = {"LIVE_CHANGED", "CONFIG_SAVED"})
  void aDaemonThatDiesAfterItLeavesWhatTheNextRoundGoesOnWith(Moment moment) throws Exception {
    SimulatedDomain domain = running("q35");
    site.host.onceAt(Call.ATTACH, moment, site.host::crashDaemon);

    expect(Attached.class, process.attach(domain.ref(), DISK, SimulatedSite.LONGER).await());

    isIn(domain, LIVE, PciAddress.of(1, 0));
    isIn(domain, PERSISTENT, PciAddress.of(1, 0));
  }

  /** QEMU has the controller then, and no view shows it: it keeps its name and its slot. */
  @Test
  void aDaemonThatDiesBeforeTheLiveViewLeavesAnOrphan() throws Exception {
    SimulatedDomain domain = running("q35");
    site.host.onceAt(Call.ATTACH, Moment.DEVICE_PLUGGED, site.host::crashDaemon);

    expect(Attached.class, process.attach(domain.ref(), DISK, SimulatedSite.LONGER).await());

    for (View view : View.values()) {
      assertThat(controllers(domain, view))
          .containsExactly(
              new Controller("scsi", 0, "virtio-scsi", ALIAS + "-2", PciAddress.of(2, 0), true));
    }
  }

  /** A process that is killed leaves what another one goes on with. */
  @Test
  void anotherProcessGoesOnAfterTheController() throws Exception {
    SimulatedDomain domain = running("pc");
    plug(domain, 0, ALIAS, first("pc"), LIVE);

    expect(Attached.class, attach(domain, DISK));

    isIn(domain, LIVE, first("pc"));
    isIn(domain, PERSISTENT, first("pc"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pc", "q35"})
  void oneOfTwoProcessesPlugsIt(String machine) throws Exception {
    SimulatedDomain domain = running(machine);
    Executor faster = site.process();
    beforeTheFirstAttach(
        () ->
            expect(Attached.class, faster.attach(domain.ref(), disk("faster"), DEADLINE).await()));

    Attached attached = expect(Attached.class, attach(domain, DISK));

    assertThat(attached.address()).isEqualTo(new DriveAddress(0, 0, 0, 1));
    assertThat(attached.observed().controllers()).isEmpty();
    assertThat(attached.observed().faults())
        .extracting(LibvirtFault::call)
        .containsExactly(Call.ATTACH_CONTROLLER);
    isIn(domain, LIVE, first(machine));
    isIn(domain, PERSISTENT, first(machine));
  }

  @Test
  void aSlotThatIsTakenMeanwhileIsNotAskedForAgain() throws Exception {
    SimulatedDomain domain = running("q35");
    String others =
        "<disk type='file' device='disk'><source file='/srv/others'/><target dev='vdz' bus='virtio'/>"
            + "<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></disk>";
    beforeTheFirstAttach(() -> handle(domain).attachDevice(others, Set.of(LIVE)));

    expect(Attached.class, attach(domain, DISK));

    isIn(domain, LIVE, PciAddress.of(2, 0));
  }

  @Test
  void withoutASlotThereIsNoRoomAndNothingIsChanged() throws Exception {
    SimulatedDomain domain = site.host.define("full", 1, Set.of(), false).start();
    SimulatedSite.attach(process, domain, SimulatedSite.disk("virtio"));

    Rejected rejected = expect(Rejected.class, attach(domain, DISK));

    assertThat(rejected.reason()).isEqualTo(Rejected.Reason.NO_ROOM);
    assertThat(rejected.explanation())
        .contains("pcie-root-port")
        .doesNotContain("use the scsi bus");
    assertThat(controllers(domain, LIVE)).isEmpty();
    Rejected virtio = expect(Rejected.class, attach(domain, SimulatedSite.disk("another")));
    assertThat(virtio.explanation()).doesNotContain("use the scsi bus");
  }

  /** Both views are changed by one call, and the second part of it fails as long as it fails. */
  @Test
  void aConfigurationThatCannotBeSavedIsToldAndMendedLater() throws Exception {
    SimulatedDomain domain = running("q35");
    domain.failSaves(true);

    assertThat(attach(domain, DISK)).isInstanceOf(Unavailable.class);
    assertThat(controllers(domain, LIVE)).hasSize(1);
    assertThat(controllers(domain, PERSISTENT)).isEmpty();

    domain.failSaves(false);
    expect(Attached.class, attach(domain, DISK));
    isIn(domain, LIVE, PciAddress.of(1, 0));
    isIn(domain, PERSISTENT, PciAddress.of(1, 0));
  }

  @Test
  void aControllerThatIsNotThereAfterwardsIsTold() {
    SimulatedDomain domain = running("q35");
    site.host.onceAt(Call.ATTACH, Moment.AFTER, () -> domain.removeController(0));

    Indeterminate outcome = expect(Indeterminate.class, attach(domain, DISK));

    assertThat(outcome.reason()).isEqualTo(Indeterminate.Reason.NOT_AS_PLANNED);
    assertThat(outcome.explanation()).contains("SCSI controller 0", "view does not have it");
    expect(Attached.class, attach(domain, DISK));
  }

  /** Another tool plugs a disk on a controller that is missing, and libvirt fills the views. */
  @Test
  void whatLibvirtHasPluggedMeanwhileIsTold() throws Exception {
    SimulatedDomain domain = running("q35");
    String others =
        "<disk type='file' device='disk'><source file='/srv/others'/><target dev='sdz' bus='scsi'/>"
            + "<address type='drive' controller='0' bus='0' target='0' unit='9'/></disk>";
    beforeTheFirstAttach(() -> handle(domain).attachDevice(others, Set.of(LIVE)));

    Attached attached = expect(Attached.class, attach(domain, DISK));

    assertThat(attached.observed().controllers())
        .anyMatch(told -> told.contains("appeared in the LIVE view"))
        .anyMatch(told -> told.startsWith("plugged ") && told.contains("the PERSISTENT view"));
    assertThat(controllers(domain, PERSISTENT)).hasSize(1);
  }
}
