// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.model;

import io.diskplug.domain.DeviceAddress;
import org.jspecify.annotations.Nullable;

/**
 * A controller: it provides a bus that devices sit on, and usually sits on a bus itself.
 *
 * @param type libvirt's type, for example {@code pci}, {@code scsi}, {@code virtio-serial}
 * @param index its index; for a PCI controller also the number of the bus it provides
 * @param model its model, for example {@code pcie-root-port}, if the XML names one
 * @param alias its alias, if the view names one
 * @param address where it sits itself, or null (a root bus sits nowhere)
 * @param hotplug false if nothing can be plugged into its bus while the guest runs, whatever its
 *     model: {@code <target hotplug='off'/>} forbids it, or it is the root bus of a {@code pc}
 *     guest without ACPI
 */
public record Controller(
    String type,
    int index,
    @Nullable String model,
    @Nullable String alias,
    @Nullable DeviceAddress address,
    boolean hotplug)
    implements Holder {

  /** Whether it is a PCI controller: its index is the number of a PCI bus. */
  public boolean isPci() {
    return type.equals("pci");
  }

  /** Whether it is a SCSI controller. */
  public boolean isScsi() {
    return type.equals("scsi");
  }

  /** Controllers sit on no SCSI bus. */
  @Override
  public boolean isOnScsiBus() {
    return false;
  }

  /** Its type and index: {@code scsi controller 0}. */
  @Override
  public String description() {
    return type + " controller " + index;
  }
}
