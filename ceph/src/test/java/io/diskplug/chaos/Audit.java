// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.chaos.Request.Answer;
import io.diskplug.chaos.Sight.BlockNode;
import io.diskplug.lab.Guest.SeenDisk;
import io.diskplug.lab.Lab;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** What has become of everything, by virsh, QEMU's monitor, the guests and the Ceph cluster. */
final class Audit {

  /** The guest says what it sees a moment after it has come or gone. */
  private static final long GUEST_SECONDS = 30;

  /** The cluster takes half a minute to notice that a QEMU was killed. */
  private static final long WATCHER_SECONDS = 60;

  private static final Pattern COOKIE = Pattern.compile("watcher=.* cookie=(\\d+)");

  private final Lab lab;
  private final List<Machine> machines;
  private final Wishes wishes;
  private final Violations violations;
  private final Tally tally;
  private final Journal journal;

  Audit(
      Lab lab,
      List<Machine> machines,
      Wishes wishes,
      Violations violations,
      Tally tally,
      Journal journal) {
    this.lab = lab;
    this.machines = machines;
    this.wishes = wishes;
    this.violations = violations;
    this.tally = tally;
    this.journal = journal;
  }

  private String alias(Volume volume) {
    return volume.ref(lab).identity().alias();
  }

  /** After the last request of each volume was answered with a verified outcome. */
  void settled(String when) {
    Map<Machine, Sight> sights = new LinkedHashMap<>();
    for (Machine machine : machines) {
      sights.put(machine, Sight.await(lab, machine));
    }
    sights.forEach(this::view);
    for (Wish wish : wishes.all()) {
      volume(wish, sights);
    }
    guests();
    for (Wish wish : wishes.all()) {
      if (wish.volume().isImage()) {
        watchers(wish, sights);
      }
    }
    sights.forEach(this::ghosts);
    journal.say("audit", "audited: " + when);
  }

  private void view(Machine machine, Sight sight) {
    Map<String, DomainXml> views = Map.of("live", sight.live(), "persistent", sight.persistent());
    views.forEach(
        (name, view) -> {
          String where = machine + ", " + name + " view: ";
          view.attachedTwice().forEach(twice -> violations.add(Promise.S1, where + twice));
          view.usedTwice().forEach(twice -> violations.add(Promise.S2, where + twice));
          view.notes().forEach(note -> violations.add(Promise.S6, where + "left note " + note));
        });
    clashes(sight).forEach(clash -> violations.add(Promise.S2, machine + ": " + clash));
  }

  /** Places that one volume has in the live view and another one in the persistent view. */
  private List<String> clashes(Sight sight) {
    List<String> clashes = new ArrayList<>();
    Set<String> ours = new HashSet<>();
    wishes.all().forEach(wish -> ours.add(wish.volume().inXml(lab)));
    for (DomainXml.Disk live : sight.live().disks()) {
      for (DomainXml.Disk other : sight.persistent().disks()) {
        if (ours.contains(live.source())
            && ours.contains(other.source())
            && !live.source().equals(other.source())
            && (live.target().equals(other.target()) || live.address().equals(other.address()))) {
          clashes.add("live " + live + " and persistent " + other);
        }
      }
    }
    return clashes;
  }

  private void volume(Wish wish, Map<Machine, Sight> sights) {
    if (!wish.converged) {
      return; // which was reported, and claims nothing
    }
    Volume volume = wish.volume();
    sights.forEach(
        (machine, sight) -> {
          if (wish.attach && machine.equals(wish.machine)) {
            List<String> missing = sight.missingOf(volume, volume.inXml(lab), alias(volume));
            if (!missing.isEmpty()) {
              violations.add(Promise.S3, wish + ": " + missing);
            }
          } else {
            List<String> traces = sight.tracesOf(volume, volume.inXml(lab), alias(volume));
            if (!traces.isEmpty()) {
              violations.add(
                  wish.attach ? Promise.S1 : Promise.S4,
                  wish + ", and " + machine + " has " + traces);
            }
          }
        });
  }

  /** What the guests see of the volumes. */
  private void guests() {
    for (Machine machine : machines) {
      Supplier<String> wrong = () -> wrongInGuest(machine);
      String last = lastUnlessEmpty(wrong, GUEST_SECONDS);
      if (!last.isEmpty()) {
        violations.add(Promise.S3, "the guest of " + machine + " sees " + last);
      }
    }
  }

  private String wrongInGuest(Machine machine) {
    Map<String, Integer> seen = new TreeMap<>();
    for (SeenDisk disk : machine.guest().sees()) {
      seen.merge(disk.serial(), 1, Integer::sum);
    }
    List<String> wrong = new ArrayList<>();
    for (Wish wish : wishes.all()) {
      if (wish.converged) {
        String id = wish.volume().id();
        // virtio-blk has room for 20 bytes.
        int found = seen.getOrDefault(id.substring(0, Math.min(20, id.length())), 0);
        int wanted = wish.attach && wish.machine.equals(machine) ? 1 : 0;
        if (found != wanted) {
          wrong.add(id + " " + found + " times and not " + wanted);
        }
      }
    }
    return String.join(", ", wrong);
  }

