// SPDX-License-Identifier: Apache-2.0
package io.diskplug.plan;

import io.diskplug.alloc.Capacity;
import io.diskplug.domain.View;
import io.diskplug.internal.alloc.Allocator;
import io.diskplug.internal.alloc.Occupied;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.place.DiskPlanner;
import io.diskplug.internal.xml.read.DomainXmlException;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.DiskPlan;
import io.diskplug.outcome.Waiver;
import io.diskplug.spi.DiskSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The allocator by itself, without a daemon: from the XML of a domain to the plan of an attach, by
 * the rules that an attach goes by.
 *
 * <p>A pure function of its arguments; safe for use by several threads.
 */
public final class Planner {

  private Planner() {}

  /**
   * Plans several disks, as if each were attached before the next is planned. A disk that cannot be
   * attached takes nothing from those that follow.
   *
   * @param domain the domain
   * @param disks the disks
   * @param waived what the caller waives
   * @return one plan for each disk, in the same order
   * @throws IllegalArgumentException if the XML cannot be read, its views are of two domains, or a
   *     disk's source is not that of its volume
   */
  public static List<DiskPlan> plan(
      DomainXml domain, List<? extends DiskSource> disks, Set<Waiver> waived) {
    return DiskPlanner.plan(views(domain), disks, Occupied.NOTHING, waived);
  }

  /**
   * Plans several disks by what the XML shows, waiving nothing.
   *
   * @param domain the domain
   * @param disks the disks
   * @return one plan for each disk, in the same order
   * @throws IllegalArgumentException as {@link #plan(DomainXml, List, Set)}
   */
  public static List<DiskPlan> plan(DomainXml domain, List<? extends DiskSource> disks) {
    return plan(domain, disks, Set.of());
  }

  /**
   * How many more disks a domain can take.
   *
   * @param domain the domain
   * @throws IllegalArgumentException if the XML cannot be read, or its views are of two domains
   */
  public static Capacity capacity(DomainXml domain) {
    return Allocator.capacity(views(domain));
  }

  private static DomainViews views(DomainXml domain) {
    return new DomainViews(
        view(domain.live(), View.LIVE), view(domain.persistent(), View.PERSISTENT));
  }

  private static @Nullable DomainView view(Optional<String> xml, View view) {
    try {
      return xml.map(text -> DomainXmlReader.readDomain(text, view)).orElse(null);
    } catch (DomainXmlException e) {
      throw new IllegalArgumentException(
          "the " + view.name().toLowerCase(Locale.ROOT) + " XML cannot be read: " + e.getMessage(),
          e);
    }
  }
}
