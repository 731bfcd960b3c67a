// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.engine;

import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;

/** Makes the calls of a request. */
public interface Calls {

  /** A call on the port. */
  @FunctionalInterface
  interface Body<T> {
    /**
     * Makes it.
     *
     * @throws FaultException if it fails
     */
    T run() throws FaultException;
  }

  /**
   * Makes a call, which may hang.
   *
   * @param call what is called
   * @param body calls it
   * @throws FaultException if the call fails
   * @throws AbandonedException if the request has ended: before the call, which is then not made,
   *     or during it
   */
  <T> T call(Call call, Body<T> body) throws FaultException;

  /** The request was answered while it ran, and what it still does has no effect. */
  public final class AbandonedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AbandonedException() {
      super("the request has ended", null, false, false);
    }
  }
}
