// SPDX-License-Identifier: Apache-2.0
package io.diskplug.history;

import io.diskplug.domain.DeviceAddress;
import io.diskplug.domain.Disk;
import io.diskplug.domain.StateReason;
import io.diskplug.domain.View;
import io.diskplug.domain.VolumeRef;
import io.diskplug.fault.Call;
import io.diskplug.outcome.AlreadyAttached;
import io.diskplug.outcome.AlreadyDetached;
import io.diskplug.outcome.Attached;
import io.diskplug.outcome.Detached;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Proof;
import io.diskplug.sim.CallObserver.Point;
import io.diskplug.sim.Moment;
import io.diskplug.sim.SimulatedDomain;
import io.diskplug.sim.SimulatedHost;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds the promises against what is really there, at each call and at each outcome. What somebody
 * else did since a process looked last is not held against it: others' doings are counted.
 */
final class Audit {

  /** The paths of operators' disks begin so. */
  static final String OPERATORS = "/operator/";

  /** So many calls belong to the last reading before an outcome. */
  private static final int LAST_CALLS = 7;

  private final SimulatedHost host;
  private final List<String> violations = new ArrayList<>();
  private final Map<SimulatedDomain, Map<String, Integer>> doings = new HashMap<>();
  private final Map<String, Deque<Integer>> seen = new HashMap<>();
  private final Map<String, Before> before = new HashMap<>();

  /** What there was before a call that changes something. */
  private record Before(
      int others,
      Set<String> operators,
      Set<String> clashes,
      Set<String> asked,
      Map<String, Long> sizes) {}

  Audit(SimulatedHost host) {
    this.host = host;
  }

  List<String> violations() {
    return violations;
  }

  void violation(String text) {
    violations.add(text);
  }

  /** Somebody has changed, or may have changed, a domain. */
  void changed(String who, @Nullable SimulatedDomain domain) {
    if (domain != null) {
      doings.computeIfAbsent(domain, d -> new HashMap<>()).merge(who, 1, Integer::sum);
    }
  }

