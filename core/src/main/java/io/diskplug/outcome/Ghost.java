// SPDX-License-Identifier: Apache-2.0
package io.diskplug.outcome;

import io.diskplug.domain.StorageSource;
import java.util.List;
import java.util.Optional;

/**
 * What QEMU has and no view of libvirt explains: a device, an open image without a device, or both.
 * Left behind by a daemon that died in the middle of an attach; libvirt never adopts it.
 *
 * @param device the id of the device, if there is one: the guest then sees a disk
 * @param nodes the names of its block nodes, the uppermost first
 * @param source what the nodes have open, if it can be told
 */
public record Ghost(Optional<String> device, List<String> nodes, Optional<StorageSource> source) {

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there is neither a device nor a node
   */
  public Ghost {
    nodes = List.copyOf(nodes);
    if (device.isEmpty() && nodes.isEmpty()) {
      throw new IllegalArgumentException("a ghost has a device, a node or both");
    }
  }

  /** What it is called: by the id of its device, else by its uppermost node. */
  public String name() {
    return device.orElseGet(() -> nodes.get(0));
  }

  @Override
  public String toString() {
    return (device.isPresent() ? "device " + device.get() : "no device")
        + ", nodes "
        + nodes
        + source.map(s -> ", " + s.kind() + " " + s.canonicalName()).orElse("");
  }
}
