// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.diskplug.fault.Call;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.fault.FaultException;
import org.jspecify.annotations.Nullable;

/**
 * Turns libvirt's thread-local last error into a {@link FaultException}. To be used on the thread
 * that made the call, before it makes another.
 */
final class NativeFaults {

  // struct _virError { int code; int domain; char *message; virErrorLevel level; … }
  private static final long CODE = 0;
  private static final long DOMAIN = 4;
  private static final long MESSAGE = 8;
  private static final long LEVEL = MESSAGE + Native.POINTER_SIZE;

  private NativeFaults() {}

  /** Checks a result that is negative on failure. */
  static int check(LibvirtApi api, Call call, int result) throws FaultException {
    if (result < 0) {
      throw last(api, call);
    }
    return result;
  }

  /** Checks a result that is null on failure. */
  static <T> T check(LibvirtApi api, Call call, @Nullable T result) throws FaultException {
    if (result == null) {
      throw last(api, call);
    }
    return result;
  }

  /** The fault of the call that has just failed on this thread. */
  static FaultException last(LibvirtApi api, Call call) {
    Pointer error = api.virGetLastError();
    // A failed call without an error, or with a mere warning, is still a failed call.
    if (error == null || error.getInt(LEVEL) < LibvirtApi.VIR_ERR_ERROR) {
      return new FaultException(
          new LibvirtFault(call, 0, 0, "libvirt reported a failure without an error"));
    }
    Pointer message = error.getPointer(MESSAGE);
    return new FaultException(
        new LibvirtFault(
            call,
            error.getInt(CODE),
            error.getInt(DOMAIN),
            message == null ? "" : message.getString(0, "UTF-8")));
  }
}
