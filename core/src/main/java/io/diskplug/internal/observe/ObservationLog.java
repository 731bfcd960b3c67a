// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.observe;

import io.diskplug.domain.Disk;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.DomainStatus;
import io.diskplug.domain.View;
import io.diskplug.fault.LibvirtFault;
import io.diskplug.internal.match.VolumeSearch;
import io.diskplug.internal.match.VolumeSearch.Hit;
import io.diskplug.internal.match.VolumeSearch.Location;
import io.diskplug.outcome.Attempts;
import io.diskplug.outcome.Observation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a request has seen so far, to be told in its outcome. */
public final class ObservationLog {

  /** A request that keeps failing for minutes must not keep every fault. */
  private static final int MOST_FAULTS = 20;

  private final DomainRef asked;
  private final RequestEvents events;
  private final Deque<LibvirtFault> faults = new ArrayDeque<>();
  private @Nullable UUID domain;
  private @Nullable DomainStatus status;
  private @Nullable Disk live;
  private @Nullable Disk persistent;
  private @Nullable Boolean heldByQemu;
  private @Nullable String storage;
  private @Nullable Attempts attempts;
  private @Nullable String notEvicted;
  private @Nullable String experimental;
  private final List<String> evicted = new ArrayList<>();
  private List<Disk> unresolved = List.of();
  private final List<String> controllers = new ArrayList<>();

  public ObservationLog(DomainRef asked, RequestEvents events) {
    this.asked = asked;
    this.events = events;
  }

  /** Who is told what happens. */
  public RequestEvents events() {
    return events;
  }

  /** What another request on the same domain begins with. */
  public ObservationLog another() {
    ObservationLog other = new ObservationLog(asked, events);
    other.domain = domain;
    return other;
  }

  public void resolved(UUID uuid) {
    domain = uuid;
    events.resolved(uuid);
  }

  public void saw(DomainStatus status) {
    this.status = status;
  }

  public void saw(DomainStatus status, VolumeSearch.Result found) {
    this.status = status;
    this.live = disk(found.locations().get(View.LIVE));
    this.persistent = disk(found.locations().get(View.PERSISTENT));
    this.unresolved = List.copyOf(found.unresolved());
    live().or(() -> Optional.ofNullable(persistent)).ifPresent(events::saw);
  }

  /** Of these disks no view tells what they are. */
  public void sawUnresolved(Collection<Disk> disks) {
    unresolved = List.copyOf(disks);
  }

  public void qemuHolds(boolean held) {
    heldByQemu = held;
  }

  /** Null: what it said holds no more. */
  public void storageSaid(@Nullable String said) {
    storage = said;
  }

  /** What the library was not tested on, in words. */
  public void experimental(String what) {
    experimental = what;
  }

  public void evicted(String name) {
    evicted.add(name);
    notEvicted = null;
  }

  /** A ghost stays in QEMU, and why. */
  public void notEvicted(String why) {
    notEvicted = why;
  }

  /** A controller was plugged, by this request or by libvirt. */
  public void controller(String what) {
    if (!controllers.contains(what)) {
      controllers.add(what);
    }
  }

  public void fault(LibvirtFault fault) {
    if (fault.equals(faults.peekLast())) {
      return;
    }
    if (faults.size() == MOST_FAULTS) {
      faults.removeFirst();
    }
    faults.addLast(fault);
  }

  /** How often was tried what is not done yet. */
  public void attempts(Attempts tried) {
    attempts = tried;
  }

  /** Why a ghost could not be taken out of QEMU, else libvirt's last fault. */
  public Optional<String> lastAnswer() {
    return Optional.ofNullable(notEvicted).or(() -> lastFault().map(LibvirtFault::toString));
  }

  public Optional<LibvirtFault> lastFault() {
    return Optional.ofNullable(faults.peekLast());
  }

  public Optional<Disk> live() {
    return Optional.ofNullable(live);
  }

  public Optional<DomainStatus> status() {
    return Optional.ofNullable(status);
  }

  public Observation observation() {
    return new Observation(
        asked,
        Optional.ofNullable(domain),
        Optional.ofNullable(status),
        Optional.ofNullable(live),
        Optional.ofNullable(persistent),
        Optional.ofNullable(heldByQemu),
        Optional.ofNullable(storage),
        List.copyOf(evicted),
        List.copyOf(faults),
        Optional.ofNullable(attempts),
        unresolved,
        controllers,
        Optional.ofNullable(experimental));
  }

  private static @Nullable Disk disk(@Nullable Location location) {
    return location instanceof Hit hit ? hit.disk() : null;
  }
}
