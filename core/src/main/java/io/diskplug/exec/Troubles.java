// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.fault.Condition;
import io.diskplug.outcome.Rejected;
import io.diskplug.outcome.Unavailable;

/** How the conditions that libvirt reports are told to the caller. */
final class Troubles {

  private Troubles() {}

  /** The reason of an outcome that says "later". */
  static Unavailable.Reason reason(Condition condition) {
    return switch (condition) {
      case CONNECTION_LOST -> Unavailable.Reason.CONNECTION_LOST;
      case DOMAIN_BUSY, BLOCK_JOB_RUNNING -> Unavailable.Reason.DOMAIN_BUSY;
      case STORAGE_UNREACHABLE -> Unavailable.Reason.STORAGE_UNREACHABLE;
      case VOLUME_IN_USE -> Unavailable.Reason.VOLUME_IN_USE;
      case UNPLUG_IN_PROGRESS -> Unavailable.Reason.UNPLUG_IN_PROGRESS;
      case GUEST_REFUSED -> Unavailable.Reason.GUEST_REFUSED;
      case DOMAIN_NOT_RUNNING, DOMAIN_TRANSIENT, QEMU_GONE -> Unavailable.Reason.DOMAIN_CHANGING;
      default -> Unavailable.Reason.FAULT;
    };
  }

  /** The reason of an outcome that says "not before something changes". */
  static Rejected.Reason rejection(Condition condition) {
    return switch (condition) {
      case DOMAIN_NOT_FOUND -> Rejected.Reason.DOMAIN_NOT_FOUND;
      case VOLUME_NOT_FOUND -> Rejected.Reason.VOLUME_NOT_FOUND;
      case ACCESS_DENIED, SECRET_MISSING, NOT_PERMITTED -> Rejected.Reason.ACCESS_DENIED;
      case VOLUME_IN_USE, ALIAS_TAKEN -> Rejected.Reason.CONFLICT;
      case NO_ROOM -> Rejected.Reason.NO_ROOM;
      default -> Rejected.Reason.BAD_REQUEST;
    };
  }
}
