// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.domain.DeviceAddress;
import java.util.Map;

/**
 * What neither view shows and is taken all the same: what only QEMU has, what was just lost in a
 * race, what was just planned. Each maps to a few words that say who holds it.
 *
 * @param targetDevs target devs that may not be used
 * @param addresses addresses that may not be used
 * @param aliases aliases that may not be used
 * @param avoided addresses that are used only if no other one is free, or if they are demanded
 */
public record Occupied(
    Map<String, String> targetDevs,
    Map<DeviceAddress, String> addresses,
    Map<String, String> aliases,
    Map<DeviceAddress, String> avoided) {

  /** Nothing besides what the views show. */
  public static final Occupied NOTHING = new Occupied(Map.of(), Map.of(), Map.of());

  /**
   * Nothing is avoided.
   *
   * @param targetDevs target devs that may not be used
   * @param addresses addresses that may not be used
   * @param aliases aliases that may not be used
   */
  public Occupied(
      Map<String, String> targetDevs,
      Map<DeviceAddress, String> addresses,
      Map<String, String> aliases) {
    this(targetDevs, addresses, aliases, Map.of());
  }

  /** Copies the maps. */
  public Occupied {
    targetDevs = Map.copyOf(targetDevs);
    addresses = Map.copyOf(addresses);
    aliases = Map.copyOf(aliases);
    avoided = Map.copyOf(avoided);
  }
}
