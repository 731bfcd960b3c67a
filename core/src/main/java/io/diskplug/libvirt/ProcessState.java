// SPDX-License-Identifier: Apache-2.0
package io.diskplug.libvirt;

/**
 * Who owns what libvirt has only once in a process: the event loop, and the function that is called
 * on every error.
 */
public enum ProcessState {
  /**
   * This library: it runs the default event loop on a daemon thread, and sets an error function
   * that prints nothing. Right wherever nothing else in the process uses libvirt.
   */
  OWNED,
  /**
   * The host application: it has registered an event loop before connecting, runs it, and has set
   * an error function if it wants one.
   */
  EXTERNAL,
  /** Nobody: there are no events and no keepalive, and this library polls. */
  NO_EVENTS
}
