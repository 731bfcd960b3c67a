// SPDX-License-Identifier: Apache-2.0
package io.diskplug.internal.ghost;

import io.diskplug.domain.Disk;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.StorageSource;
import io.diskplug.domain.View;
import io.diskplug.internal.access.DomainAccess;
import io.diskplug.internal.access.PoolNames;
import io.diskplug.internal.access.Snapshot;
import io.diskplug.internal.coordination.AliasQuarantine;
import io.diskplug.internal.coordination.Lease;
import io.diskplug.internal.coordination.OneUnplug;
import io.diskplug.internal.coordination.ProcessMemory;
import io.diskplug.internal.engine.Backoff;
import io.diskplug.internal.engine.LongWait;
import io.diskplug.internal.fault.FaultException;
import io.diskplug.internal.kind.StorageKinds;
import io.diskplug.internal.match.DiskSelector;
import io.diskplug.internal.model.DomainView;
import io.diskplug.internal.model.Holder;
import io.diskplug.internal.observe.ObservationLog;
import io.diskplug.internal.qemu.QemuNode;
import io.diskplug.internal.qemu.QemuView;
import io.diskplug.internal.qemu.UnexpectedAnswerException;
import io.diskplug.internal.xml.read.DomainXmlReader;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Watches for what QEMU has of a disk that the live view does not show, and takes it out of QEMU
 * when it is proven to be a ghost: what a daemon left behind that died in the middle of an attach.
 * libvirt drops from its view what QEMU has lost, and never adopts what QEMU has.
 *
 * <p>The monitor answers while no job runs on the domain ({@code virDomainQemuMonitorCommand} takes
 * one), so that an attach or a detach of another client is over, or has not begun, when QEMU is
 * asked; the XML that is read before and after shows what came of it. That is seen twice, with the
 * XML read in between, and once more in the round that evicts, which reads the XML again last.
 */
public final class GhostWatch {

  /** So many rounds must have seen it, each with a reading of the XML before it. */
  private static final int PROOF = 2;

  /**
   * libvirt's names of the nodes of disks: what else has a node open is not ours to touch. Those of
   * the firmware have no number ({@code libvirt-pflash1-storage}).
   */
  private static final Pattern OF_A_DISK = Pattern.compile("libvirt-\\d+-.+");

  /** A wait goes on as long as QEMU has the same, and what keeps it is the same. */
  private record Stage(Set<String> seen, String step) {}

  private final DomainAccess domain;
  private final DiskSelector selector;
  private final PoolNames pools;
  private final StorageKinds kinds;
  private final ObservationLog observations;
  private final Eviction eviction;
  private final AliasQuarantine evicted;
  private final Lease lease;
  private final OneUnplug oneUnplug;
  private final Backoff looks;
  private final boolean evicts;
  private final LongWait longWait;
  private Set<String> seen = Set.of();

  /** The devices for which the guest was asked. */
  private Set<String> asked = Set.of();

  /** What the last look has come to, in words. */
  private String step = "";

  private boolean held;
  private int sightings;

  /** Whether the guest was asked for another disk, and has not released it. */
  private boolean guestIsBusy;

  /** Whether the guest was asked for a device of the ghost. */
  private boolean hasAsked;

  private int start;

  /**
   * Watches for a request.
   *
   * @param kinds the kinds whose block nodes are recognized
   * @param mayAskQemu whether the monitor may be used
   * @param evicts whether a ghost that is proven is taken out of QEMU
   * @param looks the pauses between two looks
   * @param longWait makes them longer when nothing moves on for long
   * @param changing told before each change of QEMU
   */
  public GhostWatch(
      DomainAccess domain,
      DiskSelector selector,
      PoolNames pools,
      StorageKinds kinds,
      ObservationLog observations,
      ProcessMemory memory,
      boolean mayAskQemu,
      boolean evicts,
      Backoff looks,
      LongWait longWait,
      Runnable changing) {
    this.domain = domain;
    this.selector = selector;
    this.pools = pools;
    this.kinds = kinds;
    this.observations = observations;
    this.eviction = new Eviction(domain, observations, memory.aliasQuarantine(), changing);
    this.evicted = memory.aliasQuarantine();
    this.lease = Lease.ofEviction(domain, memory, selector.alias());
    this.oneUnplug = OneUnplug.besides(domain, selector.alias(), memory, mayAskQemu);
    this.evicts = evicts;
    this.looks = looks;
    this.longWait = longWait;
  }

