// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.DriveAddress;
import io.diskplug.domain.PciAddress;
import io.diskplug.domain.View;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.Holder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says in words who holds a target dev, an alias or an address, and in which view. */
final class Holders {

  private static final String BOTH = "live and persistent";
  private static final String NO_VIEW = "";

  private final Entries targetDevs = new Entries();
  private final Entries aliases = new Entries();
  private final Entries addresses = new Entries();

  Holders(
      List<DomainView> views,
      Map<String, String> reservedTargetDevs,
      Map<String, String> reservedAliases,
      Map<DeviceAddress, String> reservedAddresses) {
    for (DomainView view : views) {
      String where = view.view() == View.LIVE ? "live" : "persistent";
      for (Disk disk : view.disks()) {
        targetDevs.add(disk.targetDev(), disk.description(), where);
      }
      for (Holder holder : view.holders()) {
        aliases.add(holder.alias(), holder.description(), where);
        if (!(holder.address() instanceof DriveAddress) || holder.isOnScsiBus()) {
          addresses.add(place(holder.address()), holder.description(), where);
        }
      }
    }
    reservedTargetDevs.forEach((name, holder) -> targetDevs.add(name, holder, NO_VIEW));
    reservedAliases.forEach((alias, holder) -> aliases.add(alias, holder, NO_VIEW));
    reservedAddresses.forEach((address, holder) -> addresses.add(place(address), holder, NO_VIEW));
  }

  String ofTargetDev(String targetDev) {
    return targetDevs.text(targetDev);
  }

  String ofAlias(String alias) {
    return aliases.text(alias);
  }

  /** Who holds an address, or for a PCI address any function of its slot. */
  String ofAddress(DeviceAddress address) {
    String text = addresses.text(place(address));
    // What is taken though no device is seen to hold it belongs to the chipset.
    return text.isEmpty() ? "the chipset" : text;
  }

  /** PCI places are whole slots. */
  private static @Nullable DeviceAddress place(@Nullable DeviceAddress address) {
    return address instanceof PciAddress pci
        ? new PciAddress(pci.domain(), pci.bus(), pci.slot(), 0)
        : address;
  }

  /** For each thing that can be held, its holders in alphabetical order, and where each is seen. */
  private static final class Entries {

    private final Map<Object, Map<String, String>> holders = new HashMap<>();

    void add(@Nullable Object thing, String holder, String where) {
      if (thing != null) {
        holders
            .computeIfAbsent(thing, t -> new TreeMap<>())
            .merge(holder, where, (one, other) -> one.equals(other) ? one : BOTH);
      }
    }

    String text(@Nullable Object thing) {
      return holders.getOrDefault(thing, Map.of()).entrySet().stream()
          .map(e -> e.getKey() + (e.getValue().equals(NO_VIEW) ? "" : " (" + e.getValue() + ")"))
          .collect(Collectors.joining(", "));
    }
  }
}
