// SPDX-License-Identifier: Apache-2.0
package io.diskplug.exec;

import io.diskplug.domain.DomainView;
import io.diskplug.domain.DomainXmlReader;
import io.diskplug.domain.Holder;
import io.diskplug.domain.SourceIdentity;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.exec.QemuJson.UnexpectedAnswerException;
import io.diskplug.fault.FaultException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Watches for what QEMU has of a volume that the live view does not show, and takes it out of QEMU
 * when it is proven to be a ghost: what a daemon left behind that died in the middle of an attach.
 * libvirt drops from its view what QEMU has lost, and never adopts what QEMU has.
 *
 * <p>The monitor answers while no job runs on the domain ({@code virDomainQemuMonitorCommand} takes
 * one), so that an attach or a detach of another client is over, or has not begun, when QEMU is
 * asked; the XML that is read before and after shows what came of it. That is seen twice, with the
 * XML read in between, and once more in the round that evicts, which reads the XML again last.
 */
final class Ghosts {

  /** So many rounds must have seen it, each with a reading of the XML before it. */
  private static final int PROOF = 2;

  /** A guest that was booting forgets what it was asked. */
  private static final Duration ASK_AGAIN = Duration.ofSeconds(10);

  /** libvirt's prefix: what else has a node open is not ours to touch. */
  private static final String LIBVIRT = "libvirt-";

  private static final String JOBS = "{\"execute\":\"query-jobs\"}";
  private static final String BLOCK = "{\"execute\":\"query-block\"}";

  private final BoundedDomain domain;
  private final VolumeRef volume;
  private final Trace trace;
  private final Scheduler scheduler;
  private final Map<String, Long> askedFor = new HashMap<>();
  private final Runnable changing;
  private Set<String> seen = Set.of();
  private boolean held;
  private int sightings;
  private int start;

  /**
   * Watches for a request.
   *
   * @param changing told before each change of QEMU
   */
  Ghosts(
      BoundedDomain domain, VolumeRef volume, Trace trace, Scheduler scheduler, Runnable changing) {
    this.changing = changing;
    this.domain = domain;
    this.volume = volume;
    this.trace = trace;
    this.scheduler = scheduler;
  }

  /**
   * Looks whether QEMU has the volume; if a ghost of it is proven, does the next step to evict it.
   *
   * @param snapshot the domain as it was read in this round, without the volume in its live view
   */
  void look(Snapshot snapshot) throws FaultException, UnexpectedAnswerException {
    QemuView view = QemuView.read(domain);
    DomainView live = snapshot.views().live();
    held = view.holds(volume, live);
    trace.qemuHolds(held);
    Set<String> now = names(view);
    if (!held || start != snapshot.status().id() || !now.equals(seen)) {
      sightings = 0;
      start = snapshot.status().id();
      seen = now;
    }
    if (held && ++sightings > PROOF) {
      evict(view, live);
    }
  }

  /** Whether QEMU had the volume when it was looked for last. */
  boolean held() {
    return held;
  }

  /** The live view has the volume: what was seen before is explained. */
  void reset() {
    held = false;
    sightings = 0;
  }

  private Set<String> names(QemuView view) {
    Set<String> names = new TreeSet<>();
    view.stackOn(volume.identity()).forEach(node -> names.add(node.name()));
    if (view.devices().contains(volume.identity().alias())) {
      names.add(volume.identity().alias());
    }
    return names;
  }

  /**
   * Reads the XML once more, after all that QEMU was asked: an attach of another process shows in
   * it by now, for QEMU answers between the domain's jobs.
   */
  private boolean isStillProven(Set<String> devices) throws FaultException {
    if (domain.status().id() != start) {
      return false;
    }
    DomainView live = DomainXmlReader.readDomain(domain.xml(View.LIVE), View.LIVE);
    return VolumeSearch.locate(live, volume) instanceof VolumeSearch.Absent
        && QemuView.explained(volume.identity(), live) == 0
        && live.holders().stream()
            .noneMatch(holder -> holder.alias() != null && devices.contains(holder.alias()));
  }

  private void evict(QemuView view, @Nullable DomainView live)
      throws FaultException, UnexpectedAnswerException {
    // A copy, a backup or a commit has nodes open that no view shows.
    if (!QemuJson.returnedList(domain.askQemu(JOBS)).isEmpty()) {
      return;
    }
    SourceIdentity identity = volume.identity();
    if (QemuView.explained(identity, live) > 0) {
      // Which of the nodes is the ghost's cannot be told.
      return;
    }
    List<QemuNode> stack = view.stackOn(identity);
    if (stack.stream().anyMatch(node -> !node.name().startsWith(LIBVIRT))) {
      return;
    }
    Set<String> devices = devicesOn(stack, live);
    if (devices.stream().anyMatch(this::isOfAnotherVolume)) {
      return;
    }
    if (view.devices().contains(identity.alias())) {
      devices.add(identity.alias());
    }
    if (!isStillProven(devices)) {
      sightings = 0;
      return;
    }
    if (devices.isEmpty()) {
      boolean gone = true;
      for (int i = 0; i < stack.size() && gone; i++) {
        gone = change("blockdev-del", "node-name", stack.get(i).name());
      }
      return;
    }
    for (String device : devices) {
      Long asked = askedFor.get(device);
      if (asked == null || scheduler.nanoTime() - asked > ASK_AGAIN.toNanos()) {
        askedFor.put(device, scheduler.nanoTime());
        change("device_del", "id", device);
      }
    }
  }

  /** An image of the same name in another cluster. */
  private boolean isOfAnotherVolume(String device) {
    return SourceIdentity.isOwnAlias(device) && !device.equals(volume.identity().alias());
  }

  /** The devices that use one of the nodes, and that the live view does not have. */
  private Set<String> devicesOn(List<QemuNode> stack, @Nullable DomainView live)
      throws FaultException, UnexpectedAnswerException {
    Set<String> names = stack.stream().map(QemuNode::name).collect(Collectors.toSet());
    Set<String> devices = new TreeSet<>();
    for (Map<String, Object> entry : QemuJson.returnedList(domain.askQemu(BLOCK))) {
      Map<String, Object> inserted = QemuJson.object(entry.get("inserted")).orElse(Map.of());
      String device = QemuNodes.device(entry);
      if (device != null
          && names.contains(String.valueOf(inserted.get("node-name")))
          && (live == null
              || live.holders().stream().map(Holder::alias).noneMatch(device::equals))) {
        devices.add(device);
      }
    }
    return devices;
  }

  /** What QEMU refuses stays as it is, and is seen again in the next round. */
  private boolean change(String command, String argument, String name)
      throws FaultException, UnexpectedAnswerException {
    changing.run();
    String answer =
        domain.changeQemu(
            "{\"execute\":\"%s\",\"arguments\":{\"%s\":\"%s\"}}"
                .formatted(command, argument, name));
    boolean done = QemuJson.object(answer).containsKey("return");
    if (done) {
      trace.evicted(name);
    }
    return done;
  }
}
