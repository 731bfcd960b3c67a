// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import com.sun.jna.Memory;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.ControlState;
import java.time.Duration;
import org.libvirt.jna.DomainPointer;

/**
 * What {@code virDomainGetControlInfo} says, which waits for nothing ({@code
 * qemuDomainGetControlInfo} in {@code qemu_driver.c}).
 */
final class ControlInfo {

  // struct _virDomainControlInfo { unsigned int state, details; unsigned long long stateTime; }
  private static final long DETAILS = Integer.BYTES;
  private static final long STATE_TIME = 2L * Integer.BYTES;

  private ControlInfo() {}

  /**
   * Asks.
   *
   * @throws FaultException if libvirt cannot say
   */
  static ControlState read(LibvirtApi api, DomainPointer domain) throws FaultException {
    Memory info = new Memory(STATE_TIME + Long.BYTES);
    if (api.virDomainGetControlInfo(domain, info, 0) < 0) {
      FaultException refused = NativeFaults.last(api, Call.READ_CONTROL);
      // A domain that is shut off has no monitor, and libvirt refuses the question.
      if (refused.fault().code() == ErrorCode.OPERATION_INVALID) {
        return ControlState.FREE;
      }
      throw refused;
    }
    return switch (info.getInt(0)) {
      case LibvirtApi.VIR_DOMAIN_CONTROL_OK -> ControlState.FREE;
      // The time is the age of the asynchronous job, whatever the other call waits for.
      case LibvirtApi.VIR_DOMAIN_CONTROL_JOB -> ControlState.HIDDEN;
      case LibvirtApi.VIR_DOMAIN_CONTROL_OCCUPIED ->
          ControlState.occupied(Duration.ofMillis(Math.max(0, info.getLong(STATE_TIME))));
      // Otherwise the connection to the monitor is broken, which keeps no reading waiting.
      case LibvirtApi.VIR_DOMAIN_CONTROL_ERROR ->
          info.getInt(DETAILS) == LibvirtApi.VIR_DOMAIN_CONTROL_ERROR_REASON_INTERNAL
              ? ControlState.CALL
              : ControlState.FREE;
      default -> ControlState.CALL;
    };
  }
}
