// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainViews;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.View;
import io.diskplug.fault.FaultException;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A domain's status and views, read together.
 *
 * @param status what the domain was doing when its views had been read
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
   * view with the persistent one where the domain is shut off. But a live view names the run that
   * it is of: if the status that is read after both views names the same, the domain was in this
   * run from one to the other. (No two runs have the same id, unless the daemon was restarted
   * between them.)
   *
   * @param earlier a status that was read before, however long ago, which tells what to read first;
   *     null if there is none
   * @return empty if the domain kept changing
   */
  static Optional<Snapshot> read(BoundedDomain domain, @Nullable DomainStatus earlier)
      throws FaultException {
    boolean mayBeActive = earlier == null || earlier.active();
    boolean mayBePersistent = earlier == null || earlier.persistent();
    for (int tried = 0; tried < TRIES; tried++) {
      String live = mayBeActive ? domain.xml(View.LIVE) : null;
      String persistent = mayBePersistent ? domain.xml(View.PERSISTENT) : null;
      DomainStatus status = domain.status();
      // libvirt shows the only view that there is for the other one, too: that was read in vain.
      String liveXml = status.active() ? live : null;
      String persistentXml = status.persistent() ? persistent : null;
      DomainView liveView = parse(liveXml, View.LIVE);
      DomainView persistentView = parse(persistentXml, View.PERSISTENT);
      if (isOfRun(status, liveView)
          && (persistentView != null || !status.persistent())
          && (liveView != null || persistentView != null)) {
        DomainViews views = new DomainViews(liveView, persistentView);
        return Optional.of(new Snapshot(status, views, liveXml, persistentXml));
      }
      mayBeActive = status.active();
      mayBePersistent = status.persistent();
    }
    return Optional.empty();
  }

  private static boolean isOfRun(DomainStatus status, @Nullable DomainView live) {
    return live == null ? !status.active() : live.run().equals(OptionalInt.of(status.id()));
  }

  private static @Nullable DomainView parse(@Nullable String xml, View view) {
    return xml == null ? null : DomainXmlReader.readDomain(xml, view);
  }
}
