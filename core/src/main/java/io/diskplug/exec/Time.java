// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import java.time.Duration;

/** Time and waiting, so that tests can bring their own. Safe for use by several threads. */
public interface Time {

  /** A monotonic clock, in nanoseconds, as {@link System#nanoTime()}. */
  long nanoTime();

  /**
   * Waits until the signal has been raised since it was last waited for, or the time is over.
   *
   * @param signal what ends the wait early
   * @param atMost how long to wait at most
   * @throws InterruptedException if the thread is interrupted
   */
  void await(Signal signal, Duration atMost) throws InterruptedException;

  /** The real time. */
  static Time system() {
    return new Time() {
      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public void await(Signal signal, Duration atMost) throws InterruptedException {
        signal.await(atMost);
      }
    };
  }
}
