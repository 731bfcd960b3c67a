// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.DeviceAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The places for disks on one kind of bus, in the order in which they are tried. */
sealed interface Places permits PciPlaces, ScsiPlaces, CcwPlaces {

  /** The first place that is free in every view; null if there is none. */
  @Nullable DeviceAddress firstFree();

  /** All places, free or not, in the order in which they are tried. */
  List<DeviceAddress> all();

  /** Why a disk cannot be at this address; null if it can, leaving aside whether it is taken. */
  @Nullable String problem(DeviceAddress address);

  /** Whether an address without a {@link #problem} is taken. */
  boolean isTaken(DeviceAddress address);

  /** How many places there are, free or not. */
  int capacity();

  /** The buses that disks can be on. */
  List<Capacity.Bus> buses();

  /** What is missing when no place is free. */
  String shortage();

  /** What would help when no place is free. */
  String remedy();

  /** Whether libvirt may add a bus of its own while the domain is shut off. */
  boolean mayGrow();
}
