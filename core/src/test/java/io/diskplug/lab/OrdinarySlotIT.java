// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.DiskPlug;
import io.diskplug.alloc.NewController;
import io.diskplug.disk.DiskOptions;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.local.FileDisk;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AttachOutcome;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Planned;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Waiver;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Slots without hot-plug, and buses that are added to the configuration. */
class OrdinarySlotIT {

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String ACPI = "<acpi/>";
  private static final String PORT_WITHOUT_HOT_PLUG =
      "<controller type='pci' index='1' model='pcie-root-port'><target hotplug='off'/>"
          + "<address type='pci' domain='0' bus='0' slot='1' function='0'/></controller>";

  private final Lab lab = Lab.current();
  private final String name = Lab.unique("places");
  private final UUID uuid = UUID.randomUUID();
  private final DomainRef domain = DomainRef.uuid(uuid);

  private void define(String machine, String features, String devices) {
    lab.define(
        """
        <domain type='qemu'><name>%s</name><uuid>%s</uuid><memory unit='MiB'>32</memory>
        <vcpu>1</vcpu><os><type arch='x86_64' machine='%s'>hvm</type></os>
        <features>%s</features>
        <devices><controller type='usb' index='0' model='none'/>%s<input type='mouse' bus='ps2'/>
        <audio id='1' type='none'/><memballoon model='none'/></devices></domain>
        """
            .formatted(name, uuid, machine, features, devices));
  }

  @AfterEach
  void undefine() {
    lab.tryVirsh("destroy", name);
    lab.tryVirsh("undefine", name);
  }

  private FileDisk disk() {
    return disk(DiskOptions.DEFAULTS);
  }

  private FileDisk disk(DiskOptions options) {
    String id = Lab.volumeId();
    return new FileDisk(id, lab.file(id, 1 << 20), options);
  }

  private DomainView persistent() {
    return DomainXmlReader.readDomain(lab.virsh("dumpxml", "--inactive", name), View.PERSISTENT);
  }

  private static String slots(int first, int last) {
    return IntStream.rangeClosed(first, last)
        .mapToObj(
            slot ->
                "<rng model='virtio'><backend model='random'>/dev/urandom</backend><address"
                    + " type='pci' domain='0' bus='0' slot='"
                    + slot
                    + "' function='0'/></rng>")
        .collect(Collectors.joining());
  }

  private static String rngOn(int bus) {
    return slots(0, 0).replace("bus='0'", "bus='" + bus + "'");
  }

  /** A file with a device. */
  private String file(String device) throws IOException {
    return Files.writeString(lab.filesDirectory().resolve(name + ".xml"), device).toString();
  }

  private static String port(int index) {
    return "<controller type='pci' index='%d' model='pcie-root-port'><address type='pci' domain='0' bus='0' slot='%d' function='0'/></controller>"
        .formatted(index, index);
  }

  private static DiskPlan.Attach plan(DiskPlug plug, DomainRef domain, FileDisk disk) {
    Planned planned = (Planned) plug.plan(domain, List.of(disk), DEADLINE);
    return (DiskPlan.Attach) planned.disks().get(0);
  }

  private static Attached attached(AttachOutcome outcome) {
    assertThat(outcome).isInstanceOf(Attached.class);
    return (Attached) outcome;
  }