  /** Who has an image open, by the cluster. */
  private void watchers(Wish wish, Map<Machine, Sight> sights) {
    if (!wish.converged) {
      return;
    }
    // A daemon that died can have left one open once more, which is the business of the ghosts.
    long open =
        sights.values().stream()
            .flatMap(sight -> sight.nodesOf(wish.volume()).stream())
            .filter(node -> node.endsWith("-storage"))
            .count();
    long wanted = wish.attach ? Math.max(1, open) : 0;
    String last =
        lastUnlessEmpty(
            () -> {
              String status = status(wish.volume());
              return cookies(status).size() == wanted ? "" : status;
            },
            WATCHER_SECONDS);
    if (last.isEmpty()) {
      return;
    }
    if (knownToTheOsd(cookies(last)) == wanted) {
      tally.count("watchers that only the image's header knows");
      journal.note("audit", wish + ", without a timeout in the OSD: " + last);
      return;
    }
    violations.add(
        wish.attach ? Promise.S3 : Promise.S4,
        wish + ", open in QEMU " + open + " times, and the cluster says " + last);
  }

  private String status(Volume volume) {
    return lab.run("rbd", "status", lab.get("CEPH_POOL") + "/" + volume.source());
  }

  private static List<String> cookies(String status) {
    return COOKIE.matcher(status).results().map(found -> found.group(1)).toList();
  }

  /**
   * How many of the watchers are clients. Ceph 16 writes a watcher into the image's header, and
   * then sets a timeout for it in the OSD. A client that is killed in between stays in the header
   * until the OSD is started anew (tracker.ceph.com/issues/58120).
   */
  private long knownToTheOsd(List<String> cookies) {
    String known = lab.run("ceph", "tell", "osd.*", "dump_watchers");
    return cookies.stream()
        .filter(cookie -> known.matches("(?s).*\"cookie\": " + cookie + "\\b.*"))
        .count();
  }

  private static String lastUnlessEmpty(Supplier<String> wrong, long seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    String last = wrong.get();
    while (!last.isEmpty() && System.nanoTime() < end) {
      Sleep.millis(250);
      last = wrong.get();
    }
    return last;
  }

  /** What QEMU has and the live view does not explain has to be listed by an inspection. */
  private void ghosts(Machine machine, Sight sight) {
    Set<String> listed = inspect(machine);
    Set<String> aliases = new HashSet<>();
    sight.live().devices().forEach(device -> aliases.add(device.alias()));
    for (String device : sight.devices()) {
      if (!aliases.contains(device)) {
        ghost(machine, listed, "device " + device, List.of(device), 1);
      }
    }
    Map<String, List<String>> nodes = new HashMap<>();
    for (BlockNode node : sight.nodes()) {
      nodes.computeIfAbsent(node.file(), file -> new ArrayList<>()).add(node.name());
    }
    nodes.forEach(
        (file, names) -> {
          int explained = 2 * sight.live().disksOf(inXml(file)).size();
          if (names.size() > explained) {
            ghost(machine, listed, "nodes on " + file, names, names.size() - explained);
          }
        });
  }

  private String inXml(String file) {
    return wishes.all().stream()
        .map(Wish::volume)
        .filter(volume -> volume.isOpenAs(file))
        .findFirst()
        .map(volume -> volume.inXml(lab))
        .orElse("file:" + file);
  }

  private void ghost(
      Machine machine, Set<String> listed, String what, List<String> names, int count) {
    long found = names.stream().filter(listed::contains).count();
    journal.say("audit", machine + ": a ghost, " + what + ": " + names + ", listed " + found);
    // What keeps it in use cannot be asked any more when the run is over.
    for (String question :
        List.of("query-block", "query-block-jobs", "query-block-exports", "query-blockstats")) {
      journal.say("audit", machine + ": " + question + ": " + Sight.answer(lab, machine, question));
    }
    if (found < count) {
      violations.add(
          Promise.S6, machine + " has " + what + ": " + names + "; inspect lists " + listed);
    }
  }

  /** The names of all ghosts that an inspection lists. */
  private Set<String> inspect(Machine machine) {
    Answer last = null;
    for (int i = 0; i < 5; i++) {
      try {
        last = wishes.inspect(machine, Duration.ofSeconds(10)).get(60, TimeUnit.SECONDS);
        if (last.kind().equals("Inspected")) {
          return new HashSet<>(List.of(last.text().split(" ", -1)));
        }
      } catch (ExecutionException | TimeoutException | CancellationException e) {
        journal.note("audit", "inspect " + machine + ": " + e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
      Sleep.millis(500);
    }
    violations.add(Promise.S6, "inspect of " + machine + " does not answer: " + last);
    return Set.of();
  }
}
