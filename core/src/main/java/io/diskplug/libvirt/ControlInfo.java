// SPDX-License-Identifier: Apache-2.0
package io.diskplug.libvirt;

import com.sun.jna.Memory;
import io.diskplug.fault.Call;
import io.diskplug.fault.ErrorCode;
import io.diskplug.fault.FaultException;
import java.time.Duration;
import org.libvirt.jna.DomainPointer;

/**
 * What {@code virDomainGetControlInfo} says, which waits for nothing ({@code
 * qemuDomainGetControlInfo} in {@code qemu_driver.c}).
 *
 * @param isJobTaken whether libvirt works on the domain for some client
 * @param occupiedFor for how long QEMU has not answered a command; zero if it has
 */
record ControlInfo(boolean isJobTaken, Duration occupiedFor) {

  private static final ControlInfo FREE = new ControlInfo(false, Duration.ZERO);

  // struct _virDomainControlInfo { unsigned int state, details; unsigned long long stateTime; }
  private static final long DETAILS = Integer.BYTES;
  private static final long STATE_TIME = 2L * Integer.BYTES;

  /**
   * Asks.
   *
   * @throws FaultException if libvirt cannot say
   */
  static ControlInfo read(LibvirtApi api, DomainPointer domain) throws FaultException {
    Memory info = new Memory(STATE_TIME + Long.BYTES);
    if (api.virDomainGetControlInfo(domain, info, 0) < 0) {
      FaultException refused = NativeFaults.last(api, Call.READ_CONTROL);
      // A domain that is shut off has no monitor, and libvirt refuses the question.
      if (refused.fault().code() == ErrorCode.OPERATION_INVALID) {
        return FREE;
      }
      throw refused;
    }
    int state = info.getInt(0);
    if (state == LibvirtApi.VIR_DOMAIN_CONTROL_ERROR) {
      // Otherwise the connection to the monitor is broken, which keeps no reading waiting.
      return new ControlInfo(
          info.getInt(DETAILS) == LibvirtApi.VIR_DOMAIN_CONTROL_ERROR_REASON_INTERNAL,
          Duration.ZERO);
    }
    return new ControlInfo(
        state != LibvirtApi.VIR_DOMAIN_CONTROL_OK,
        state == LibvirtApi.VIR_DOMAIN_CONTROL_OCCUPIED
            ? Duration.ofMillis(info.getLong(STATE_TIME))
            : Duration.ZERO);
  }
}
