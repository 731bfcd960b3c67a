// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.domain.Disk;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.DiskReport.Drift;
import io.diskplug.outcome.Ghost;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.MendOutcome;
import io.diskplug.outcome.MendPending;
import io.diskplug.outcome.Mended;
import io.diskplug.outcome.NotDone;
import io.diskplug.outcome.NotedUnplug;
import io.diskplug.outcome.PartlyInspected;
import io.diskplug.outcome.RepairStep;
import io.diskplug.outcome.Repaired;
import java.util.ArrayList;
import java.util.List;

/** Inspections and repairs in a few lines for a person. */
final class Inspections {

  private Inspections() {}

  static String describe(Inspected inspected) {
    List<String> lines = new ArrayList<>();
    for (DiskReport disk : inspected.disks()) {
      lines.add(describe(disk));
      disk.differences().forEach(difference -> lines.add("    " + difference));
    }
    for (NotedUnplug unplug : inspected.unplugs()) {
      lines.add(
          "noted unplug "
              + unplug.key()
              + (unplug.stale() ? ", stale" : "")
              + unplug
                  .disk()
                  .map(disk -> ", of " + disk.targetDev())
                  .or(
                      () ->
                          unplug.freedSlot().map(slot -> ", done: slot " + slot + " is left alone"))
                  .orElse(", of no live disk: harmless, --forget takes it away"));
    }
    for (Ghost ghost : inspected.ghosts()) {
      lines.add("ghost " + ghost.name() + ": " + ghost);
    }
    for (Ghost suspect : inspected.suspects()) {
      lines.add("not proven to be a ghost, " + suspect.name() + ": " + suspect);
    }
    inspected.whyNotAsked().ifPresent(why -> lines.add("QEMU was not asked: " + why));
    lines.add(
        "free places: virtio "
            + inspected.capacity().virtio().free()
            + ", scsi "
            + inspected.capacity().scsi().free());
    lines.add(inspected.isClean() ? "in order" : "not in order");
    return String.join(System.lineSeparator(), lines);
  }

  static String describe(PartlyInspected partly) {
    return "not read, for "
        + partly.whyNotRead()
        + System.lineSeparator()
        + "live disks: "
        + partly.targetDevs().map(devs -> String.join(" ", devs)).orElse("not told");
  }

  private static String describe(DiskReport report) {
    Disk disk = report.disk();
    StringBuilder line = new StringBuilder(disk.description());
    line.append(" at ").append(disk.address()).append(", ");
    line.append(disk.source().kind()).append(' ').append(disk.source().canonicalName());
    if (disk.serial() != null) {
      line.append(", serial ").append(disk.serial());
    }
    line.append(report.isOwn() ? ", ours" : ", of another tool");
    if (report.drift() != Drift.NONE) {
      line.append(", ").append(report.drift());
    }
    if (report.isRefusedByNewerQemu()) {
      line.append(", with a serial that QEMU 9.1 and later refuse");
    }
    if (report.isOrphan()) {
      line.append(" (orphan)");
    }
    if (report.unplugPending()) {
      line.append(", the guest was asked to release it");
    }
    if (report.heldByQemu().filter(held -> !held).isPresent()) {
      line.append(", and QEMU does not have it");
    }
    return line.toString();
  }

  static String describe(Repaired repaired) {
    List<String> lines = new ArrayList<>();
    for (RepairStep step : repaired.steps()) {
      lines.add(step.repair() + ": " + describe(step.outcome()));
    }
    if (lines.isEmpty()) {
      lines.add(
          repaired.before().isClean()
              ? "nothing to mend"
              : "nothing was allowed that would mend this:"
                  + System.lineSeparator()
                  + describe(repaired.before()));
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static String describe(MendOutcome outcome) {
    if (outcome instanceof Mended mended) {
      return mended.changed() ? "done" : "nothing to do";
    } else if (outcome instanceof MendPending pending) {
      return "pending: waiting for " + pending.waitingFor();
    }
    return outcome.getClass().getSimpleName() + ": " + ((NotDone) outcome).explanation();
  }
}
