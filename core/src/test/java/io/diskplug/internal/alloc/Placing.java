// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import static org.assertj.core.api.Assertions.assertThat;

import io.diskplug.alloc.NoRoom;
import io.diskplug.alloc.Placement;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.internal.alloc.Allocation.Full;
import io.diskplug.internal.alloc.Allocation.Placed;
import io.diskplug.internal.model.DomainViews;

/** Short ways to ask the allocator. */
final class Placing {

  static final String ALIAS = "ua-dp-new";

  private Placing() {}

  static Allocation allocate(DomainViews views, DiskBus bus) {
    return Allocator.allocate(views, Demand.of(bus, ALIAS), Occupied.NOTHING);
  }

  static Placement place(DomainViews views, DiskBus bus) {
    Allocation allocation = allocate(views, bus);
    assertThat(allocation).isInstanceOf(Placed.class);
    return ((Placed) allocation).placement();
  }

  /** The address of the first free place, as text. */
  static String address(DomainViews views, DiskBus bus) {
    return String.valueOf(place(views, bus).address());
  }

  static NoRoom noRoom(DomainViews views, DiskBus bus) {
    Allocation allocation = allocate(views, bus);
    assertThat(allocation).isInstanceOf(Full.class);
    return ((Full) allocation).noRoom();
  }

  static Allocation ask(DomainViews views, DiskBus bus, DeviceAddress address) {
    return Allocator.allocate(views, new Demand(bus, ALIAS, null, address), Occupied.NOTHING);
  }

  static Refused refused(Allocation allocation, Refused.Reason reason) {
    assertThat(allocation).isInstanceOf(Refused.class);
    assertThat(((Refused) allocation).reason()).isEqualTo(reason);
    return (Refused) allocation;
  }
}
