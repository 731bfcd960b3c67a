// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import org.jspecify.annotations.Nullable;

/**
 * Remembers that something happened until a listener has been told: a signal raised before that is
 * heard at once. Safe for use by several threads.
 */
public final class Signal {

  private boolean raised;
  private @Nullable Runnable listener;

  /** Says that something happened. Runs the listener, if there is one. */
  public void raise() {
    Runnable hears;
    synchronized (this) {
      hears = listener;
      listener = null;
      raised = hears == null;
    }
    if (hears != null) {
      hears.run();
    }
  }

  /** Runs the listener at the next signal, or now if there was one that no listener was told of. */
  public void listen(Runnable newListener) {
    synchronized (this) {
      if (!raised) {
        listener = newListener;
        return;
      }
      raised = false;
    }
    newListener.run();
  }

  /** Removes the listener. */
  public synchronized void stop() {
    listener = null;
  }
}
