// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.ErrorCode;
import io.diskplug.internal.fault.FaultException;
import java.util.List;
import java.util.Optional;
import org.libvirt.jna.DomainPointer;

/** What {@code virDomainGetJobStats} says of the job of a domain. */
final class JobStats {

  /** {@code virDomainJobType}: bounded or not, a job is under way. */
  private static final List<Integer> UNDER_WAY = List.of(1, 2);

  /** {@code virDomainJobOperation}, in its order. */
  private static final List<String> OPERATIONS =
      List.of(
          "job",
          "start",
          "save",
          "restore",
          "incoming migration",
          "outgoing migration",
          "snapshot",
          "revert to a snapshot",
          "dump",
          "backup",
          "deletion of a snapshot");

  private static final int BACKUP = 9;

  private JobStats() {}

  /**
   * The job that keeps changes waiting.
   *
   * @throws FaultException if libvirt cannot say, for another reason than that the domain is shut
   *     off or the driver has no such function
   */
  static Optional<String> longJob(LibvirtApi api, DomainPointer domain) throws FaultException {
    IntByReference type = new IntByReference();
    PointerByReference parameters = new PointerByReference();
    IntByReference count = new IntByReference();
    if (api.virDomainGetJobStats(domain, type, parameters, count, 0) < 0) {
      FaultException refused = NativeFaults.last(api, Call.READ_JOB);
      int code = refused.fault().code();
      if (code == ErrorCode.OPERATION_INVALID || code == ErrorCode.NO_SUPPORT) {
        return Optional.empty();
      }
      throw refused;
    }
    try {
      if (!UNDER_WAY.contains(type.getValue())) {
        return Optional.empty();
      }
      IntByReference operation = new IntByReference();
      boolean isTold =
          api.virTypedParamsGetInt(parameters.getValue(), count.getValue(), "operation", operation)
              == 1;
      int number = isTold ? operation.getValue() : 0;
      return number == BACKUP
          ? Optional.empty()
          : Optional.of(OPERATIONS.get(number < OPERATIONS.size() && number >= 0 ? number : 0));
    } finally {
      api.virTypedParamsFree(parameters.getValue(), count.getValue());
    }
  }
}