  @Test
  void f1AnOrdinarySlotWhereNothingCanBeHotPlugged() {
    define("pc", "", "");
    FileDisk disk = disk();
    FileDisk second = disk();
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      assertThat(plan(plug, domain, disk).placement().fixed()).isTrue();
      Attached attached = attached(plug.attach(domain, disk, DEADLINE));
      assertThat(attached.fixed()).isTrue();
      assertThat(attached.address()).isEqualTo(PciAddress.of(0, 2));
      assertThat(plug.attach(domain, disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);

      lab.virsh("start", name, "--paused");
      // libvirt alone refuses, and so it is said before the disk is tried.
      assertThat(lab.tryVirsh("detach-disk", name, attached.targetDev(), "--live").output())
          .contains("does not support hotplugging");
      Inspected inspected = (Inspected) plug.inspect(domain, DEADLINE);
      assertThat(inspected.disks()).allMatch(report -> report.fixed());
      assertThat(plug.detach(domain, disk.volume(), DEADLINE)).isInstanceOf(Rejected.class);
      Rejected noRoom = (Rejected) plug.attach(domain, second, DEADLINE);
      assertThat(noRoom.reason()).isEqualTo(Rejected.Reason.NO_ROOM);
      assertThat(noRoom.explanation()).contains("shut the domain down and attach the disk then");

      lab.virsh("destroy", name);
      assertThat(attached(plug.attach(domain, second, DEADLINE)).fixed()).isTrue();
      assertThat(plug.detach(domain, disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
    }
  }

  @Test
  void f1ABusIsAddedToQ35() {
    define("q35", ACPI, PORT_WITHOUT_HOT_PLUG);
    FileDisk disk = disk();
    FileDisk second = disk();
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      DiskPlan.Attach plan = plan(plug, domain, disk);
      assertThat(plan.placement().fixed()).isFalse();
      Attached attached = attached(plug.attach(domain, disk, DEADLINE));
      assertThat(attached.fixed()).isFalse();
      assertThat(attached.address()).isEqualTo(PciAddress.of(2, 0));
      // The bus is where it was expected, too.
      assertThat(persistent().controllers())
          .filteredOn(controller -> controller.isPci() && controller.index() == 2)
          .singleElement()
          .satisfies(
              port -> {
                assertThat(port.model()).isEqualTo("pcie-root-port");
                assertThat(port.address()).isEqualTo(plan.placement().added().get(0).address());
              });

      // The bus stays, and is found the next time.
      assertThat(plug.detach(domain, disk.volume(), DEADLINE)).isInstanceOf(Detached.class);
      assertThat(plan(plug, domain, second).placement().added()).isEmpty();
      assertThat(attached(plug.attach(domain, second, DEADLINE)).address())
          .isEqualTo(PciAddress.of(2, 0));

      lab.virsh("start", name, "--paused");
      assertThat(lab.tryVirsh("qemu-monitor-command", name, "--hmp", "info block").output())
          .contains(second.volume().id());
    }
  }

  @Test
  void f1AnOrdinarySlotIsNamedWhereTheMachineCannotGrow() {
    // A device in another function of the port's slot, and one in each other slot.
    define(
        "q35",
        ACPI,
        PORT_WITHOUT_HOT_PLUG
            + "<controller type='pci' index='2' model='pcie-root-port'>"
            + "<address type='pci' domain='0' bus='0' slot='2' function='0'/></controller>"
            + slots(2, 2).replace("bus='0' slot='2'", "bus='2' slot='0'")
            + slots(3, 30)
            + IntStream.range(1, 8)
                .mapToObj(
                    function ->
                        (slots(1, 1) + slots(2, 2))
                            .replace("function='0'", "function='" + function + "'"))
                .collect(Collectors.joining()));
    FileDisk disk = disk();
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      Rejected rejected = (Rejected) plug.attach(domain, disk, DEADLINE);
      assertThat(rejected.reason()).isEqualTo(Rejected.Reason.NO_ROOM);
      assertThat(rejected.explanation()).contains("Waiver.HOT_UNPLUG");

      DiskPlug waiving = plug.waiving(Waiver.HOT_UNPLUG);
      assertThat(plan(waiving, domain, disk).placement().fixed()).isTrue();
      Attached attached = attached(waiving.attach(domain, disk, DEADLINE));
      assertThat(attached.fixed()).isTrue();
      assertThat(attached.address()).isEqualTo(PciAddress.of(1, 0));
    }
  }

