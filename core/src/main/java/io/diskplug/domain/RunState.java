// SPDX-License-Identifier: Apache-2.0
package io.diskplug.domain;

/** The run state of a domain, as {@code virDomainGetState} names it. */
public enum RunState {
  /** No state is known. */
  NO_STATE,
  /** Running. */
  RUNNING,
  /** Running, and waiting for a resource. */
  BLOCKED,
  /** Paused: the guest answers nothing. */
  PAUSED,
  /** Being shut down; QEMU still runs. */
  SHUTTING_DOWN,
  /** Shut off. */
  SHUT_OFF,
  /** Crashed. */
  CRASHED,
  /** Suspended by the guest's own power management. */
  PM_SUSPENDED
}
