// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.alloc.Advice;
import io.diskplug.alloc.Advice.Kind;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.model.Controller;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says what would help when there is no place for a virtio disk. Each advice was tried on what the
 * domain would be after it.
 */
final class PciAdvice {

  private static final String FIXED =
      "without hot-plug, where nothing can be unplugged while the domain runs";

  private final Ledger ledger;
  private final Places places;
  private final List<Advice> advice = new ArrayList<>();

  private PciAdvice(Ledger ledger, Places places) {
    this.ledger = ledger;
    this.places = places;
  }

  /**
   * What would help, the least trouble first.
   *
   * @param ledger what is taken
   * @param places the places, none of which is free
   * @param waived whether the caller waives that the disk can be unplugged while the domain runs
   */
  static List<Advice> of(Ledger ledger, Places places, boolean waived) {
    return new PciAdvice(ledger, places).find(waived);
  }

  private List<Advice> find(boolean waived) {
    Ledger persistent = ledger.only(View.PERSISTENT);
    if (persistent != null) {
      PciPlaces shutOff = new PciPlaces(persistent);
      if (ledger.isShutOff()) {
        ofShutOff(shutOff, waived);
      } else {
        ofRunning(shutOff, waived);
      }
    }
    List<Advice> elsewhere = Offers.elsewhere(ledger, places);
    if (advice.isEmpty()) {
      return elsewhere;
    }
    elsewhere.stream().filter(other -> other.kind() != Kind.OTHER_DOMAIN).forEach(advice::add);
    return List.copyOf(advice);
  }

  private void ofShutOff(PciPlaces shutOff, boolean waived) {
    DeviceAddress ordinary = waived ? null : shutOff.firstOrdinary();
    if (ordinary != null) {
      add(
          Kind.WAIVE_UNPLUG,
          "waive that it can be unplugged while the domain runs (Waiver.HOT_UNPLUG): then it gets "
              + ordinary);
    }
  }

  private void ofRunning(PciPlaces shutOff, boolean waived) {
    DeviceAddress place = shutOff.firstFree();
    Growth growth = place == null ? shutOff.growth() : null;
    if (place != null) {
      if (shutOff.isFixed(place)) {
        add(Kind.SHUT_DOWN, shutDown(FIXED));
      } else {
        add(
            Kind.RESTART,
            "shut the domain down and start it again: its persistent view has a place, "
                + place
                + ", that its live view does not have");
      }
    } else if (growth != null) {
      Controller bus = growth.controllers().get(growth.controllers().size() - 1);
      add(Kind.SHUT_DOWN, shutDown("on a " + bus.model() + " that is added for it"));
      add(
          Kind.ADD_PCI_CONTROLLER,
          "add a PCI controller of model "
              + bus.model()
              + " to the persistent view, and shut the domain down and start it again");
    } else {
      ofFullConfiguration(shutOff.firstOrdinary(), waived);
    }
  }

  private void ofFullConfiguration(@Nullable DeviceAddress ordinary, boolean waived) {
    if (ordinary != null) {
      if (waived) {
        add(Kind.SHUT_DOWN, shutDown(FIXED));
      } else {
        add(
            Kind.SHUT_DOWN_AND_WAIVE_UNPLUG,
            shutDown(FIXED) + ", if that is waived (Waiver.HOT_UNPLUG)");
      }
    }
  }

  private static String shutDown(String where) {
    return "shut the domain down and attach the disk then: there is a place " + where;
  }

  private void add(Kind kind, String text) {
    advice.add(new Advice(kind, text));
  }
}
