// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.fault.Call;

/**
 * The deadline passed before a call returned. If it was sent, it may still have its effect at any
 * time.
 */
final class CallUnfinishedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final Call call;
  private final boolean sent;

  CallUnfinishedException(Call call, boolean sent) {
    super(call + (sent ? " has not returned" : " was not sent") + " before the deadline");
    this.call = call;
    this.sent = sent;
  }

  Call call() {
    return call;
  }

  boolean sent() {
    return sent;
  }
}
