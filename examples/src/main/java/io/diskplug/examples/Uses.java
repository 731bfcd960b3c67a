// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.domain.Disk;
import io.diskplug.outcome.VolumeUses;
import io.diskplug.outcome.VolumeUses.InDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The uses of a volume in lines for a person. */
final class Uses {

  private Uses() {}

  static String describe(VolumeUses uses) {
    List<String> lines = new ArrayList<>();
    lines.add(
        uses.unlisted()
            .map(why -> "the daemon has not told its domains: " + why)
            .orElseGet(
                () ->
                    uses.shown().size()
                        + " of "
                        + uses.read()
                        + " domains that were read show it"));
    uses.domains().forEach(domain -> lines.add("  " + describe(domain)));
    uses.unread()
        .forEach((name, why) -> lines.add("  " + name + ": not read: " + why.explanation()));
    return String.join(System.lineSeparator(), lines);
  }

  private static String describe(InDomain domain) {
    List<String> parts = new ArrayList<>();
    parts.add(domain.name() + " (" + domain.uuid() + ") " + domain.status().description());
    if (domain.isShown()) {
      parts.add("live " + target(domain.live()));
      parts.add("persistent " + target(domain.persistent()));
    }
    domain.conflict().ifPresent(parts::add);
    if (domain.status().holdsMoreThanViewsShow()) {
      parts.add("may hold disks that no view shows");
    }
    if (!domain.unresolved().isEmpty()) {
      parts.add(
          "cannot be told: "
              + domain.unresolved().stream()
                  .map(Disk::targetDev)
                  .distinct()
                  .collect(Collectors.joining(" ")));
    }
    return String.join(", ", parts);
  }

  private static String target(Optional<Disk> disk) {
    return disk.map(Disk::targetDev).orElse("absent");
  }
}
