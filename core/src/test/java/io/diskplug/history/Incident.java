// SPDX-License-Identifier: Apache-2.0
package io.diskplug.history;

/** What happens in the middle of a call of a controller. */
enum Incident {
  /** The call fails. */
  FAULT,
  /** The controller dies. */
  CONTROLLER_DIES,
  /** The daemon is killed, and started again at once. */
  DAEMON_KILLED,
  /** The daemon is killed, and stays away for a while. */
  DAEMON_AWAY,
  /** The daemon is told to end, and started again. */
  DAEMON_RESTARTED,
  /** QEMU dies. */
  QEMU_DIES,
  /** The plug is pulled, and the domain started again. */
  POWER_CYCLE,
  /** The call does not return before its deadline. */
  CALL_HANGS,
  /** Other requests go on. */
  OTHERS_GO_ON,
  /** The guest answers what it was asked. */
  GUEST_ANSWERS,
  /** An operator attaches a disk. */
  OPERATOR_ATTACHES,
  /** An operator detaches a disk of the operators. */
  OPERATOR_DETACHES
}
