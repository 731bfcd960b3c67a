// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.internal.model.Controller;
import java.util.List;

/**
 * A place on a bus that the configuration does not have yet: libvirt adds it when the address of a
 * device names it.
 *
 * @param address the place
 * @param controllers the controllers that libvirt adds, in the order of their indexes; the last one
 *     provides the bus of the place. Their own addresses are where libvirt is expected to put them
 */
record Growth(DeviceAddress address, List<Controller> controllers) {

  /** Copies the list. */
  Growth {
    controllers = List.copyOf(controllers);
  }
}
