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
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What is still to come of an unplug when the device is gone. It goes by the slot, and by the name,
 * and takes whatever has them by then. Guarded by the host's lock.
 */
final class Afterwards {

  /** A guest under QEMU's TCG was seen to take four. */
  private static final Duration EJECTED_AGAIN = Duration.ofSeconds(3);

  /** The daemon handles an event when its worker gets the domain. */
  private static final Duration EVENT_HANDLED = Duration.ofMillis(400);

  private final Set<String> toldAgain = new HashSet<>();
  private final Map<PciAddress, Long> ejections = new HashMap<>();
  private final Map<String, Long> events = new TreeMap<>();
  private final Set<String> lost = new TreeSet<>();

  /**
   * The guest is told of one more device to unplug, and reads again what else it was asked for and
   * has not released yet. (So it does when a device is plugged, which delays it for much less, and
   * is not simulated.)
   */
  void told(Set<String> asked, String about) {
    for (String id : asked) {
      if (!id.equals(about)) {
        toldAgain.add(id);
      }
    }
  }

  /** The guest has released a device: it ejects a slot as often as it has read of it. */
  void released(SimulatedQemu.Device device, long now) {
    if (toldAgain.remove(device.id()) && device.address() instanceof PciAddress slot) {
      ejections.put(slot, now + EJECTED_AGAIN.toNanos());
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
        Long due = device.address() instanceof PciAddress slot ? ejections.get(slot) : null;
        if (due != null && now - due >= 0) {
          lost.add(device.id());
          eject.accept(device.id());
        }
      }
      ejections.values().removeIf(due -> now - due >= 0);
    }
    events.entrySet().stream()
        .filter(event -> now - event.getValue() >= 0)
        .map(Map.Entry::getKey)
        .forEach(drop);
    events.values().removeIf(due -> now - due >= 0);
  }

  boolean isNothingDue() {
    return ejections.isEmpty() && events.isEmpty();
  }

  /** A healthy disk is not in the live view any more, and QEMU has it. */
  void dropped(String id) {
    lost.add(id);
  }

  /** The ids of the devices that were lost to what they had nothing to do with. */
  Set<String> lost() {
    return Set.copyOf(lost);
  }

  /** Another run, or a reset: nobody remembers. */
  void forget() {
    toldAgain.clear();
    ejections.clear();
    events.clear();
  }
}
