// SPDX-License-Identifier: Apache-2.0
package io.diskplug;

/** Who runs libvirt's event loop, of which there is one in a process, for all connections. */
public enum EventLoop {
  /** This library, on a daemon thread. Right wherever nothing else in the process uses libvirt. */
  OWN,
  /** The host application: it registered a loop before connecting, and runs it. */
  EXTERNAL,
  /**
   * No event loop: there are no events and no keepalive, and this library looks again and again.
   */
  NONE
}
