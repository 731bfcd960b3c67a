// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.alloc;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.DiskBus;
import io.diskplug.internal.model.TargetDev;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The checks that a demand must pass before a place is looked for. */
final class Refusals {

  /**
   * What libvirt keeps of aliases that it did not make: {@code virDomainDeviceAliasIsUserAlias}.
   */
  private static final Pattern USER_ALIAS = Pattern.compile("ua-[A-Za-z0-9_-]+");

  private Refusals() {}

  /** Why the bus, the alias or the target dev cannot be as demanded; null if they can. */
  static @Nullable Refused ofNames(Ledger ledger, Demand demand) {
    Refused refused = ofBus(demand.bus());
    if (refused == null) {
      refused = ofAlias(ledger, demand.alias());
    }
    if (refused == null && demand.targetDev() != null) {
      refused = ofTargetDev(ledger, demand.targetDev());
    }
    return refused;
  }

  /** Why the address cannot be as demanded; null if it can. */
  static @Nullable Refused ofAddress(
      Ledger ledger, Places places, DeviceAddress address, boolean mayBeFixed) {
    String problem = mayBeFixed ? places.problemOfFixed(address) : places.problem(address);
    if (problem != null) {
      return new Refused(
          Refused.Reason.ADDRESS_INVALID,
          "no disk can be plugged at " + address + ": " + problem,
          null);
    }
    return places.isTaken(address)
        ? new Refused(
            Refused.Reason.ADDRESS_TAKEN,
            "address " + address + " is taken",
            ledger.holders().ofAddress(address))
        : null;
  }

  private static @Nullable Refused ofBus(DiskBus bus) {
    return switch (bus) {
      case VIRTIO, SCSI -> null;
      case SATA, IDE, FDC ->
          new Refused(
              Refused.Reason.BUS_NOT_HOT_PLUGGABLE,
              "disks on the " + bus.xmlName() + " bus cannot be plugged while a guest runs",
              null);
      case USB, XEN, SD, UML, OTHER ->
          new Refused(
              Refused.Reason.BUS_NOT_SUPPORTED,
              "disks are placed on the virtio and scsi buses only, not on " + bus,
              null);
    };
  }

  private static @Nullable Refused ofAlias(Ledger ledger, String alias) {
    if (!USER_ALIAS.matcher(alias).matches()) {
      return new Refused(
          Refused.Reason.ALIAS_INVALID,
          "alias \"" + alias + "\" is not ua- and then letters, digits, '-' and '_'",
          null);
    }
    return ledger.hasAlias(alias)
        ? new Refused(
            Refused.Reason.ALIAS_TAKEN,
            "alias " + alias + " is taken",
            ledger.holders().ofAlias(alias))
        : null;
  }

  private static @Nullable Refused ofTargetDev(Ledger ledger, String targetDev) {
    if (!TargetDev.isValid(targetDev)) {
      return new Refused(
          Refused.Reason.TARGET_INVALID,
          "libvirt takes no disk with target dev \"" + targetDev + "\"",
          null);
    }
    return ledger.hasTargetDev(targetDev)
        ? new Refused(
            Refused.Reason.TARGET_TAKEN,
            "target dev " + targetDev + " is taken",
            ledger.holders().ofTargetDev(targetDev))
        : null;
  }
}
