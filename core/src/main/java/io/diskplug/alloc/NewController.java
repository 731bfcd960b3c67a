// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.View;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A controller that a domain gets for the sake of a disk, and keeps when the disk is detached: a
 * SCSI controller that is plugged before the disk, because no usable one is there; or a PCI
 * controller that libvirt adds to the configuration by itself, because an address names its bus.
 *
 * @param type {@code scsi} or {@code pci}
 * @param index its index: of a SCSI controller the lowest that a view lacks, of a PCI controller
 *     the number of the bus that it provides
 * @param model its model as libvirt names it: {@code virtio-scsi}, or the model that the controller
 *     has in the other view, if it is matched: a virtio-scsi, or one that the disk is on already;
 *     {@code pcie-root-port} and others of a PCI controller
 * @param alias the user alias of a SCSI controller, made of the index, so that libvirt refuses a
 *     second one; null of a PCI controller, which libvirt names
 * @param address where it sits; null if it is left to libvirt, as for a disk ({@link
 *     Placement#address}). Of a PCI controller, where libvirt is expected to put it
 * @param added the PCI controllers that libvirt adds to the configuration for the sake of the
 *     address, as for a disk ({@link Placement#added}); usually none
 * @param views the views that get it
 */
public record NewController(
    String type,
    int index,
    String model,
    @Nullable String alias,
    @Nullable DeviceAddress address,
    List<NewController> added,
    Set<View> views) {

  /** Copies the collections. */
  public NewController {
    added = List.copyOf(added);
    views = Set.copyOf(views);
  }

  /** Names it for people: {@code SCSI controller 0 (virtio-scsi) at 0000:00:05.0 in both views}. */
  @Override
  public String toString() {
    return type.toUpperCase(Locale.ROOT)
        + " controller "
        + index
        + " ("
        + model
        + ")"
        + (address == null ? "" : " at " + address)
        + " in "
        + (views.size() > 1 ? "both views" : "the " + views.iterator().next() + " view");
  }
}
