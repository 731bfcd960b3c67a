// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.NoRoom;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.internal.collect.LazyList;
import io.diskplug.internal.model.TargetDev;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts into words why a disk goes where it goes, or nowhere.
 *
 * <p>Explanations are worked out late. That is right because the ledger only grows: whatever was
 * passed over was taken at that time, and nothing that is reserved later can be among it.
 */
final class Explanations {

  private Explanations() {}

  /** What was passed over before the target dev and the address were found. */
  static List<String> skipped(
      Ledger ledger,
      Demand demand,
      Places places,
      String targetDev,
      @Nullable DeviceAddress address) {
    Holders holders = ledger.holders();
    List<String> skipped = new ArrayList<>();
    if (demand.targetDev() == null) {
      String prefix = TargetDev.prefix(demand.bus());
      int found = TargetDev.index(prefix, targetDev);
      for (int index = 0; index < found; index++) {
        String name = TargetDev.name(prefix, index);
        skipped.add(name + ": " + holders.ofTargetDev(name));
      }
    }
    if (demand.address() == null) {
      for (DeviceAddress place : places.all()) {
        if (place.equals(address)) {
          break;
        }
        skipped.add(place + ": " + holders.ofAddress(place));
      }
    }
    return skipped;
  }

  /** Every place is taken, or there is none. */
  static NoRoom noRoom(Ledger ledger, Demand demand, Places places) {
    return new NoRoom(
        places.shortage(),
        places.capacity(),
        new LazyList<>(() -> holders(ledger, places)),
        places.advice(demand.mayBeFixed()));
  }

  private static List<String> holders(Ledger ledger, Places places) {
    Holders holders = ledger.holders();
    return places.all().stream().map(place -> place + ": " + holders.ofAddress(place)).toList();
  }
}
