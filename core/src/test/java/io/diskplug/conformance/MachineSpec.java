// SPDX-License-Identifier: Apache-2.0
package io.diskplug.conformance;

import java.util.Set;
import java.util.TreeSet;

/**
 * A domain to define: x86-64, ACPI, without disks, video, USB and network.
 *
 * @param type its machine type
 * @param rootPorts for q35: how many {@code pcie-root-port} controllers it has, with the indexes 1
 *     and up; 0 for pc
 * @param hotplugOff the indexes of the root ports that have {@code <target hotplug='off'/>}
 * @param scsiController whether it has a virtio-scsi controller, with index 0, where it takes none
 *     of the root ports
 * @param persistent whether it has a persistent view; a transient domain exists from its start to
 *     its end
 */
public record MachineSpec(
    Type type, int rootPorts, Set<Integer> hotplugOff, boolean scsiController, boolean persistent) {

  /** A machine type, in the spelling of the XML. */
  public enum Type {
    PC("pc"),
    Q35("q35");

    private final String xmlName;

    Type(String xmlName) {
      this.xmlName = xmlName;
    }

    /** As the XML spells it. */
    public String xmlName() {
      return xmlName;
    }
  }

  /** Copies the set. */
  public MachineSpec {
    hotplugOff = Set.copyOf(hotplugOff);
  }

  /** i440fx, with a SCSI controller. */
  public static MachineSpec pc() {
    return new MachineSpec(Type.PC, 0, Set.of(), true, true);
  }

  /** q35, with root ports and a SCSI controller. */
  public static MachineSpec q35(int rootPorts) {
    return new MachineSpec(Type.Q35, rootPorts, Set.of(), true, true);
  }

  /** The same without a SCSI controller. */
  public MachineSpec withoutScsi() {
    return new MachineSpec(type, rootPorts, hotplugOff, false, persistent);
  }

  /** The same without hot-plug at one root port. */
  public MachineSpec withHotplugOff(int port) {
    Set<Integer> ports = new TreeSet<>(hotplugOff);
    ports.add(port);
    return new MachineSpec(type, rootPorts, ports, scsiController, persistent);
  }

  /** The same without a persistent view. */
  public MachineSpec asTransient() {
    return new MachineSpec(type, rootPorts, hotplugOff, scsiController, false);
  }
}
