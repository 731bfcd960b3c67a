// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import io.diskplug.spi.PlugListener;

/** Listeners that are told where it happens, for tests outside of this package. */
public final class DirectDispatcher {

  private DirectDispatcher() {}

  /** Tells a listener on the thread on which something happens. */
  public static ListenerDispatcher of(PlugListener listener) {
    return ListenerDispatcher.direct(listener);
  }
}
