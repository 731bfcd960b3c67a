// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.DeviceAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Channel devices for the virtio disks of s390x, from device number 0 up in subchannel set 0
 * ({@code virDomainCCWAddressAssign}).
 */
final class CcwPlaces implements Places {

  private final Ledger ledger;
  private final FirstFree devnos;

  CcwPlaces(Ledger ledger) {
    this.ledger = ledger;
    this.devnos =
        new FirstFree(
            ledger.views().stream().map(view -> view.inUse().ccwDevnos()).toList(),
            devno ->
                devno <= CcwAddress.MAX_DEVNO
                    && ledger.hasReservedAddress(CcwAddress.ofVirtio(devno)));
  }

  @Override
  public @Nullable DeviceAddress firstFree() {
    int devno = devnos.find();
    return devno <= CcwAddress.MAX_DEVNO ? CcwAddress.ofVirtio(devno) : null;
  }

  @Override
  public Iterable<CcwAddress> all() {
    List<CcwAddress> all = new ArrayList<>();
    for (int devno = 0; devno <= CcwAddress.MAX_DEVNO; devno++) {
      all.add(CcwAddress.ofVirtio(devno));
    }
    return all;
  }

  @Override
  public @Nullable String problem(DeviceAddress address) {
    if (!(address instanceof CcwAddress ccw)) {
      return "a virtio disk of this machine is a channel device";
    }
    return ccw.isForVirtio() ? null : "libvirt puts virtio disks into fe.0";
  }

  @Override
  public boolean isTaken(DeviceAddress address) {
    return ledger.hasReservedAddress(address)
        || (address instanceof CcwAddress ccw
            && ledger.views().stream()
                .anyMatch(view -> view.inUse().ccwDevnos().contains(ccw.devno())));
  }

  @Override
  public List<Capacity.Bus> buses() {
    int free = 0;
    for (CcwAddress address : all()) {
      free += isTaken(address) ? 0 : 1;
    }
    return List.of(new Capacity.Bus("channel subsystem fe.0", CcwAddress.MAX_DEVNO + 1, free));
  }

  @Override
  public String shortage() {
    return "no free channel device number";
  }

  @Override
  public String remedy() {
    return "use the scsi bus";
  }

  @Override
  public boolean mayGrow() {
    return false;
  }
}
