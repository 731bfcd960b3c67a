// SPDX-License-Identifier: Apache-2.0
package io.diskplug.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.conformance.Machine;
import io.diskplug.conformance.MachineSpec;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.DomainHandle;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A domain of the lab, in the hands of an operator and of other tools. */
final class LabMachine implements Machine {

  private static final Pattern PCI_CONTROLLER =
      Pattern.compile("<controller type='pci' index='(\\d+)'.*?</controller>", Pattern.DOTALL);
  private static final Pattern SCSI_CONTROLLER =
      Pattern.compile("<controller type='scsi'.*?</controller>", Pattern.DOTALL);

  private final LabTestBed bed;
  private final Lab lab;
  private final Guest guest;
  private final QemuMonitor qemu;
  private final boolean persistent;

  /** libvirt writes this file and renames it; a directory of that name is in its way. */
  private final Path obstacle;

  private static final String SNAPSHOT = "memory";

  private @Nullable DomainHandle handle;

  /** QEMU that the daemon has forgotten. */
  private @Nullable ProcessHandle forgotten;

  private long bootsBefore;
  private @Nullable LabDump dump;
  private boolean frozen;

  private LabMachine(LabTestBed bed, Guest guest, boolean persistent) {
    this.bed = bed;
    this.lab = bed.lab();
    this.guest = guest;
    this.qemu = new QemuMonitor(lab, guest);
    this.persistent = persistent;
    this.obstacle = lab.directory().resolve("conf/libvirt/qemu").resolve(guest.name() + ".xml.new");
  }

  /** Defines it: what the lab knows as pc or q35, with other controllers. */
  static LabMachine define(LabTestBed bed, MachineSpec spec) {
    Lab lab = bed.lab();
    Guest guest = Guest.define(lab, spec.type().xmlName());
    String xml = lab.virsh("dumpxml", "--inactive", guest.name());
    String wanted = withControllers(xml, spec);
    if (!wanted.equals(xml)) {
      lab.define(wanted);
    }
    return new LabMachine(bed, guest, spec.persistent());
  }

  private static String withControllers(String xml, MachineSpec spec) {
    String chosen = PCI_CONTROLLER.matcher(xml).replaceAll(found -> port(found.group(), spec));
    return spec.scsiController() ? chosen : SCSI_CONTROLLER.matcher(chosen).replaceAll("");
  }

  private static String port(String element, MachineSpec spec) {
    Matcher index = PCI_CONTROLLER.matcher(element);
    if (!element.contains("pcie-root-port") || !index.matches()) {
      return Matcher.quoteReplacement(element);
    }
    int number = Integer.parseInt(index.group(1));
    if (number > spec.rootPorts()) {
      return "";
    }
    return Matcher.quoteReplacement(
        spec.hotplugOff().contains(number)
            ? element.replace("<target ", "<target hotplug='off' ")
            : element);
  }

  @Override
  public UUID uuid() {
    return guest.uuid();
  }

  @Override
  public String name() {
    return guest.name();
  }

