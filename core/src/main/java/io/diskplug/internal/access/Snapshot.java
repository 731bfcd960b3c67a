// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.access;

import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.View;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.DomainViews;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A domain's status and views, read together.
 *
 * @param status what the domain was doing when its views had been read, or just before
 * @param views the views that apply
 * @param liveXml the text of the live view, or null for a domain that is shut off
 * @param persistentXml the text of the persistent view, or null for a transient domain
 * @param notes what is noted in the live view, by the namespace of the note
 * @param configuredNotes the same of the persistent view
 */
public record Snapshot(
    DomainStatus status,
    DomainViews views,
    @Nullable String liveXml,
    @Nullable String persistentXml,
    Map<String, Map<String, String>> notes,
    Map<String, Map<String, String>> configuredNotes) {

  private static final int TRIES = 3;

  /** How the namespaces of what this library notes in a domain begin. */
  public static final String NOTES = "urn:diskplug:";

  /** Of what was read, with the notes that it has. */
  public static Snapshot of(
      DomainStatus status,
      DomainViews views,
      @Nullable String liveXml,
      @Nullable String persistentXml) {
    return new Snapshot(
        status, views, liveXml, persistentXml, notes(liveXml), notes(persistentXml));
  }

  /** What this library and others have noted in a view, by namespace; empty if this one has not. */
  public static Map<String, Map<String, String>> notes(@Nullable String xml) {
    return xml == null || !xml.contains(NOTES) ? Map.of() : DomainXmlReader.metadata(xml);
  }

  /**
   * Reads the domain. libvirt has no call that returns both views at once, and answers for a live
   * view with the persistent one where the domain is shut off. But a live view names the run that
   * it is of: if the status that is read after both views names the same, the domain was in this
   * run from one to the other, or from the lookup that the request began with to the live view. (No
   * two runs have the same id, unless the daemon was restarted between them.)
   *
   * @param earlier a status that was read before, however long ago, which tells what to read first;
   *     null if there is none
   * @return empty if the domain kept changing
   */
  public static Optional<Snapshot> read(DomainAccess domain, @Nullable DomainStatus earlier)
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
        return Optional.of(of(status, views, liveXml, persistentXml));
      }
      mayBeActive = status.active();
      mayBePersistent = status.persistent();
    }
    return Optional.empty();
  }

  /**
   * Reads the views of a persistent domain that runs, after a change that libvirt has accepted, and
   * within the moment for which a status holds. The live view is read last: if it names the run of
   * the status, the domain was in this run all the while, and no status has to be read again.
   *
   * <p>What it cannot see is that the domain was undefined meanwhile: libvirt then goes on showing
   * the configuration as it was, or shows the live view in its place. The live view is what it is
   * all the same, and the only one that applies by then, so that a disk that is found in both views
   * is attached (S3), and one that is found in neither, and not in QEMU, is detached (S4). A disk
   * that only the configuration shows leads to a change of it, which libvirt refuses for a
   * transient domain, and after a fault the status is read anew.
   *
   * @param before the status that was read before the change
   * @return empty if the domain is in another run, or may be
   */
  public static Optional<Snapshot> readBack(DomainAccess domain, DomainStatus before)
      throws FaultException {
    if (!before.active() || !before.persistent()) {
      return Optional.empty();
    }
    String persistent = domain.xml(View.PERSISTENT);
    String live = domain.xml(View.LIVE);
    DomainView liveView = DomainXmlReader.readDomain(live, View.LIVE);
    if (!isOfRun(before, liveView)) {
      return Optional.empty();
    }
    DomainView persistentView = DomainXmlReader.readDomain(persistent, View.PERSISTENT);
    return Optional.of(of(before, new DomainViews(liveView, persistentView), live, persistent));
  }

  /** The same with views in which more is known of the disks. */
  Snapshot with(DomainViews known) {
    return new Snapshot(status, known, liveXml, persistentXml, notes, configuredNotes);
  }

  private static boolean isOfRun(DomainStatus status, @Nullable DomainView live) {
    return live == null ? !status.active() : live.run().equals(OptionalInt.of(status.id()));
  }

  private static @Nullable DomainView parse(@Nullable String xml, View view) {
    return xml == null ? null : DomainXmlReader.readDomain(xml, view);
  }
}
