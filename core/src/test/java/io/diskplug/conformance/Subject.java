// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import static io.diskplug.domain.View.LIVE;
import static io.diskplug.domain.View.PERSISTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.ExampleKind;
import io.diskplug.internal.model.Device;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.qemu.QemuNode;
import io.diskplug.internal.qemu.QemuView;
import io.diskplug.internal.qemu.UnexpectedAnswerException;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** The domain that a case is about, with what cases ask it and do to it. */
final class Subject {

  static final Set<View> BOTH = Set.of(LIVE, PERSISTENT);
  static final Set<View> IN_LIVE = Set.of(LIVE);
  static final Set<View> IN_CONFIG = Set.of(PERSISTENT);

  private final TestBed bed;
  private final Machine machine;

  Subject(TestBed bed, Machine machine) {
    this.bed = bed;
    this.machine = machine;
  }

  Machine machine() {
    return machine;
  }

  DomainHandle handle() {
    return machine.handle();
  }

  void attach(DiskElement disk, Set<View> scope) throws FaultException {
    handle().attachDevice(disk.xml(), scope);
  }

  void detach(DiskElement disk, Set<View> scope) throws FaultException {
    handle().detachDevice(disk.xml(), scope);
  }

  /** Attaches a disk with a serial, and waits until the guest sees it. */
  void attachSeen(DiskElement disk, Set<View> scope) throws FaultException {
    attach(disk, scope);
    awaitSeen(disk.serial());
  }

  void awaitSeen(String serial) {
    bed.await("the guest sees " + serial, () -> machine.guestSerials().contains(shown(serial)));
  }

  /** Waits until the guest sees exactly this. */
  void awaitGuestSerial(String shown) {
    bed.await("the guest sees " + shown, () -> machine.guestSerials().contains(shown));
  }

  void awaitNotSeen(String serial) {
    bed.await("the guest sees no " + serial, () -> !machine.guestSerials().contains(shown(serial)));
  }

  void awaitNotLive(String targetDev) {
    bed.await(targetDev + " leaves the live view", () -> find(LIVE, targetDev).isEmpty());
  }

  /** What virtio-blk shows of a serial. */
  static String shown(String serial) {
    return serial.substring(0, Math.min(20, serial.length()));
  }

  DomainView view(View view) throws FaultException {
    return DomainXmlReader.readDomain(handle().xml(view), view);
  }

  /**
   * The devices of a view and where they are. Without the aliases of the controllers: a daemon that
   * was restarted has forgotten that of a USB controller that is none.
   */
  List<String> essence(View view) throws FaultException {
    DomainView all = view(view);
    Stream<String> controllers =
        all.controllers().stream().map(c -> c.description() + " " + c.model() + " " + c.address());
    Stream<String> disks = all.disks().stream().map(Disk::toString);
    Stream<String> devices = all.devices().stream().map(Device::toString);
    return Stream.of(controllers, disks, devices).flatMap(Function.identity()).toList();
  }

  Optional<Disk> find(View view, String targetDev) throws FaultException {
    return view(view).disks().stream().filter(disk -> disk.targetDev().equals(targetDev)).findAny();
  }

  Disk live(String targetDev) throws FaultException {
    return find(LIVE, targetDev).orElseThrow();
  }

  Disk config(String targetDev) throws FaultException {
    return find(PERSISTENT, targetDev).orElseThrow();
  }

  /** The target devs of a view's disks. */
  List<String> targets(View view) throws FaultException {
    return view(view).disks().stream().map(Disk::targetDev).toList();
  }

  /** The disk is in one of the views, in both or in none, by its target dev. */
  void isIn(Set<View> views, String targetDev) throws FaultException {
    for (View view : View.values()) {
      assertThat(find(view, targetDev).isPresent())
          .as("%s in the %s view", targetDev, view)
          .isEqualTo(views.contains(view));
    }
  }

  /** Something that must leave both views and QEMU as they are. */
  void unchanged(TestBed.Call call) throws FaultException {
    DomainView live = view(LIVE);
    DomainView persistent = view(PERSISTENT);
    QemuView qemu = qemu();
    call.run();
    assertThat(view(LIVE)).isEqualTo(live);
    assertThat(view(PERSISTENT)).isEqualTo(persistent);
    assertThat(qemu().devices()).isEqualTo(qemu.devices());
    assertThat(qemu().nodes()).containsExactlyInAnyOrderElementsOf(qemu.nodes());
  }

  /** What QEMU has. */
  QemuView qemu() throws FaultException {
    try {
      return QemuView.read(handle()::askQemu, ExampleKind.ALL);
    } catch (UnexpectedAnswerException e) {
      throw new AssertionError(e);
    }
  }

  /** The uppermost node of each device. */
  Map<String, String> nodesInUse() throws FaultException {
    try {
      return QemuView.nodesInUse(handle()::askQemu);
    } catch (UnexpectedAnswerException e) {
      throw new AssertionError(e);
    }
  }

  boolean hasJobs() throws FaultException {
    try {
      return QemuView.hasJobs(handle()::askQemu);
    } catch (UnexpectedAnswerException e) {
      throw new AssertionError(e);
    }
  }

  boolean qemuHasDevice(String id) throws FaultException {
    return qemu().devices().contains(id);
  }

  boolean qemuHolds(String file) throws FaultException {
    return qemu().sources().stream().map(StorageSource::name).anyMatch(file::equals);
  }

  /** The names of the nodes on a file, the uppermost first. */
  List<String> nodesOn(String file) throws FaultException {
    return qemu().stackOn(new SourceIdentity("file", "", file)).stream()
        .map(QemuNode::name)
        .toList();
  }

  /** Whether QEMU carries out a command, which is written with single quotes. */
  boolean qemuDoes(String command) throws FaultException {
    try {
      return QemuView.refusal(handle().askQemu(command.replace('\'', '"'))).isEmpty();
    } catch (UnexpectedAnswerException e) {
      throw new AssertionError(e);
    }
  }

  boolean deleteDevice(String id) throws FaultException {
    return qemuDoes("{'execute':'device_del','arguments':{'id':'%s'}}".formatted(id));
  }

  boolean deleteNode(String name) throws FaultException {
    return qemuDoes("{'execute':'blockdev-del','arguments':{'node-name':'%s'}}".formatted(name));
  }

  /** Takes every disk away again, whatever a case has left of it. */
  void removeDisks() throws FaultException {
    removeConfiguredDisks();
    Set<String> asked = new HashSet<>();
    bed.await(
        "every disk leaves " + machine,
        () -> {
          List<Disk> disks = view(LIVE).disks();
          for (Disk disk : disks) {
            String alias = disk.alias();
            if (alias != null && asked.add(alias)) {
              handle().detachDeviceByAlias(alias, IN_LIVE);
            }
          }
          return disks.isEmpty();
        });
    bed.await("the guest sees no disk", () -> machine.guestSerials().isEmpty());
  }

  private void removeConfiguredDisks() throws FaultException {
    for (Disk disk : view(PERSISTENT).disks()) {
      handle().detachDevice(xmlOf(PERSISTENT, disk), IN_CONFIG);
    }
  }

  private String xmlOf(View view, Disk disk) throws FaultException {
    return DomainXmlReader.diskXml(handle().xml(view), disk.targetDev()).orElseThrow();
  }
}
