// SPDX-License-Identifier: Apache-2.0
package io.diskplug.sim;

import io.diskplug.domain.PciAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What is still to come of an unplug when the device is gone. It goes by the slot, and by the name,
 * and takes whatever has them by then. Guarded by the host's lock.
 */
final class Afterwards {

  /** Behind a new device, under QEMU's TCG. */
  private static final Duration EJECTED_AGAIN = Duration.ofMillis(200);

  /** The daemon handles an event when its worker gets the domain: later than it was seen to. */
  private static final Duration EVENT_HANDLED = Duration.ofMillis(800);

  private final Set<String> toldAgain = new HashSet<>();
  private final Map<PciAddress, Ejection> ejections = new HashMap<>();
  private final Map<String, Long> events = new TreeMap<>();
  private final Map<String, String> lost = new TreeMap<>();

  /** An ejection that comes behind that of other devices, and a little later. */
  private static final class Ejection {
    final String of;
    final Set<String> behind;
    long due;

    Ejection(String of, Set<String> behind, long due) {
      this.of = of;
      this.behind = behind;
      this.due = due;
    }
  }

  /**
   * The guest is told that a device was plugged, or is to be unplugged, and reads again what it was
   * asked for before and has not released yet.
   */
  void told(Set<String> askedBefore) {
    toldAgain.addAll(askedBefore);
  }

  /** The guest has released a device: it ejects a slot as often as it has read of it. */
  void released(SimulatedQemu.Device device, Set<String> asked, long now) {
    long due = now + EJECTED_AGAIN.toNanos();
    for (Ejection ejection : ejections.values()) {
      if (ejection.behind.remove(device.id())) {
        ejection.due = due;
      }
    }
    if (toldAgain.remove(device.id()) && device.address() instanceof PciAddress slot) {
      Set<String> behind = new HashSet<>(asked);
      behind.remove(device.id());
      ejections.put(slot, new Ejection(device.id(), behind, due));
    }
  }

  /** A device is gone that no view shows: libvirt looks for a disk of the name later. */
  void unknownDeviceIsGone(String id, long now) {
    events.put(id, now + EVENT_HANDLED.toNanos());
  }

  /** What is due. The guest does nothing while it is paused. */
  void catchUp(
      long now,
      boolean guestRuns,
      List<SimulatedQemu.Device> devices,
      Consumer<String> eject,
      Consumer<String> drop) {
    if (guestRuns) {
      for (SimulatedQemu.Device device : devices) {
        if (device.address() instanceof PciAddress slot
            && ejections.containsKey(slot)
            && isDue(ejections.get(slot), now)) {
          lost.put(device.id(), ejections.get(slot).of);
          eject.accept(device.id());
        }
      }
      ejections.values().removeIf(ejection -> isDue(ejection, now));
    }
    events.entrySet().stream()
        .filter(event -> now - event.getValue() >= 0)
        .map(Map.Entry::getKey)
        .forEach(drop);
    events.values().removeIf(due -> now - due >= 0);
  }

  private static boolean isDue(Ejection ejection, long now) {
    return ejection.behind.isEmpty() && now - ejection.due >= 0;
  }

  boolean isNothingDue() {
    return ejections.isEmpty() && events.isEmpty();
  }

  /** A healthy disk is not in the live view any more, and QEMU has it. */
  void dropped(String id) {
    lost.put(id, id);
  }

  /** The ids of the devices that were lost, and of those that had their slots or names before. */
  Map<String, String> lost() {
    return Map.copyOf(lost);
  }

  /** Another run, or a reset: nobody remembers. */
  void forget() {
    toldAgain.clear();
    ejections.clear();
    events.clear();
  }
}
