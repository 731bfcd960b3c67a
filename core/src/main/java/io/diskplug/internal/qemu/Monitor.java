// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.qemu;

import io.diskplug.internal.fault.FaultException;

/** QEMU's monitor, behind whatever stands between. */
@FunctionalInterface
public interface Monitor {

  /**
   * Sends a command and returns QEMU's answer, which may be an error.
   *
   * @param command a QMP command, as JSON
   * @throws FaultException if QEMU could not be asked
   */
  String ask(String command) throws FaultException;
}