  private int others(String client, SimulatedDomain domain) {
    return doings.getOrDefault(domain, Map.of()).entrySet().stream()
        .filter(entry -> !entry.getKey().equals(client))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /** A controller's call. */
  void called(Point point) {
    SimulatedDomain domain = point.domain();
    if (domain == null) {
      return;
    }
    boolean changes =
        switch (point.call()) {
          case ATTACH, DETACH, UPDATE, CHANGE_QEMU, SET_LIMITS, RESIZE -> true;
          default -> false;
        };
    if (point.moment() == Moment.BEFORE) {
      remember(point.client(), domain);
    }
    if (changes && point.moment() == Moment.BEFORE) {
      before.put(
          key(point, domain),
          new Before(
              others(point.client(), domain),
              operators(domain),
              clashes(domain),
              healthyAsked(domain),
              sizes(domain)));
    }
    if (changes) {
      changed(point.client(), domain);
    }
    if (changes && point.moment() == Moment.AFTER) {
      compare(point, domain);
    }
  }

  private static String key(Point point, SimulatedDomain domain) {
    return point.client() + " " + point.call() + " " + domain.uuid();
  }

  private void remember(String client, SimulatedDomain domain) {
    Deque<Integer> last =
        seen.computeIfAbsent(client + " " + domain.uuid(), c -> new ArrayDeque<>());
    last.add(others(client, domain));
    if (last.size() > LAST_CALLS) {
      last.remove();
    }
  }

  /** Whether nobody else did anything since the process began to look. */
  private boolean isUndisturbed(String client, SimulatedDomain domain) {
    Deque<Integer> last = seen.get(client + " " + domain.uuid());
    return last != null && !last.isEmpty() && last.peek() == others(client, domain);
  }

  private void compare(Point point, SimulatedDomain domain) {
    Before was = before.remove(key(point, domain));
    if (was == null || was.others() != others(point.client(), domain)) {
      return;
    }
    Set<String> lost = new TreeSet<>(was.operators());
    lost.removeAll(operators(domain));
    if (!lost.isEmpty()) {
      violation("S5: " + point.client() + " took away disks of others: " + lost);
    }
    Set<String> asked = new TreeSet<>(healthyAsked(domain));
    asked.removeAll(was.asked());
    if (point.call() == Call.CHANGE_QEMU && !asked.isEmpty()) {
      violation("S5: " + point.client() + " deletes healthy devices: " + asked);
    }
    if (point.call() == Call.ATTACH && isUndisturbed(point.client(), domain)) {
      Set<String> fresh = new TreeSet<>(clashes(domain));
      fresh.removeAll(was.clashes());
      if (!fresh.isEmpty()) {
        violation("S2: " + point.client() + " used twice: " + fresh);
      }
    }
    if (point.call() == Call.RESIZE && isUndisturbed(point.client(), domain)) {
      Map<String, Long> sizes = sizes(domain);
      was.sizes()
          .forEach(
              (volume, bytes) -> {
                if (sizes.getOrDefault(volume, bytes) < bytes) {
                  violation("S5: " + point.client() + " has cut off " + volume);
                }
              });
    }
  }

  private Map<String, Long> sizes(SimulatedDomain domain) {
    Map<String, Long> sizes = new HashMap<>();
    for (View view : views(domain)) {
      for (Disk disk : domain.disks(view)) {
        String file = disk.source().name();
        sizes.put(file, host.volumeSize(file));
      }
    }
    return sizes;
  }

  /** Devices of the live view whose release was asked for. */
  private static Set<String> healthyAsked(SimulatedDomain domain) {
    Set<String> asked = new TreeSet<>(domain.unplugsAsked());
    Set<String> healthy = new TreeSet<>();
    domain.disks(View.LIVE).forEach(disk -> healthy.add(String.valueOf(disk.alias())));
    asked.retainAll(healthy);
    return asked;
  }

  private static Set<String> operators(SimulatedDomain domain) {
    Set<String> disks = new TreeSet<>();
    for (View view : views(domain)) {
      for (Disk disk : domain.disks(view)) {
        if (disk.source().name().startsWith(OPERATORS)) {
          disks.add(view + " " + disk.source().name());
        }
      }
    }
    return disks;
  }

  /** What two disks of different sources have in common, whichever views they are in. */
  private static Set<String> clashes(SimulatedDomain domain) {
    Set<String> clashes = new TreeSet<>();
    List<Disk> all = new ArrayList<>();
    views(domain).forEach(view -> all.addAll(domain.disks(view)));
    for (Disk one : all) {
      for (Disk other : all) {
        if (one.source().name().compareTo(other.source().name()) < 0) {
          String both = one.source().name() + " " + other.source().name();
          if (one.targetDev().equals(other.targetDev())) {
            clashes.add(both + " target " + one.targetDev());
          }
          DeviceAddress address = one.address();
          if (address != null && address.equals(other.address())) {
            clashes.add(both + " address " + address);
          }
        }
      }
    }
    return clashes;
  }

  /** The views that there are. */
  static Set<View> views(SimulatedDomain domain) {
    Set<View> views = EnumSet.noneOf(View.class);
    if (domain.isRunning() && domain.hasLiveView()) {
      views.add(View.LIVE);
    }
    if (domain.isPersistent()) {
      views.add(View.PERSISTENT);
    }
    return views;
  }

  /** An outcome, at the moment at which it is there. */
  void outcome(String client, SimulatedDomain domain, VolumeRef volume, Outcome outcome) {
    if (!isUndisturbed(client, domain) || !domain.isKnown()) {
      return;
    }
    if (outcome instanceof Attached attached) {
      attached(client + " " + outcome, domain, volume);
      for (Disk disk : disks(domain, volume)) {
        if (!disk.targetDev().equals(attached.targetDev())
            || !attached.address().equals(disk.address())) {
          violation("S3: not where it is said to be: " + client + " " + outcome);
        }
      }
    } else if (outcome instanceof AlreadyAttached) {
      attached(client + " " + outcome, domain, volume);
    } else if (outcome instanceof Detached detached) {
      detached(client + " " + outcome, domain, volume);
      proven(client + " " + outcome, domain, volume, detached.proof());
    } else if (outcome instanceof AlreadyDetached detached) {
      detached(client + " " + outcome, domain, volume);
      proven(client + " " + outcome, domain, volume, detached.proof());
    }
  }

  /** The claim is worth what its proof says, whatever holds disks that no view shows. */
  private void proven(String what, SimulatedDomain domain, VolumeRef volume, Proof proof) {
    boolean runs = domain.isRunning();
    if (proof == Proof.QEMU && !runs) {
      violation("S4: no QEMU was there to be asked: " + what);
    }
    if (proof == Proof.DAEMON
        && (runs || domain.openElsewhere().stream().anyMatch(volume.identity()::names))) {
      violation("S4: a QEMU that the daemon does not know has it open: " + what);
    }
    StateReason reason = domain.reason();
    if (!runs
        && (domain.hasSavedImage()
            || reason == StateReason.SAVED
            || reason == StateReason.MIGRATED)) {
      violation("S4: a saved state, or another host, may have it: " + what);
    }
  }

  /** A change, at the moment at which it is said to be done. */
  void outcome(String client, SimulatedDomain domain, VolumeRef volume, World.Change change) {
    if (isUndisturbed(client, domain) && domain.isKnown()) {
      shows(client, domain, volume, change);
    }
  }

  /** Every view that has the volume shows the limits; QEMU shows the size. */
  void shows(String what, SimulatedDomain domain, VolumeRef volume, World.Change change) {
    if (change instanceof World.Limits limits) {
      Map<String, String> expected = new HashMap<>();
      limits.limits().numbers().forEach((name, number) -> expected.put(name, number + ""));
      expected.values().removeIf("0"::equals);
      for (Disk disk : disks(domain, volume)) {
        if (!disk.ioTune().equals(expected)) {
          violation("S3: " + disk.ioTune() + " is not " + expected + ": " + what);
        }
      }
    } else if (change instanceof World.Size size && views(domain).contains(View.LIVE)) {
      domain.disks(View.LIVE).stream()
          .filter(disk -> isOf(disk, volume))
          .map(disk -> domain.sizeShown(disk.targetDev()))
          .filter(shown -> shown != size.bytes())
          .forEach(shown -> violation("S3: " + shown + " is not " + size + ": " + what));
    }
  }

  /** Every view that there is has the volume, once, and so have QEMU and the guest. */
  void attached(String what, SimulatedDomain domain, VolumeRef volume) {
    for (View view : views(domain)) {
      long count = domain.disks(view).stream().filter(disk -> isOf(disk, volume)).count();
      if (count != 1) {
        violation("S3: " + count + " times in the " + view + " view: " + what);
      }
    }
    if (domain.isRunning() && !domain.qemuDevices().contains(volume.identity().alias())) {
      violation("S3: QEMU has no such device: " + what);
    }
  }

  /** Nobody has the volume. */
  void detached(String what, SimulatedDomain domain, VolumeRef volume) {
    List<Disk> left = disks(domain, volume);
    if (!left.isEmpty()) {
      violation("S4: " + left + ": " + what);
    }
    if (domain.qemuDevices().contains(volume.identity().alias())) {
      violation("S4: QEMU has the device: " + what);
    }
    if (domain.openSources().stream().anyMatch(volume.identity()::names)) {
      violation("S4: QEMU has it open: " + what);
    }
  }

  private static List<Disk> disks(SimulatedDomain domain, VolumeRef volume) {
    List<Disk> disks = new ArrayList<>();
    for (View view : views(domain)) {
      domain.disks(view).stream().filter(disk -> isOf(disk, volume)).forEach(disks::add);
    }
    return disks;
  }

  private static boolean isOf(Disk disk, VolumeRef volume) {
    return volume.identity().names(disk.source());
  }
}
