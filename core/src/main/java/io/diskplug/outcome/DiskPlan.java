// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.alloc.NewController;
import io.diskplug.alloc.NoRoom;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What attaching one disk would do, going by what the views show. */
public sealed interface DiskPlan permits DiskPlan.Attach, DiskPlan.Present, DiskPlan.Refusal {

  /** The volume. */
  VolumeRef volume();

  /**
   * The disk would be attached.
   *
   * @param volume the volume
   * @param views the views that it would be added to: one of two if the other has it already
   * @param placement where it would go and why there; whether it could not be unplugged from there
   *     while the domain runs, and the buses that libvirt would add for it. If the address is left
   *     to libvirt, those of the disks behind it in the list are a guess
   * @param guestPath where a Linux guest with udev would find it
   * @param controllers the SCSI controllers that would be plugged before the disk, in this order:
   *     none, unless the disk is on the scsi bus and no usable controller is there. They would stay
   *     when the disk is detached
   * @param elements what would be sent, character by character and in this order: an element for
   *     each controller, and that of the disk last. It names a secret, if the disk needs one, and
   *     never holds one
   */
  record Attach(
      VolumeRef volume,
      Set<View> views,
      Placement placement,
      Optional<String> guestPath,
      List<NewController> controllers,
      List<String> elements)
      implements DiskPlan {

    /** Copies the collections. */
    public Attach {
      views = Set.copyOf(views);
      controllers = List.copyOf(controllers);
      elements = List.copyOf(elements);
    }

    /** The element of the disk. */
    public String xml() {
      return elements.get(elements.size() - 1);
    }
  }

  /**
   * Every view that applies has the volume: nothing would be done.
   *
   * @param volume the volume
   * @param targetDev its target dev
   * @param address where it sits; empty if libvirt shows no address, which an attach would call
   *     {@code Indeterminate}
   * @param differences what differs from the request without making it another disk
   */
  record Present(
      VolumeRef volume,
      String targetDev,
      Optional<DeviceAddress> address,
      List<Difference> differences)
      implements DiskPlan {

    /** Copies the list. */
    public Present {
      differences = List.copyOf(differences);
    }
  }

  /**
   * The attach would be rejected.
   *
   * @param volume the volume
   * @param reason why, for a program
   * @param explanation why, for a person
   * @param differences for a conflict, the fields that differ, where fields differ
   * @param noRoom if no place is free, what is missing, who holds the places, what would help
   */
  record Refusal(
      VolumeRef volume,
      Rejected.Reason reason,
      String explanation,
      List<Difference> differences,
      Optional<NoRoom> noRoom)
      implements DiskPlan {

    /** Copies the list. */
    public Refusal {
      differences = List.copyOf(differences);
    }
  }
}
