// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.StorageSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.LibvirtException;
import org.libvirt.TypedParameter;
import org.libvirt.TypedUlongParameter;

/**
 * A domain of the lab's libvirtd that exists for one check, and all that was done to it. Used by
 * one thread.
 */
final class OracleDomain implements AutoCloseable {

  static final int LIVE = 1;
  static final int CONFIG = 2;

  private static final int XML_INACTIVE = 2;

  /** libvirt destroys it when the connection ends, however that comes about. */
  private static final int PAUSED_AND_AUTODESTROY =
      Domain.CreateFlags.PAUSED | Domain.CreateFlags.AUTODESTROY;

  /** libvirt-java wants at least one parameter. */
  private static final TypedParameter NO_LIMIT = new TypedUlongParameter("bandwidth", 0);

  private final Domain domain;
  private final DiskFiles files;
  private final StringBuilder history = new StringBuilder();
  private boolean running;
  private boolean persistent = true;
  private int aliases;

  private OracleDomain(Domain domain, String xml, DiskFiles files) {
    this.domain = domain;
    this.files = files;
    history.append("defined as\n").append(xml);
  }

  /** Defines it; libvirt may refuse. */
  static OracleDomain define(Connect connect, String xml, DiskFiles files) throws LibvirtException {
    return new OracleDomain(connect.domainDefineXML(xml), xml, files);
  }

  void start() throws LibvirtException {
    domain.create(PAUSED_AND_AUTODESTROY);
    running = true;
    history.append("started\n");
  }

  /** Takes the persistent view away. */
  void makeTransient() throws LibvirtException {
    domain.undefine();
    persistent = false;
    history.append("made transient\n");
  }

  boolean isRunning() {
    return running;
  }

  /** The flags that reach every view there is. */
  int everyView() {
    return (running ? LIVE : 0) | (persistent ? CONFIG : 0);
  }

  Sight look() throws LibvirtException {
    return new Sight(
        running ? domain.getXMLDesc(0) : null, persistent ? domain.getXMLDesc(XML_INACTIVE) : null);
  }

  /** Where QEMU has a disk; the domain runs. */
  String placeInQemu(String alias, DeviceAddress address) throws LibvirtException {
    return QemuPlace.of(domain, alias, address);
  }

  /** The definition and every change since, with libvirt's answers. */
  String history() {
    return history.toString();
  }

  /** A user alias that no device of the domain has. */
  String newAlias() {
    return "ua-oracle-" + aliases++;
  }

  String name() throws LibvirtException {
    return domain.getName();
  }

  DomainRef ref() throws LibvirtException {
    return DomainRef.uuid(UUID.fromString(domain.getUUIDString()));
  }

  /** A file that no disk of the domain has. */
  Path newFile() {
    return files.next();
  }

  /**
   * The target devs of the live view, and whether the disk has something in it that can be written.
   */
  Map<String, Boolean> liveTargets() throws LibvirtException {
    Map<String, Boolean> targets = new TreeMap<>();
    for (Disk disk : look().views().live().disks()) {
      targets.put(
          disk.targetDev(),
          !disk.targetDev().startsWith("fd") && !disk.source().equals(StorageSource.NONE));
    }
    return targets;
  }

  /** Begins a copy of a disk that goes on; the answer is libvirt's error, or nothing. */
  String copy(String target) {
    String xml =
        "<disk type='file'><source file='%s'/><driver type='raw'/></disk>".formatted(files.next());
    Optional<String> error =
        answer(
            "copy " + target,
            xml,
            LIVE,
            () ->
                domain.blockCopy(
                    target,
                    xml,
                    new TypedParameter[] {NO_LIMIT},
                    Domain.BlockCopyFlags.REUSE_EXT | Domain.BlockCopyFlags.TRANSIENT_JOB));
    return error.orElse("");
  }

  /** Something that was done in another way. */
  void note(String what) {
    history.append(what + "\n");
  }

  /** A disk on a new file. */
  String diskXml(String bus, String targetDev, String alias, DeviceAddress address) {
    return """
        <disk type='file' device='disk'>
        <driver name='qemu' type='raw'/>
        <source file='%s'/>
        <target dev='%s' bus='%s'/>
        <alias name='%s'/>
        %s
        </disk>
        """
        .formatted(files.next(), targetDev, bus, alias, addressXml(address));
  }

  private static String addressXml(DeviceAddress address) {
    if (address instanceof PciAddress pci) {
      return new PciControllers.Slot(pci.bus(), pci.slot()).xml(pci.function(), "");
    } else if (address instanceof DriveAddress drive) {
      return "<address type='drive' controller='%d' bus='%d' target='%d' unit='%d'/>"
          .formatted(drive.controller(), drive.bus(), drive.target(), drive.unit());
    }
    return "";
  }

  /** Attaches a device. The answer is libvirt's error, if it refused. */
  Optional<String> attach(String xml, int flags) {
    return answer("attach", xml, flags, () -> domain.attachDeviceFlags(xml, flags));
  }

  /** Detaches a device. The answer is libvirt's error, if it refused. */
  Optional<String> detach(String xml, int flags) {
    return answer("detach", xml, flags, () -> domain.detachDeviceFlags(xml, flags));
  }

  private interface Call {
    void run() throws LibvirtException;
  }

  private Optional<String> answer(String verb, String xml, int flags, Call call) {
    String views = ((flags & LIVE) != 0 ? " live" : "") + ((flags & CONFIG) != 0 ? " config" : "");
    history.append(verb + views + " " + xml.replaceAll("\\s*\n\\s*", "") + "\n");
    try {
      call.run();
      return Optional.empty();
    } catch (LibvirtException e) {
      history.append("  refused: " + e.getMessage() + "\n");
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Removes it, whatever state it is in. */
  @Override
  public void close() throws LibvirtException {
    try {
      if (running) {
        domain.destroy();
      }
    } finally {
      if (persistent) {
        domain.undefine();
      }
      domain.free();
    }
  }
}
