// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.internal.alloc.Allocation;
import io.diskplug.internal.alloc.Allocator;
import io.diskplug.internal.alloc.Demand;
import io.diskplug.internal.alloc.Occupied;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.model.TargetDev;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.libvirt.LibvirtException;

/**
 * What the checks of one domain share.
 *
 * @param dice the random choices
 * @param domain the domain
 * @param tally what is counted
 * @param title the seed and the domain's number, for whoever wants to repeat it
 */
record Trial(Dice dice, OracleDomain domain, Tally tally, String title) {

  /** Beyond the target devs that anybody else chooses. */
  private static final int FIRST_TARGET = 1000;

  static Allocation allocate(DomainViews views, Demand demand) {
    return Allocator.allocate(views, demand, Occupied.NOTHING);
  }

  /** A target dev that no view has in use and that the allocator would not choose. */
  static String freeTarget(DomainViews views) {
    return firstFree(
        views,
        IntStream.range(FIRST_TARGET, 2 * FIRST_TARGET)
            .mapToObj(index -> TargetDev.name("vd", index)));
  }

  /** The first of these target devs that no view has in use. */
  static String firstFree(DomainViews views, Stream<String> targets) {
    return freeOf(views, targets)
        .orElseThrow(() -> new AssertionError("all target devs are taken"));
  }

  /** The first of these target devs that no view has in use, if there is one. */
  static Optional<String> freeOf(DomainViews views, Stream<String> targets) {
    return targets
        .filter(
            target -> views.present().stream().noneMatch(view -> view.inUse().hasTargetDev(target)))
        .findFirst();
  }

  /** A disk as it is now, in every view. */
  String diskNow(String alias) throws LibvirtException {
    List<String> disks = new ArrayList<>();
    domain
        .look()
        .devices()
        .forEach((view, devices) -> disks.add(view + " " + devices.withAlias(alias).orElse(null)));
    return disks.toString();
  }

  /** Reports that libvirt and the allocator differ. */
  void disagree(Sight before, String what, String details) {
    tally.disagreement(
        title + ": " + what, details + "\n--- history ---\n" + domain.history() + before);
  }
}
