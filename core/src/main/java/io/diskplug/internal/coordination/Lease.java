// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.coordination;

import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.match.DiskSelector;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A lease in the metadata of a domain: a process is about to do what two must not do at once, to
 * take a ghost out of QEMU or to ask the guest for a disk. QEMU deletes by name, and the name of a
 * ghost is that of the next healthy disk of the same volume; of two unplug requests that cross, the
 * later one can make QEMU keep what libvirt takes for gone.
 *
 * <p>Each process has a lease of its own, raises it, and reads the domain again: of two that raise
 * theirs, one at least sees that of the other, and gives way. A lease that stays is of a process
 * that has died, or waits for a guest: it is stale when this process has seen it for a while, or
 * when it is older than that by its own time and the clocks of two hosts leave no doubt ({@link
 * FirstSeen#age}). The latter is for processes that end sooner. A stale lease is taken away.
 */
public final class Lease {

  private static final String EVICTION = "evict";
  private static final String ASKING = "ask";
  private static final String START = "start";

  /** Who raises it again raises another one, which is not as old. */
  private static final String SERIAL = "serial";

  /** When it was raised, by the clock of the host; leases of earlier versions do not tell. */
  private static final String AT = "at";

  /** The devices that an eviction deletes, with blanks between them. */
  private static final String DEVICES = "devices";

  private final DomainAccess domain;
  private final ProcessMemory memory;
  private final String kind;
  private final String prefix;
  private final String own;
  private final Duration stale;

  private Lease(
      DomainAccess domain, ProcessMemory memory, String kind, String name, Duration stale) {
    this.domain = domain;
    this.memory = memory;
    this.kind = kind;
    this.prefix = Snapshot.NOTES + kind + ":" + name + ":";
    this.own = prefix + memory.firstSeen().token();
    this.stale = stale;
  }

  /**
   * The lease of who takes a ghost out of QEMU; not raised.
   *
   * @param name the ghost's name
   */
  public static Lease ofEviction(DomainAccess domain, ProcessMemory memory, String name) {
    return new Lease(domain, memory, EVICTION, name, UnplugPolicy.EVICTION_LEASE);
  }

  /**
   * The lease of who asks the guest for a disk; not raised.
   *
   * @param name what names the unplug, as {@link DiskSelector#unplugKey} does
   */
  public static Lease ofAsking(DomainAccess domain, ProcessMemory memory, String name) {
    return new Lease(domain, memory, ASKING, name, UnplugPolicy.ASKING_LEASE);
  }

  /**
   * A lease of an eviction.
   *
   * @param namespace the lease
   * @param ghost the name of the ghost
   * @param devices the devices that the eviction deletes
   * @param isStale whether its process has died, or waits for a guest
   */
  record OfEviction(String namespace, String ghost, Set<String> devices, boolean isStale) {}

  /** The leases of those that take ghosts out of QEMU, this process included. */
  static List<OfEviction> ofEvictions(
      DomainAccess domain, ProcessMemory memory, Snapshot snapshot) {
    String all = Snapshot.NOTES + EVICTION + ":";
    List<OfEviction> leases = new ArrayList<>();
    new TreeMap<>(snapshot.notes())
        .forEach(
            (namespace, note) -> {
              int end = namespace.lastIndexOf(':');
              if (namespace.startsWith(all) && end > all.length()) {
                String ghost = namespace.substring(all.length(), end);
                boolean isStale =
                    isStale(domain, memory, namespace, note, UnplugPolicy.EVICTION_LEASE);
                // One that does not tell is of an earlier version.
                String devices = note.getOrDefault(DEVICES, ghost).trim();
                leases.add(
                    new OfEviction(
                        namespace,
                        ghost,
                        devices.isEmpty() ? Set.of() : Set.of(devices.split(" +")),
                        isStale));
              }
            });
    return leases;
  }

  /**
   * After how long each lease in the domain is stale, whatever it is for; not positive if it is.
   */
  static Stream<Duration> endings(DomainAccess domain, ProcessMemory memory, Snapshot snapshot) {
    return Stream.of(EVICTION, ASKING)
        .flatMap(
            kind ->
                snapshot.notes().entrySet().stream()
                    .filter(note -> note.getKey().startsWith(Snapshot.NOTES + kind + ":"))
                    .map(
                        note ->
                            memory
                                .firstSeen()
                                .left(
                                    seen(domain, note.getKey(), note.getValue()),
                                    UnplugAnnotations.time(note.getValue(), AT),
                                    kind.equals(EVICTION)
                                        ? UnplugPolicy.EVICTION_LEASE
                                        : UnplugPolicy.ASKING_LEASE)));
  }

  private static boolean isStale(
      DomainAccess domain,
      ProcessMemory memory,
      String namespace,
      Map<String, String> note,
      Duration stale) {
    return memory
            .firstSeen()
            .age(seen(domain, namespace, note), UnplugAnnotations.time(note, AT), stale)
            .compareTo(stale)
        >= 0;
  }

  /**
   * Whether this process alone may go on now. If not yet, raises its lease, or takes it back where
   * another one is raised.
   *
   * @param devices what is to be deleted
   */
  public boolean isOurTurn(Snapshot snapshot, Collection<String> devices) throws FaultException {
    boolean raised = isRaised(snapshot);
    if (isRaisedElsewhere(snapshot)) {
      if (raised) {
        domain.note(own, null);
      }
      return false;
    }
    if (!raised) {
      raise(snapshot, " %s='%s'".formatted(DEVICES, String.join(" ", devices)));
    }
    return raised;
  }

  /** Raises the lease; whether this process alone may go on, the next reading shows. */
  public void raise(Snapshot snapshot) throws FaultException {
    raise(snapshot, "");
  }

  private void raise(Snapshot snapshot, String more) throws FaultException {
    domain.note(
        own,
        "<%s %s='%d' %s='%d' %s='%s'%s/>"
            .formatted(
                kind,
                START,
                snapshot.status().id(),
                SERIAL,
                memory.firstSeen().serial(),
                AT,
                memory.scheduler().now().truncatedTo(ChronoUnit.SECONDS),
                more));
  }

  /** Whether ours is the only lease in a live view. */
  public boolean isOursAlone(String liveXml) {
    Map<String, Map<String, String>> notes = Snapshot.notes(liveXml);
    return notes.containsKey(own) && others(notes).isEmpty();
  }

  /** Whether another process may be about to go on. Takes leases away that have grown stale. */
  public boolean isRaisedElsewhere(Snapshot snapshot) throws FaultException {
    takeAwayStale(snapshot);
    return others(snapshot.notes()).entrySet().stream().anyMatch(other -> !isStale(other));
  }

  /** Takes away the leases of other processes that have grown stale. */
  public void takeAwayStale(Snapshot snapshot) throws FaultException {
    for (Map.Entry<String, Map<String, String>> other : others(snapshot.notes()).entrySet()) {
      if (isStale(other)) {
        domain.note(other.getKey(), null);
      }
    }
  }

  private boolean isStale(Map.Entry<String, Map<String, String>> lease) {
    return isStale(domain, memory, lease.getKey(), lease.getValue(), stale);
  }

  /**
   * Whether another process may be about to do the same to another disk of the domain, and this one
   * has to give way to it. Of two that have raised their leases the one goes on whose lease comes
   * first by its name, as soon as the other one has taken its own back.
   */
  public Neighbours neighbours(Snapshot snapshot) throws FaultException {
    String all = Snapshot.NOTES + kind + ":";
    String ofThisProcess = ":" + memory.firstSeen().token();
    Neighbours found = Neighbours.NONE;
    for (Map.Entry<String, Map<String, String>> note : snapshot.notes().entrySet()) {
      String other = note.getKey();
      if (!other.startsWith(all) || other.startsWith(prefix) || other.endsWith(ofThisProcess)) {
        continue;
      }
      if (isStale(note)) {
        domain.note(other, null);
      } else if (found != Neighbours.FIRST) {
        found = other.compareTo(own) < 0 ? Neighbours.FIRST : Neighbours.LATER;
      }
    }
    return found;
  }

  /** Who else is about to do the same to another disk. */
  public enum Neighbours {
    /** No other process. */
    NONE,
    /** Other processes, all of which give way to this one if it has raised its lease. */
    LATER,
    /** A process that this one gives way to. */
    FIRST
  }

  /** Whether another process has raised one that this process has not seen before. */
  public boolean isNewElsewhere(Snapshot snapshot) {
    boolean isNew = false;
    for (Map.Entry<String, Map<String, String>> other : others(snapshot.notes()).entrySet()) {
      isNew |= memory.firstSeen().isNew("new " + seen(domain, other.getKey(), other.getValue()));
    }
    return isNew;
  }

  /** What tells a lease from others, and from the one that its process has raised before. */
  private static String seen(DomainAccess domain, String namespace, Map<String, String> note) {
    return domain.uuid() + " " + namespace + " " + note.getOrDefault(SERIAL, "");
  }

  /** It is done, or there is nothing to be done. */
  public void lower(Snapshot snapshot) throws FaultException {
    if (isRaised(snapshot)) {
      domain.note(own, null);
    }
  }

  /**
   * No process has anything to do any more: takes away every lease, also those of dead processes.
   */
  public void clear(Snapshot snapshot) throws FaultException {
    for (String other : others(snapshot.notes()).keySet()) {
      domain.note(other, null);
    }
    lower(snapshot);
  }

  /** What it was raised for was refused. */
  public void takeBack() throws FaultException {
    domain.note(own, null);
  }

  /** Whether this process has raised it. */
  public boolean isRaised(Snapshot snapshot) {
    return snapshot.notes().containsKey(own);
  }

  /** The leases of other processes, and what each says. */
  private Map<String, Map<String, String>> others(Map<String, Map<String, String>> notes) {
    Map<String, Map<String, String>> others = new TreeMap<>();
    notes.forEach(
        (namespace, note) -> {
          if (namespace.startsWith(prefix) && !namespace.equals(own)) {
            others.put(namespace, note);
          }
        });
    return others;
  }
}
