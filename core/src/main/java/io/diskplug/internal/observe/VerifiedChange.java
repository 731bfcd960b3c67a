// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Changed;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.Observation;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Repair;
import io.diskplug.spi.PlugListener.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which outcomes speak of a change that was read back, and what a log says of it. */
final class VerifiedChange {

  private VerifiedChange() {}

  /** Whether this request changed something, and has read it back. */
  static boolean isOne(Outcome outcome) {
    return outcome instanceof Attached
        || outcome instanceof Detached
        || (outcome instanceof Changed set && set.changed())
        || (outcome instanceof Mended mended && mended.changed());
  }

  /** The word of the line. */
  static String word(Kind kind) {
    return switch (kind) {
      case ATTACH -> "attached";
      case DETACH -> "detached";
      case LIMIT -> "limits-set";
      case GROW -> "grown";
      case ADOPT -> "adopted";
      case REPAIR -> "repaired";
      case PLAN, INSPECT -> "changed"; // they change nothing
    };
  }

  /**
   * Where the disk is or was, and what the claim rests on.
   *
   * @param seen the disk as it was last seen, if it was
   */
  static void describe(LogLine line, Outcome outcome, Optional<Disk> seen) {
    if (outcome instanceof Attached attached) {
      place(line, attached.targetDev(), Optional.of(attached.address()));
    } else {
      seen.ifPresent(disk -> place(line, disk));
    }
    if (outcome instanceof Detached detached) {
      line.with("proof", detached.proof());
    } else {
      line.with("views", views(outcome.observed()));
    }
  }

  /** What a step of a repair has mended. */
  static void describe(LogLine line, Repair repair, Mended outcome) {
    line.with("step", repair.kind().name().toLowerCase(Locale.ROOT));
    repair.view().ifPresent(view -> line.with("view", view));
    repair.disk().ifPresent(disk -> place(line, disk));
    repair.ghost().ifPresent(ghost -> line.with("ghost", ghost.name()));
    repair.unplug().ifPresent(key -> line.with("note", key));
    line.with("proof", outcome.proof());
  }

  private static void place(LogLine line, Disk disk) {
    place(line, disk.targetDev(), Optional.ofNullable(disk.address()));
  }

  private static void place(LogLine line, String targetDev, Optional<DeviceAddress> address) {
    line.with("target", targetDev);
    address.ifPresent(where -> line.with("address", where));
  }

  private static String views(Observation observed) {
    List<String> views = new ArrayList<>();
    observed.live().ifPresent(disk -> views.add("LIVE"));
    observed.persistent().ifPresent(disk -> views.add("PERSISTENT"));
    return String.join(",", views);
  }
}
