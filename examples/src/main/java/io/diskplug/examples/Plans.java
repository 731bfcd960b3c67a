// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.alloc.Capacity;
import io.diskplug.alloc.Placement;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Planned;
import java.util.ArrayList;
import java.util.List;

/** Plans in a few lines for a person. */
final class Plans {

  private Plans() {}

  static String describe(Planned planned) {
    List<String> lines = new ArrayList<>();
    for (DiskPlan plan : planned.disks()) {
      describe(plan, lines);
    }
    lines.add("free places before this plan:");
    describe("virtio", planned.capacity().virtio(), lines);
    describe("scsi", planned.capacity().scsi(), lines);
    return String.join(System.lineSeparator(), lines);
  }

  private static void describe(DiskPlan plan, List<String> lines) {
    if (plan instanceof DiskPlan.Attach attach) {
      Placement placement = attach.placement();
      lines.add(
          "would be attached as "
              + placement.targetDev()
              + " at "
              + (placement.address() == null ? "an address of libvirt's" : placement.address())
              + " in the views "
              + attach.views().stream().sorted().toList());
      attach.guestPath().ifPresent(path -> lines.add("  in the guest: " + path));
      placement.skipped().forEach(skipped -> lines.add("  passed over: " + skipped));
      lines.add("  " + attach.xml());
    } else if (plan instanceof DiskPlan.Present present) {
      lines.add(
          "is attached as "
              + present.targetDev()
              + present.address().map(address -> " at " + address).orElse("")
              + (present.differences().isEmpty() ? "" : "; " + present.differences()));
    } else if (plan instanceof DiskPlan.Refusal refusal) {
      lines.add("would be rejected, " + refusal.reason() + ": " + refusal.explanation());
    }
  }

  private static void describe(String bus, Capacity.Room room, List<String> lines) {
    lines.add(
        "  "
            + bus
            + ": "
            + room.free()
            + (room.mayGrow() ? ", and more where libvirt adds a bus" : "")
            + (room.live() == null ? "" : "; live view alone " + room.live())
            + (room.persistent() == null ? "" : "; persistent view alone " + room.persistent()));
  }
}