  @Test
  void f1ABridgeIsAddedToAPc() {
    String bridge =
        "<controller type='pci' index='1' model='pci-bridge'>"
            + "<address type='pci' domain='0' bus='0' slot='2' function='0'/></controller>";
    define("pc", "", bridge + slots(1, 31).replace("bus='0'", "bus='1'"));
    FileDisk disk = disk();
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      Attached attached = attached(plug.attach(domain, disk, DEADLINE));
      assertThat(attached.fixed()).isFalse();
      assertThat(attached.address()).isEqualTo(PciAddress.of(2, 1));
      assertThat(persistent().pci().bus(2)).asString().isEqualTo("PCI bus 2 (pci-bridge)");
      lab.virsh("start", name, "--paused");
      assertThat(lab.tryVirsh("detach-disk", name, attached.targetDev(), "--live").output())
          .doesNotContain("does not support hotplugging");
    }
  }

  /** The last bus: one in the middle libvirt itself adds again as soon as it is removed. */
  @Test
  void f1ABusThatTheConfigurationLostIsAddedAgain() throws IOException {
    int lost = 3;
    define("q35", ACPI, port(1) + port(2) + port(lost) + rngOn(1) + rngOn(2));
    lab.virsh("start", name, "--paused");
    lab.virsh("detach-device", name, file(port(lost)), "--config");
    assertThat(persistent().pci().bus(lost)).isNull();
    FileDisk disk = disk();
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      assertThat(plan(plug, domain, disk).placement().added())
          .extracting(NewController::index)
          .containsExactly(lost);
      Attached attached = attached(plug.attach(domain, disk, DEADLINE));
      assertThat(attached.address()).isEqualTo(PciAddress.of(lost, 0));
      assertThat(attached.fixed()).isFalse();
      assertThat(persistent().pci().bus(lost)).asString().contains("pcie-root-port");

      lab.virsh("destroy", name);
      lab.virsh("start", name, "--paused");
      assertThat(plug.attach(domain, disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);
    }
  }

  /** The disk has one address in both views all the same, and finds it after a start. */
  @Test
  void f1AScsiControllerGetsAPlaceInEachViewWhereNoneIsFreeInBoth() throws IOException {
    define("q35", ACPI, port(1) + port(2));
    lab.virsh("start", name, "--paused");
    lab.virsh("attach-device", name, file(rngOn(1)), "--live");
    lab.virsh("attach-device", name, file(rngOn(2)), "--config");
    FileDisk disk = disk(DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      Attached attached = attached(plug.attach(domain, disk, DEADLINE));

      assertThat(attached.address()).isEqualTo(new DriveAddress(0, 0, 0, 0));
      assertThat(controller(View.LIVE)).isEqualTo(PciAddress.of(2, 0));
      assertThat(controller(View.PERSISTENT)).isEqualTo(PciAddress.of(1, 0));
      lab.virsh("destroy", name);
      lab.virsh("start", name, "--paused");
      assertThat(plug.attach(domain, disk, DEADLINE)).isInstanceOf(AlreadyAttached.class);
    }
  }

  @Test
  void f1AScsiControllerGoesToAConventionalBusWhereThePortsAreFull() {
    define(
        "q35",
        ACPI,
        port(1)
            + port(2)
            + "<controller type='pci' index='3' model='pcie-to-pci-bridge'>"
            + "<address type='pci' domain='0' bus='2' slot='0' function='0'/></controller>"
            + rngOn(1));
    lab.virsh("start", name, "--paused");
    FileDisk disk = disk(DiskOptions.DEFAULTS.withBus(DiskBus.SCSI));
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      Attached attached = attached(plug.attach(domain, disk, DEADLINE));

      assertThat(attached.address()).isEqualTo(new DriveAddress(0, 0, 0, 0));
      assertThat(controller(View.LIVE)).isEqualTo(PciAddress.of(3, 1));
      assertThat(controller(View.PERSISTENT)).isEqualTo(PciAddress.of(3, 1));
    }
  }

  private DeviceAddress controller(View view) {
    String xml =
        view == View.LIVE ? lab.virsh("dumpxml", name) : lab.virsh("dumpxml", "--inactive", name);
    return DomainXmlReader.readDomain(xml, view).scsiControllers().get(0).address();
  }

  @Test
  void f1AMachineWithoutPciSaysThatNothingHelps() {
    define("isapc", ACPI, "");
    FileDisk disk = disk();
    try (DiskPlug plug = DiskPlug.connect(lab.uri())) {
      Rejected rejected = (Rejected) plug.attach(domain, disk, DEADLINE);
      assertThat(rejected.reason()).isEqualTo(Rejected.Reason.NO_ROOM);
      assertThat(rejected.explanation()).contains("what would help: nothing");
    }
  }
}
