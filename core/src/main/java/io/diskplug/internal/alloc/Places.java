// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.Advice;
import io.diskplug.alloc.Capacity;
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

  /**
   * What would help when no place is free.
   *
   * @param mayBeFixed as in {@link Demand#mayBeFixed}
   */
  List<Advice> advice(boolean mayBeFixed);

  /** Whether libvirt may add a bus of its own, at a place of its choice, while shut off. */
  boolean mayGrow();

  /** A place on a bus that libvirt adds to the configuration; null if there is none. */
  default @Nullable Growth growth() {
    return null;
  }

  /**
   * The bus that libvirt adds to the configuration for an address that names it; null if it adds
   * none, or more than the next one.
   */
  default @Nullable Growth growthAt(DeviceAddress address) {
    return null;
  }

  /**
   * The first free place, while the domain is shut off, from which a disk cannot be unplugged while
   * the domain runs; null if there is none.
   */
  default @Nullable DeviceAddress firstOrdinary() {
    return null;
  }

  /** Whether a disk at this address cannot be unplugged while the domain runs. */
  default boolean isFixed(DeviceAddress address) {
    return false;
  }

  /**
   * Why a disk cannot be at this address, where it need not be unplugged while the domain runs;
   * null if it can.
   */
  default @Nullable String problemOfFixed(DeviceAddress address) {
    return problem(address);
  }
}
