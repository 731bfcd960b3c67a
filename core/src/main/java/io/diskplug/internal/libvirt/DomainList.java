// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.libvirt;

import static io.diskplug.internal.libvirt.NativeFaults.check;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import io.diskplug.fault.Call;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.port.KnownDomain;
import java.util.ArrayList;
import java.util.List;
import org.libvirt.jna.DomainPointer;

/** The domains of a daemon, those that are shut off included. */
final class DomainList {

  private DomainList() {}

  /** Asks the daemon once, and keeps no pointer. */
  static List<KnownDomain> read(LibvirtApi api, Connection connection) throws FaultException {
    PointerByReference array = new PointerByReference();
    int count =
        check(
            api,
            Call.LIST_DOMAINS,
            api.virConnectListAllDomains(
                connection.pointer(),
                array,
                LibvirtApi.VIR_CONNECT_LIST_DOMAINS_ACTIVE
                    | LibvirtApi.VIR_CONNECT_LIST_DOMAINS_INACTIVE));
    Pointer all = check(api, Call.LIST_DOMAINS, array.getValue());
    List<DomainPointer> pointers = new ArrayList<>(count);
    try {
      for (int i = 0; i < count; i++) {
        pointers.add(new DomainPointer(all.getPointer((long) i * Native.POINTER_SIZE)));
      }
      List<KnownDomain> domains = new ArrayList<>(count);
      for (DomainPointer pointer : pointers) {
        String name = check(api, Call.LIST_DOMAINS, api.virDomainGetName(pointer));
        domains.add(new KnownDomain(connection.uuid(pointer), name));
      }
      return domains;
    } finally {
      pointers.forEach(api::virDomainFree);
      Native.free(Pointer.nativeValue(all));
    }
  }
}
