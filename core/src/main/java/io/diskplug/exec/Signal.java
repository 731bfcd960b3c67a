// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Remembers that something happened until somebody has waited for it: a signal raised before the
 * wait begins ends that wait at once. Safe for use by several threads.
 */
public final class Signal {

  private final Semaphore raised = new Semaphore(0);

  /** A signal that has not been raised. */
  public Signal() {}

  /** Says that something happened. Does not block. */
  public void raise() {
    raised.release();
  }

  void await(Duration atMost) throws InterruptedException {
    if (raised.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
      raised.drainPermits();
    }
  }
}