  @Override
  public DomainHandle handle() {
    try {
      DomainHandle known = handle;
      if (known == null) {
        known = bed.hypervisor().lookup(DomainRef.uuid(uuid()));
        handle = known;
      }
      return known;
    } catch (FaultException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void start() {
    bootsBefore = guest.boots();
    lab.virsh("start", name());
    if (!persistent) {
      lab.virsh("undefine", name());
    }
  }

  @Override
  public void startPaused() {
    bootsBefore = guest.boots();
    lab.virsh("start", "--paused", name());
    if (!persistent) {
      lab.virsh("undefine", name());
    }
  }

  @Override
  public void destroy() {
    guest.destroy();
  }

  @Override
  public void suspend() {
    guest.pause();
  }

  @Override
  public void resume() {
    guest.resume();
  }

  @Override
  public void reset() {
    bootsBefore = guest.boots();
    lab.virsh("reset", name());
  }

  @Override
  public void managedSave() {
    lab.virsh("managedsave", name());
  }

  @Override
  public void removeManagedSave() {
    lab.virsh("managedsave-remove", name());
  }

  @Override
  public void saveToFile() {
    lab.virsh("save", name(), savedFile().toString());
  }

  @Override
  public void restoreFromFile() {
    lab.virsh("restore", savedFile().toString());
  }

  private Path savedFile() {
    return lab.filesDirectory().resolve(name() + ".save");
  }

  @Override
  public void snapshotMemory() {
    lab.virsh(
        "snapshot-create-as",
        name(),
        SNAPSHOT,
        "--memspec",
        "file=" + lab.filesDirectory().resolve(name() + ".memory"));
  }

  @Override
  public void migrateAway() {
    bed.otherHost().takes(guest);
  }

  @Override
  public void daemonForgets() {
    forgotten = qemu.process();
    bed.daemon().forget(guest);
  }

  @Override
  public boolean isOpenElsewhere(String file) {
    ProcessHandle process = forgotten;
    return process == null
        ? bed.otherHost().holds(guest, Path.of(file))
        : process.isAlive() && OpenFiles.of(process).contains(Path.of(file));
  }

  @Override
  public void endElsewhere() {
    ProcessHandle process = forgotten;
    if (process == null) {
      bed.otherHost().destroy(guest);
    } else {
      boolean unused = process.destroyForcibly();
      process.onExit().join();
      forgotten = null;
    }
  }

  @Override
  public void undefine() {
    lab.virsh("undefine", "--managed-save", name());
  }

  @Override
  public void killQemu() {
    qemu.kill();
    frozen = false;
    bed.await("libvirt knows that QEMU is gone", () -> !isRunning());
  }

  private boolean isRunning() {
    Lab.Result state = lab.tryVirsh("domstate", name());
    return state.exitCode() == 0 && !state.output().equals("shut off");
  }

  @Override
  public void freezeQemu() {
    qemu.freeze();
    frozen = true;
  }

  @Override
  public void thawQemu() {
    qemu.thaw();
    frozen = false;
  }

  @Override
  public void awaitGuest() {
    bed.await(
        "the guest has booted",
        () -> guest.boots() > bootsBefore && lab.tryRun("guest", "disks", name()).exitCode() == 0);
  }

  @Override
  public Set<String> guestSerials() {
    return guest.sees().stream().map(Guest.SeenDisk::serial).collect(Collectors.toSet());
  }

  @Override
  public void blockCopy(String targetDev, String destination) {
    lab.virsh(
        "blockcopy",
        name(),
        targetDev,
        "--dest",
        destination,
        "--reuse-external",
        "--format",
        "raw",
        "--transient-job",
        "--wait");
  }

  @Override
  public boolean beginBackup(String targetDev) {
    String name = Lab.unique("backup");
    Path scratch = lab.directory().resolve("files/" + name + ".qcow2");
    Path socket = lab.directory().resolve("files/" + name);
    String disks =
        liveTargets().stream()
            .map(
                disk ->
                    "<disk name='"
                        + disk
                        + (disk.equals(targetDev)
                            ? "' backup='yes' type='file'><scratch file='" + scratch + "'/></disk>"
                            : "' backup='no'/>"))
            .collect(Collectors.joining());
    String xml =
        "<domainbackup mode='pull'><server transport='unix' socket='"
            + socket
            + "'/><disks>"
            + disks
            + "</disks></domainbackup>";
    return lab.beginsBackup(name(), write(lab, xml));
  }

  /** The target devs of the live view. */
  private List<String> liveTargets() {
    return DomainXmlReader.readDomain(lab.virsh("dumpxml", name()), View.LIVE).disks().stream()
        .map(Disk::targetDev)
        .toList();
  }

  @Override
  public void endBackup(String targetDev) {
    lab.virsh("domjobabort", name());
    // libvirt returns before the block job of the disk has ended.
    bed.await("the backup has ended", () -> !lab.virsh("domjobinfo", name()).contains("Backup"));
  }

  @Override
  public void beginDump() {
    dump = LabDump.begin(lab, name());
  }

  @Override
  public void endDump() {
    LabDump begun = dump;
    if (begun != null) {
      begun.close();
      dump = null;
    }
  }

  @Override
  public void pivot(String targetDev) {
    lab.virsh("blockjob", name(), targetDev, "--pivot");
  }

  @Override
  public void abortBlockCopy(String targetDev) {
    lab.virsh("blockjob", name(), targetDev, "--abort");
  }

  @Override
  public void snapshot(String targetDev, String overlay) {
    lab.virsh(
        "snapshot-create-as",
        name(),
        "--disk-only",
        "--no-metadata",
        "--diskspec",
        targetDev + ",file=" + overlay);
  }

  @Override
  public void setMetadata(String namespace, String element, Set<View> scope) {
    Set<String> words = new HashSet<>();
    if (scope.contains(View.LIVE)) {
      words.add("--live");
    }
    if (scope.contains(View.PERSISTENT)) {
      words.add("--config");
    }
    String[] last = words.toArray(String[]::new);
    String[] first =
        element.isEmpty()
            ? new String[] {"metadata", name(), "--uri", namespace, "--remove"}
            : new String[] {
              "metadata", name(), "--uri", namespace, "--key", "other", "--set", element
            };
    String[] all = java.util.Arrays.copyOf(first, first.length + last.length);
    System.arraycopy(last, 0, all, first.length, last.length);
    lab.virsh(all);
  }

  @Override
  public void blockSaving() {
    try {
      Files.createDirectory(obstacle);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void allowSaving() {
    try {
      Files.deleteIfExists(obstacle);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void export(String nodeName) {
    mustQemu(
        "{'execute':'nbd-server-start','arguments':{'addr':{'type':'unix','data':{'path':'%s'}}}}"
            .formatted(lab.directory().resolve("run").resolve(Lab.unique("nbd"))));
    mustQemu(
        "{'execute':'block-export-add','arguments':{'type':'nbd','id':'%1$s','name':'%1$s','node-name':'%1$s','writable':false}}"
            .formatted(nodeName));
  }

  @Override
  public void unexport(String nodeName) {
    mustQemu(
        "{'execute':'block-export-del','arguments':{'id':'%s','mode':'hard'}}".formatted(nodeName));
    mustQemu("{'execute':'nbd-server-stop'}");
  }

  private void mustQemu(String command) {
    assertThat(guest.askQemu(command.replace('\'', '"'))).as(command).contains("\"return\"");
  }

  @Override
  public FaultException killDaemonInAttach(String deviceXml, Set<View> scope, Leftover leftover) {
    return new CutShort(bed, this, guest, qemu).attach(deviceXml, scope, leftover);
  }

  @Override
  public FaultException terminateDaemonInAttach(String deviceXml, Set<View> scope) {
    return new CutShort(bed, this, guest, qemu).attach(deviceXml, scope);
  }

  @Override
  public FaultException endDaemonInDetach(String deviceXml, Set<View> scope, End how) {
    return new CutShort(bed, this, guest, qemu).detach(deviceXml, scope, how);
  }

  @Override
  public void releaseWhileDaemonIsDead(String alias, String serial, Set<View> scope)
      throws FaultException {
    handle().detachDeviceByAlias(alias, scope);
    // The guest stops with QEMU, and nobody else has to say that it goes on.
    freezeQemu();
    bed.killDaemon();
    thawQemu();
    bed.await("the guest releases the disk", () -> !guestSerials().contains(serial));
    bed.startDaemon();
  }

  private static Path write(Lab lab, String xml) {
    try {
      Path file = lab.file(Lab.unique("backup") + ".xml", 0);
      return Files.writeString(file, xml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whatever state it is in. */
  void remove() {
    allowSaving();
    if (frozen) {
      thawQemu();
    }
    if (forgotten != null) {
      endElsewhere();
    }
    Lab.Result unused = lab.tryVirsh("destroy", name());
    unused = lab.tryVirsh("snapshot-delete", name(), SNAPSHOT, "--metadata");
    unused = lab.tryRun("guest", "rm", name());
  }

  @Override
  public String toString() {
    return name();
  }
}
