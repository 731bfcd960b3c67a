// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.NoRoom;
import io.diskplug.alloc.Placement;

/** The allocator's answer. */
public sealed interface Allocation permits Allocation.Placed, Allocation.Full, Refused {

  /**
   * The disk has a place.
   *
   * @param placement the place
   */
  record Placed(Placement placement) implements Allocation {

    @Override
    public String toString() {
      return placement.toString();
    }
  }

  /**
   * No place is free.
   *
   * @param noRoom what is missing, and what would help
   */
  record Full(NoRoom noRoom) implements Allocation {

    @Override
    public String toString() {
      return noRoom.toString();
    }
  }
}
