// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.place;

import io.diskplug.alloc.NewController;
import io.diskplug.domain.DeviceAddress;
import io.diskplug.internal.alloc.Occupied;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What libvirt or QEMU said is taken, though no view has shown it: it is not asked for again. */
public final class LostPlaces {

  /** How often a race for a place may be lost before the caller should know. */
  private static final int MOST_RACES = 20;

  private static final String HOLDER = "taken when it was asked for";

  private final Map<String, String> targets = new HashMap<>();
  private final Map<DeviceAddress, String> addresses = new HashMap<>();
  private final Map<String, String> aliases = new HashMap<>();
  private int races;

  public void target(String targetDev) {
    targets.put(targetDev, HOLDER);
  }

  public void address(@Nullable DeviceAddress address) {
    if (address != null) {
      addresses.put(address, HOLDER);
    }
  }

  /** QEMU has a device of that name, as after a daemon that died while it plugged a controller. */
  public void aliasOf(NewController controller) {
    aliases.put(controller.alias(), HOLDER);
  }

  /** Counts a race that was lost, and says whether it is too early to tell the caller. */
  public boolean mayRaceAgain() {
    return ++races < MOST_RACES;
  }

  /**
   * What is taken besides what the views show.
   *
   * @param avoided what is used only if there is nothing else
   */
  public Occupied occupied(Map<DeviceAddress, String> avoided) {
    return new Occupied(targets, addresses, aliases, avoided);
  }
}
