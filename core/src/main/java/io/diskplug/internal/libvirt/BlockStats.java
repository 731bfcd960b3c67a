// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static io.diskplug.internal.libvirt.NativeFaults.check;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import java.util.ArrayList;
import java.util.List;
import org.libvirt.jna.DomainPointer;

/** What {@code virDomainListGetStats} says of the disks of a domain without waiting for its job. */
final class BlockStats {

  // struct _virDomainStatsRecord { virDomainPtr dom; virTypedParameterPtr params; int nparams; }
  private static final long PARAMETERS = Native.POINTER_SIZE;
  private static final long COUNT = 2L * Native.POINTER_SIZE;

  private BlockStats() {}

  /**
   * The target devs of the live view, as libvirt knows them; QEMU is not asked if the job is taken.
   *
   * @throws FaultException if libvirt cannot say
   */
  static List<String> targetDevs(LibvirtApi api, DomainPointer domain) throws FaultException {
    PointerByReference records = new PointerByReference();
    int found =
        check(
            api,
            Call.READ_STATS,
            api.virDomainListGetStats(
                new Pointer[] {domain.getPointer(), null},
                LibvirtApi.VIR_DOMAIN_STATS_BLOCK,
                records,
                LibvirtApi.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE
                    | LibvirtApi.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT));
    try {
      return found == 0 ? List.of() : names(api, records.getValue().getPointer(0));
    } finally {
      api.virDomainStatsRecordListFree(records.getValue());
    }
  }

  private static List<String> names(LibvirtApi api, Pointer record) {
    Pointer parameters = record.getPointer(PARAMETERS);
    int count = record.getInt(COUNT);
    IntByReference disks = new IntByReference();
    List<String> names = new ArrayList<>();
    if (api.virTypedParamsGetUInt(parameters, count, "block.count", disks) == 1) {
      for (int i = 0; i < disks.getValue(); i++) {
        PointerByReference name = new PointerByReference();
        if (api.virTypedParamsGetString(parameters, count, "block." + i + ".name", name) == 1) {
          names.add(name.getValue().getString(0, "UTF-8"));
        }
      }
    }
    return names;
  }
}
