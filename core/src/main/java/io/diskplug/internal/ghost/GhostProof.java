// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.ghost;

import io.diskplug.domain.View;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.coordination.Lease;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.qemu.Ghosts;
import io.diskplug.internal.qemu.QemuView;
import io.diskplug.internal.qemu.UnexpectedAnswerException;
import io.diskplug.internal.xml.read.DomainXmlReader;
import io.diskplug.outcome.Ghost;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Looks for ghosts of any disk, and remembers in how many rounds in a row it has seen the same
 * ones. See {@link GhostWatch} for what makes it a proof.
 */
public final class GhostProof {

  /** Two of them have a reading of the XML before and after. */
  private static final int SIGHTINGS = 3;

  private final DomainAccess domain;
  private List<Ghost> seen = List.of();
  private int sightings;
  private int start;

  public GhostProof(DomainAccess domain) {
    this.domain = domain;
  }

  /**
   * Looks once.
   *
   * @param snapshot the domain as it was read in this round
   * @param qemu what QEMU has, asked after that
   */
  public List<Ghost> look(Snapshot snapshot, QemuView qemu)
      throws FaultException, UnexpectedAnswerException {
    List<Ghost> now = find(snapshot, qemu);
    if (start != snapshot.status().id() || !now.equals(seen)) {
      sightings = 0;
      start = snapshot.status().id();
      seen = now;
    }
    sightings++;
    return now;
  }

  /** Whether they have been there for long enough. */
  public boolean isSeenOften() {
    return sightings >= SIGHTINGS;
  }

  /** A job has nodes open that no view shows. */
  public boolean isUndisturbed() throws FaultException, UnexpectedAnswerException {
    return !QemuView.hasJobs(domain::askQemu);
  }

  /**
   * Reads the XML once more, after all that QEMU was asked: an attach of another process shows in
   * it by now. It names the run that it is of.
   */
  public boolean isStillUnexplained(Ghost ghost, QemuView qemu, Lease lease)
      throws FaultException, UnexpectedAnswerException {
    String xml = domain.xml(View.LIVE);
    DomainView live = DomainXmlReader.readDomain(xml, View.LIVE);
    return live.run().equals(OptionalInt.of(start))
        && lease.isOursAlone(xml)
        && Ghosts.find(
                qemu,
                QemuView.nodesInUse(domain::askQemu),
                live,
                DomainXmlReader.blockNodeNumbers(xml))
            .contains(ghost);
  }

  private List<Ghost> find(Snapshot snapshot, QemuView qemu)
      throws FaultException, UnexpectedAnswerException {
    String xml = snapshot.liveXml();
    if (xml == null || snapshot.views().live() == null) {
      return List.of();
    }
    Set<Integer> shown = DomainXmlReader.blockNodeNumbers(xml);
    return Ghosts.find(qemu, QemuView.nodesInUse(domain::askQemu), snapshot.views().live(), shown);
  }
}
