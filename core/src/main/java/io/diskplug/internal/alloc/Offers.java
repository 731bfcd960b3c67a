// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.Advice;
import io.diskplug.alloc.Advice.Kind;
import java.util.ArrayList;
import java.util.List;

/** What would help a disk without a place, whatever bus it was asked for on. */
final class Offers {

  private Offers() {}

  /**
   * A place that another device has, or the SCSI bus; if neither helps, that is said.
   *
   * @param ledger what is taken
   * @param places the places, none of which is free
   */
  static List<Advice> elsewhere(Ledger ledger, Places places) {
    List<Advice> advice = new ArrayList<>();
    if (places.all().stream().anyMatch(ledger::canBeFreed)) {
      advice.add(new Advice(Kind.FREE_A_PLACE, "detach what holds one of these places"));
    }
    if (scsi(ledger)) {
      advice.add(
          new Advice(
              Kind.SCSI_BUS,
              "use the scsi bus, where a disk has neither an I/O thread nor queues of its own"));
    }
    if (advice.isEmpty()) {
      advice.add(
          new Advice(
              Kind.OTHER_DOMAIN, "nothing: this domain cannot take the disk as it is defined"));
    }
    return List.copyOf(advice);
  }

  /**
   * Whether a disk that is asked for on the SCSI bus would be placed: by the rules that {@link
   * Placer} goes by.
   */
  private static boolean scsi(Ledger ledger) {
    ScsiPlaces places = new ScsiPlaces(ledger);
    return places.firstFree() != null || (ledger.isShutOff() && places.mayGrow());
  }
}
