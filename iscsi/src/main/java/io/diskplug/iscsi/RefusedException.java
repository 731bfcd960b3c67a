// SPDX-License-Identifier: Apache-2.0
package io.diskplug.iscsi;

import io.diskplug.spi.StorageProbe.Reason;

/** A LUN is not to be used. The message has no secret. */
final class RefusedException extends Exception {

  private static final long serialVersionUID = 1;

  private final Reason reason;

  RefusedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}