  /**
   * Looks whether QEMU has the disk; if a ghost of it is proven, does the next step to evict it.
   *
   * @param snapshot the domain as it was read in this round, without the disk in its live view
   */
  public void look(Snapshot snapshot) throws FaultException, UnexpectedAnswerException {
    QemuView view = QemuView.read(domain::askQemu, kinds);
    DomainView live = snapshot.views().live();
    boolean there = view.holds(selector.alias(), selector.identity(), live);
    if (!view.devices().contains(selector.alias())) {
      evicted.isGone(domain.uuid(), selector.alias());
    }
    held = there || isSettling();
    guestIsBusy = there && !oneUnplug.inTheWay(snapshot).isEmpty();
    observations.qemuHolds(there);
    Set<String> now = names(view);
    if (start != snapshot.status().id() || !now.equals(seen)) {
      sightings = 0;
      start = snapshot.status().id();
      seen = now;
      looks.restart();
    }
    if (!there) {
      step = "it is gone";
      sightings = 0;
    } else if (++sightings > PROOF) {
      if (evicts) {
        evict(snapshot, view, live);
      } else {
        isNotEvicted(snapshot, "the options forbid to evict ghosts");
      }
    }
  }

  /**
   * How long to wait before the next look, while QEMU holds the disk.
   *
   * @param snapshot the domain as it was read in this round
   */
  public Duration nextLook(Snapshot snapshot) {
    longWait.isFor(new Stage(seen, step));
    Stream<Duration> ofDevices =
        Stream.concat(asked.stream(), Stream.of(selector.alias()))
            .flatMap(device -> evicted.changesAfter(domain.uuid(), device).stream());
    return longWait.next(looks.next(), Stream.concat(ofDevices, oneUnplug.endings(snapshot)));
  }

  /** Takes note of who else may have asked the guest for the ghost. */
  public void heedOthers(Snapshot snapshot) {
    if (lease.isNewElsewhere(snapshot)) {
      evicted.isAskedByAnother(domain.uuid(), selector.alias());
    }
  }

  /** Whether the name cannot be used again yet. */
  public boolean isSettling() {
    return evicted.isSettling(domain.uuid(), selector.alias());
  }

  /** The lease of an eviction of this disk. */
  public Lease lease() {
    return lease;
  }

  /** Whether QEMU had the disk when it was looked for last, or until just before. */
  public boolean held() {
    return held;
  }

  /** The live view has the disk: what was seen before is explained. */
  public void reset() {
    evicted.isGone(domain.uuid(), selector.alias());
    held = false;
    sightings = 0;
  }

  private Set<String> names(QemuView view) {
    Set<String> names = new TreeSet<>();
    view.stackOn(selector.identity()).forEach(node -> names.add(node.name()));
    if (view.devices().contains(selector.alias())) {
      names.add(selector.alias());
    }
    return names;
  }

  /**
   * Reads the XML once more, after all that QEMU was asked: an attach of another process shows in
   * it by now, for QEMU answers between the domain's jobs. It names the run that it is of.
   */
  private boolean isStillProven(Set<String> devices) throws FaultException {
    String xml = domain.xml(View.LIVE);
    DomainView live = pools.resolve(DomainXmlReader.readDomain(xml, View.LIVE));
    return !hasUnresolved(live)
        && live.run().equals(OptionalInt.of(start))
        && lease.isOursAlone(xml)
        && selector.isAbsent(live)
        && QemuView.explained(selector.identity(), live) == 0
        && live.holders().stream()
            .noneMatch(holder -> holder.alias() != null && devices.contains(holder.alias()));
  }

