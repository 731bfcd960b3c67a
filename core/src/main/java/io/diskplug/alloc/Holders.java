// SPDX-License-Identifier: Apache-2.0
package io.diskplug.alloc;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.Holder;
import io.diskplug.domain.PciAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says in words who holds a target dev, an alias or an address, and in which view. */
final class Holders {

  private static final String CHIPSET = "the chipset";

  private final Map<Object, Map<String, String>> byName = new HashMap<>();
  private final Map<Object, Map<String, String>> byAlias = new HashMap<>();
  private final Map<Object, Map<String, String>> byAddress = new HashMap<>();

  Holders(
      List<DomainView> views,
      Map<String, String> targetDevs,
      Map<String, String> aliases,
      Map<DeviceAddress, String> addresses) {
    for (DomainView view : views) {
      String where = view.view().name().toLowerCase(Locale.ROOT);
      for (Holder holder : view.holders()) {
        note(byName, holder.targetDev(), holder.description(), where);
        note(byAlias, holder.alias(), holder.description(), where);
        if (!(holder.address() instanceof DriveAddress) || holder.onScsiBus()) {
          note(byAddress, place(holder.address()), holder.description(), where);
        }
      }
    }
    targetDevs.forEach((name, holder) -> note(byName, name, holder, ""));
    aliases.forEach((alias, holder) -> note(byAlias, alias, holder, ""));
    addresses.forEach((address, holder) -> note(byAddress, place(address), holder, ""));
  }

  String ofTargetDev(String targetDev) {
    return text(byName.get(targetDev));
  }

  String ofAlias(String alias) {
    return text(byAlias.get(alias));
  }

  /** Who holds an address, or for a PCI address any function of its slot. */
  String ofAddress(DeviceAddress address) {
    Map<String, String> holders = byAddress.get(place(address));
    // What is taken and held by nothing that the views show is the chipset's.
    return holders == null ? CHIPSET : text(holders);
  }

  /** PCI places are whole slots. */
  private static @Nullable DeviceAddress place(@Nullable DeviceAddress address) {
    return address instanceof PciAddress pci
        ? new PciAddress(pci.domain(), pci.bus(), pci.slot(), 0)
        : address;
  }

  private static void note(
      Map<Object, Map<String, String>> holders,
      @Nullable Object key,
      String description,
      String where) {
    if (key != null) {
      holders
          .computeIfAbsent(key, k -> new LinkedHashMap<>())
          .merge(
              description, where, (one, other) -> one.equals(other) ? one : "live and persistent");
    }
  }

  private static String text(@Nullable Map<String, String> holders) {
    if (holders == null) {
      return "";
    }
    return holders.entrySet().stream()
        .map(e -> e.getValue().isEmpty() ? e.getKey() : e.getKey() + " (" + e.getValue() + ")")
        .collect(Collectors.joining(", "));
  }
}
