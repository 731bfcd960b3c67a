// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.Controller;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.View;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A SCSI controller that is plugged before a disk, because no usable one is there. It is never
 * removed.
 *
 * @param index its index: the lowest that a view lacks
 * @param model its model as libvirt names it: {@code virtio-scsi}, or the model that the controller
 *     has in the other view, if it is matched: a virtio-scsi, or one that the disk is on already
 * @param alias its user alias, made of the index, so that libvirt refuses a second one
 * @param address where it sits; null if it is left to libvirt, as for a disk ({@link
 *     Placement#address})
 * @param added the PCI controllers that libvirt adds to the configuration for the sake of the
 *     address, as for a disk ({@link Placement#added}); usually none
 * @param views the views that lack it
 */
public record NewController(
    int index,
    String model,
    String alias,
    @Nullable DeviceAddress address,
    List<Controller> added,
    Set<View> views) {

  /** Copies the collections. */
  public NewController {
    added = List.copyOf(added);
    views = Set.copyOf(views);
  }

  /** Names it for people: {@code SCSI controller 0 (virtio-scsi) at 0000:00:05.0 in both views}. */
  @Override
  public String toString() {
    return "SCSI controller "
        + index
        + " ("
        + model
        + ")"
        + (address == null ? "" : " at " + address)
        + " in "
        + (views.size() > 1 ? "both views" : "the " + views.iterator().next() + " view");
  }
}
