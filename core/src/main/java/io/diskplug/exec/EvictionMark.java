// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainXmlReader;
import io.diskplug.fault.FaultException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says in the domain itself that a process is about to take a ghost out of QEMU. QEMU deletes by
 * name, and the name of a ghost is that of the next healthy disk of the same volume: two processes
 * that found the same ghost must not both delete, and who attaches the volume must not claim it
 * before the other one is through.
 *
 * <p>Each process has a mark of its own, raises it, and reads the domain again: of two that raise
 * theirs, one at least sees that of the other, and gives way. A mark that stays is of a process
 * that has died, or waits for a guest: it is taken away after a while.
 */
final class EvictionMark {

  /** Between the last reading and the deletion there is one call; nobody needs as long. */
  private static final Duration STALE = Duration.ofSeconds(10);

  private static final String NAMESPACE = "urn:diskplug:evict:";
  private static final String START = "start";

  private final BoundedDomain domain;
  private final RequestContext context;
  private final String prefix;
  private final String own;

  /**
   * Not raised.
   *
   * @param name the device that it is about
   */
  EvictionMark(BoundedDomain domain, RequestContext context, String name) {
    this.domain = domain;
    this.context = context;
    this.prefix = NAMESPACE + name + ":";
    this.own = prefix + context.sightings().token();
  }

  /**
   * Whether this process alone may delete now. If not yet, raises its mark, or takes it back where
   * another one is raised.
   */
  boolean isOurTurn(Snapshot snapshot) throws FaultException {
    boolean raised = isRaised(snapshot.liveXml());
    if (isRaisedElsewhere(snapshot)) {
      if (raised) {
        domain.note(own, null);
      }
      return false;
    }
    if (!raised) {
      domain.note(own, "<evict " + START + "='" + snapshot.status().id() + "'/>");
    }
    return raised;
  }

  /** Whether ours is the only mark in a live view. */
  boolean isOursAlone(String liveXml) {
    return isRaised(liveXml) && others(liveXml).isEmpty();
  }

  /** Whether another process may be about to delete. Takes marks away that have grown stale. */
  boolean isRaisedElsewhere(Snapshot snapshot) throws FaultException {
    boolean elsewhere = false;
    for (String other : others(snapshot.liveXml())) {
      if (context.sightings().since(domain.uuid() + " " + other).compareTo(STALE) < 0) {
        elsewhere = true;
      } else {
        domain.note(other, null);
      }
    }
    return elsewhere;
  }

  /** The ghost is gone, or was none. */
  void lower(Snapshot snapshot) throws FaultException {
    if (isRaised(snapshot.liveXml())) {
      domain.note(own, null);
    }
  }

  private boolean isRaised(@Nullable String liveXml) {
    return liveXml != null && liveXml.contains(own);
  }

  private List<String> others(@Nullable String liveXml) {
    List<String> others = new ArrayList<>();
    if (liveXml != null && liveXml.contains(prefix)) {
      for (Map.Entry<String, Map<String, String>> note :
          DomainXmlReader.metadata(liveXml).entrySet()) {
        if (note.getKey().startsWith(prefix) && !note.getKey().equals(own)) {
          others.add(note.getKey());
        }
      }
    }
    return others;
  }
}
