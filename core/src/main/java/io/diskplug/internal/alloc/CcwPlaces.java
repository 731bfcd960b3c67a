// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.Advice;
import io.diskplug.alloc.Capacity;
import io.diskplug.domain.CcwAddress;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.internal.model.DomainView;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Channel devices for the virtio disks of s390x, from device number 0 up in subchannel set 0 of the
 * channel subsystem of virtio devices ({@code virDomainCCWAddressAssign}).
 */
final class CcwPlaces implements Places {

  private final Ledger ledger;
  private final FirstFree devnos;

  CcwPlaces(Ledger ledger) {
    this.ledger = ledger;
    this.devnos =
        new FirstFree(
            ledger.views().stream().map(view -> view.inUse().ccwDevnos()).toList(),
            devno -> ledger.isReserved(CcwAddress.ofVirtio(devno)));
  }

  @Override
  public @Nullable DeviceAddress firstFree() {
    int devno = devnos.find(CcwAddress.MAX_DEVNO);
    return devno <= CcwAddress.MAX_DEVNO ? CcwAddress.ofVirtio(devno) : null;
  }

  @Override
  public List<DeviceAddress> all() {
    List<DeviceAddress> all = new ArrayList<>();
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
    return ccw.isForVirtio() ? null : "virtio disks are in fe.0";
  }

  @Override
  public boolean isTaken(DeviceAddress address) {
    if (ledger.isReserved(address)) {
      return true;
    }
    for (DomainView view : ledger.views()) {
      if (address instanceof CcwAddress ccw && view.inUse().ccwDevnos().contains(ccw.devno())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int capacity() {
    return CcwAddress.MAX_DEVNO + 1;
  }

  @Override
  public List<Capacity.Bus> buses() {
    IntStream inViews =
        ledger.views().stream().flatMapToInt(view -> view.inUse().ccwDevnos().stream());
    IntStream reserved =
        ledger.reservedAddresses().stream()
            .filter(address -> address instanceof CcwAddress ccw && ccw.isForVirtio())
            .mapToInt(address -> ((CcwAddress) address).devno());
    int taken = (int) IntStream.concat(inViews, reserved).distinct().count();
    return List.of(new Capacity.Bus("channel subsystem fe.0", capacity(), capacity() - taken));
  }

  @Override
  public String shortage() {
    return "no free channel device";
  }

  @Override
  public List<Advice> advice(boolean mayBeFixed) {
    return Offers.elsewhere(ledger, this);
  }

  @Override
  public boolean mayGrow() {
    return false;
  }
}