  private void evict(Snapshot snapshot, QemuView view, @Nullable DomainView live)
      throws FaultException, UnexpectedAnswerException {
    List<QemuNode> stack = view.stackOn(selector.identity());
    Optional<String> inTheWay = inTheWay(stack, live);
    if (inTheWay.isPresent()) {
      isNotEvicted(snapshot, inTheWay.get());
      return;
    }
    Set<String> devices = devicesOn(stack, live);
    Optional<String> another = devices.stream().filter(this::isOfAnotherVolume).findFirst();
    if (another.isPresent()) {
      isNotEvicted(snapshot, "QEMU has its block nodes in use by device " + another.get());
      return;
    }
    if (view.devices().contains(selector.alias())) {
      devices.add(selector.alias());
    }
    if (guestIsBusy && !devices.isEmpty()) {
      // The guest deletes a device, and is asked for one at a time.
      isNotEvicted(snapshot, "the guest is to release another disk first");
      return;
    }
    if (!lease.isOurTurn(snapshot, devices)) {
      step = "the lease";
      return;
    }
    if (!isStillProven(devices)) {
      step = "the proof";
      sightings = 0;
      return;
    }
    asked = devices;
    hasAsked |= !devices.isEmpty();
    eviction.proceed(devices, stack.stream().map(QemuNode::name).toList());
    step = eviction.hasDeletedNodes() ? "the deletion" : "the eviction";
  }

  /**
   * A lease that no request of this process follows would keep other unplug requests. Once the
   * guest was asked, the lease says that the device may go at any time.
   */
  private void isNotEvicted(Snapshot snapshot, String why) throws FaultException {
    step = why;
    observations.notEvicted(why);
    if (!hasAsked) {
      lease.lower(snapshot);
    }
  }

  /** Why nothing can be evicted now. */
  private Optional<String> inTheWay(List<QemuNode> stack, @Nullable DomainView live)
      throws FaultException, UnexpectedAnswerException {
    // A copy, a backup or a commit has nodes open that no view shows.
    if (QemuView.hasJobs(domain::askQemu)) {
      return Optional.of("a block job runs");
    }
    // A volume of a pool that the daemon does not tell of may be what QEMU has open.
    if (live != null && hasUnresolved(live)) {
      return Optional.of(
          "a disk of the domain may be what QEMU has open: no view tells its source");
    }
    // Which of the nodes is the ghost's cannot be told.
    if (QemuView.explained(selector.identity(), live) > 0) {
      return Optional.of("another disk of the domain has the same source");
    }
    return stack.stream()
        .map(QemuNode::name)
        .filter(name -> !OF_A_DISK.matcher(name).matches())
        .findFirst()
        .map(name -> "libvirt has not opened block node " + name + " for a disk");
  }

  private static boolean hasUnresolved(DomainView view) {
    return view.disks().stream().flatMap(Disk::layers).anyMatch(StorageSource::isUnresolved);
  }

  /** An image of the same name in another cluster. */
  private boolean isOfAnotherVolume(String device) {
    return SourceIdentity.isOwnAlias(device) && !device.equals(selector.alias());
  }

  /** The devices that use one of the nodes, and that the live view does not have. */
  private Set<String> devicesOn(List<QemuNode> stack, @Nullable DomainView live)
      throws FaultException, UnexpectedAnswerException {
    Set<String> names = stack.stream().map(QemuNode::name).collect(Collectors.toSet());
    Set<String> devices = new TreeSet<>();
    QemuView.nodesInUse(domain::askQemu)
        .forEach(
            (device, node) -> {
              if (names.contains(node)
                  && (live == null
                      || live.holders().stream().map(Holder::alias).noneMatch(device::equals))) {
                devices.add(device);
              }
            });
    return devices;
  }
}
