// SPDX-License-Identifier: Apache-2.0
package io.diskplug.spi;

/**
 * A hypervisor daemon that {@code DiskPlug.on} works on in place of libvirt's: the simulated one of
 * the tests. What it does for a request is internal to the library and changes with it; so this
 * type has no methods but {@link #close()}, and {@code DiskPlug.on} refuses one that is implemented
 * elsewhere. Implementations are safe for use by several threads.
 */
public interface Hypervisor extends AutoCloseable {

  /**
   * Closes the connection. Calls under way in other threads end as they can; later calls fail. Does
   * not block for longer than a close request to the daemon takes.
   */
  @Override
  void close();
}
