// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.View;
import io.diskplug.fault.FaultException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A domain's status and views, read together.
 *
 * @param status what the domain was doing before and after its views were read
 * @param views the views that apply
 * @param liveXml the text of the live view, or null for a domain that is shut off
 * @param persistentXml the text of the persistent view, or null for a transient domain
 */
record Snapshot(
    DomainStatus status,
    DomainViews views,
    @Nullable String liveXml,
    @Nullable String persistentXml) {

  private static final int TRIES = 3;

  /**
   * Reads the domain. libvirt has no call that returns both views at once, and answers for a live
   * view with the persistent one where the domain has just stopped: so the status is read before
   * and after, and everything again if it changed in between.
   *
   * @param earlier a status that was read before, however long ago; null if there is none. It does
   *     for the one before the views: no two starts of a domain have the same id, unless the daemon
   *     was restarted between them
   * @return empty if the domain kept changing
   */
  static Optional<Snapshot> read(BoundedDomain domain, @Nullable DomainStatus earlier)
      throws FaultException {
    DomainStatus before = earlier == null ? domain.status() : earlier;
    for (int tried = 0; tried < TRIES; tried++) {
      String live = before.active() ? domain.xml(View.LIVE) : null;
      String persistent = before.persistent() ? domain.xml(View.PERSISTENT) : null;
      DomainStatus after = domain.status();
      if (sameViews(before, after)) {
        DomainViews views =
            new DomainViews(parse(live, View.LIVE), parse(persistent, View.PERSISTENT));
        return Optional.of(new Snapshot(after, views, live, persistent));
      }
      before = after;
    }
    return Optional.empty();
  }

  /** A change from running to paused is no change of what the views describe. */
  private static boolean sameViews(DomainStatus before, DomainStatus after) {
    return before.id() == after.id()
        && before.persistent() == after.persistent()
        && before.managedSave() == after.managedSave()
        && (after.active() || after.persistent());
  }

  private static @Nullable DomainView parse(@Nullable String xml, View view) {
    return xml == null ? null : DomainXmlReader.readDomain(xml, view);
  }
}
