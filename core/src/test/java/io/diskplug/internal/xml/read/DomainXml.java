// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.xml.read;

import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Writes domain XML for tests. */
public final class DomainXml {

  private final String architecture;
  private final String machine;
  private final List<String> devices = new ArrayList<>();
  private String type = "kvm";
  private boolean acpi = true;

  private DomainXml(String architecture, String machine) {
    this.architecture = architecture;
    this.machine = machine;
  }

  /** A domain of any machine type, without devices. */
  public static DomainXml of(String architecture, String machine) {
    return new DomainXml(architecture, machine);
  }

  /** An i440fx guest with its root bus. */
  public static DomainXml pc() {
    return of("x86_64", "pc-i440fx-7.2").pci(0, "pci-root");
  }

  /** A q35 guest with its root bus. */
  public static DomainXml q35() {
    return of("x86_64", "pc-q35-7.2").pci(0, "pcie-root");
  }

  /** A guest of IBM Z. */
  public static DomainXml s390x() {
    return of("s390x", "s390-ccw-virtio-7.2");
  }

  /** Changes the hypervisor. */
  public DomainXml type(String hypervisor) {
    this.type = hypervisor;
    return this;
  }

  /** Leaves ACPI out. */
  public DomainXml withoutAcpi() {
    this.acpi = false;
    return this;
  }

  /** Adds PCI controllers of one model with the indexes from the first to the last. */
  public DomainXml pci(int first, int last, String model) {
    for (int index = first; index <= last; index++) {
      pci(index, model);
    }
    return this;
  }

  /** Adds a PCI controller without an address of its own. */
  public DomainXml pci(int index, String model) {
    return controller("pci", index, model, "");
  }

  /** Adds a PCI controller that forbids hot-plug. */
  public DomainXml pciHotplugOff(int index, String model) {
    return controller("pci", index, model, "<target hotplug='off'/>");
  }

  /** Adds a SCSI controller without an address of its own. */
  public DomainXml scsi(int index, String model) {
    return controller("scsi", index, model, "");
  }

  /** Adds a controller. */
  public DomainXml controller(String kind, int index, String model, String children) {
    return device(
        "<controller type='%s' index='%d' model='%s'>%s</controller>"
            .formatted(kind, index, model, children));
  }

  /** Adds a disk without an alias. */
  public DomainXml disk(String targetDev, String bus, String address) {
    return disk(targetDev, bus, "", address);
  }

  /** Adds a disk; an empty alias or address is left out. */
  public DomainXml disk(String targetDev, String bus, String alias, String address) {
    return device(
        "<disk type='file' device='disk'><source file='/images/%s'/><target dev='%s' bus='%s'/>%s%s</disk>"
            .formatted(targetDev, targetDev, bus, alias(alias), address));
  }

  /** Adds a device that is neither a disk nor a controller. */
  public DomainXml other(String kind, String alias, String address) {
    return device("<%s>%s%s</%s>".formatted(kind, alias(alias), address, kind));
  }

  /** Adds a child of the devices element as it is. */
  public DomainXml device(String xml) {
    devices.add(xml);
    return this;
  }

  /** Changes the order of the devices. */
  public DomainXml shuffled(Random random) {
    Collections.shuffle(devices, random);
    return this;
  }

  /** An address on PCI. */
  public static String pciAddress(int bus, int slot) {
    return pciAddress(bus, slot, 0);
  }

  /** An address on PCI. */
  public static String pciAddress(int bus, int slot, int function) {
    return "<address type='pci' domain='0x0000' bus='0x%02x' slot='0x%02x' function='0x%x'/>"
        .formatted(bus, slot, function);
  }

  /** An address on a controller of drives. */
  public static String driveAddress(int controller, int target, int unit) {
    return "<address type='drive' controller='%d' bus='0' target='%d' unit='%d'/>"
        .formatted(controller, target, unit);
  }

  /** The address of a channel device. */
  public static String ccwAddress(int devno) {
    return "<address type='ccw' cssid='0xfe' ssid='0x0' devno='0x%04x'/>".formatted(devno);
  }

  /** The document. */
  public String xml() {
    return """
    <domain type='%s'>
      <name>guest</name>
      <uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>
      <os><type arch='%s' machine='%s'>hvm</type></os>
      <features>%s</features>
      <devices>
        %s
      </devices>
    </domain>
    """
        .formatted(
            type, architecture, machine, acpi ? "<acpi/>" : "", String.join("\n    ", devices));
  }

  /** The document as one of the views. */
  public DomainView view(View view) {
    return DomainXmlReader.readDomain(xml(), view);
  }

  /** A transient domain: a live view only. */
  public DomainViews live() {
    return new DomainViews(view(View.LIVE), null);
  }

  /** A domain that is shut off: a persistent view only. */
  public DomainViews shutOff() {
    return new DomainViews(null, view(View.PERSISTENT));
  }

  /** A running domain whose views are the same. */
  public DomainViews running() {
    return running(this);
  }

  /** A running domain: this is the live view. */
  public DomainViews running(DomainXml persistent) {
    return new DomainViews(view(View.LIVE), persistent.view(View.PERSISTENT));
  }

  private static String alias(String name) {
    return name.isEmpty() ? "" : "<alias name='" + name + "'/>";
  }
}
