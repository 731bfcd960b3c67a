// SPDX-License-Identifier: Apache-2.0
package io.diskplug.examples;

import io.diskplug.DiskPlug;
import io.diskplug.domain.DomainRef;
import io.diskplug.domain.View;
import io.diskplug.outcome.DiskReport;
import io.diskplug.outcome.DiskReport.Drift;
import io.diskplug.outcome.Ghost;
import io.diskplug.outcome.InspectOutcome;
import io.diskplug.outcome.Inspected;
import io.diskplug.outcome.Outcome;
import io.diskplug.outcome.Repair;
import io.diskplug.outcome.RepairPolicy;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code diskplug repair}. */
@Command(
    name = "repair",
    description = {
      "Mends what \"inspect\" lists and the options name.",
      "Without an option that allows something, nothing is done."
    },
    mixinStandardHelpOptions = true)
final class RepairCommand implements Callable<Integer> {

  @Mixin DomainRequest request = new DomainRequest();

  @Option(
      names = "--add-orphans",
      description = "add the library's own disks in the live view alone to the persistent one")
  boolean addOrphans;

  @Option(
      names = "--plug-orphans",
      description = {
        "plug the library's own disks in the persistent view alone into the running guest;",
        "an interrupted detach leaves such disks, too"
      })
  boolean plugOrphans;

  @Option(
      names = "--add",
      paramLabel = "TARGET=SOURCE",
      description = {
        "add this disk, which one view has, to the other; as \"inspect\" shows it, for example",
        "vdb=volumes/pvc-1; may be repeated"
      })
  List<String> add = List.of();

  @Option(
      names = "--remove",
      paramLabel = "TARGET=SOURCE",
      description = "remove this disk, which one view has, from it; may be repeated")
  List<String> remove = List.of();

  @Option(
      names = "--detach",
      paramLabel = "TARGET=SOURCE",
      description = "detach this disk from every view, whosever it is; may be repeated")
  List<String> detach = List.of();

  @Option(
      names = "--evict",
      paramLabel = "GHOST",
      description = "take this ghost out of QEMU; may be repeated")
  List<String> evict = List.of();

  @Option(
      names = "--forget",
      paramLabel = "NOTE",
      description = "forget this noted unplug; may be repeated")
  List<String> forget = List.of();

  @Override
  public Integer call() {
    return request.run(this::repair);
  }

  private Outcome repair(DiskPlug plug, DomainRef domain) {
    InspectOutcome outcome = plug.inspect(domain, request.deadline());
    return outcome instanceof Inspected found
        ? plug.repair(domain, policy(found), request.deadline())
        : outcome;
  }

  private RepairPolicy policy(Inspected found) {
    RepairPolicy policy = RepairPolicy.NOTHING;
    if (addOrphans) {
      policy = policy.withOrphansAddedToPersistent();
    }
    if (plugOrphans) {
      policy = policy.withOrphansPluggedLive();
    }
    for (String target : add) {
      DiskReport disk = drifted(found, target);
      View to = disk.drift() == Drift.LIVE_ONLY ? View.PERSISTENT : View.LIVE;
      policy = policy.with(Repair.add(to, disk.disk()));
    }
    for (String target : remove) {
      DiskReport disk = drifted(found, target);
      View from = disk.drift() == Drift.LIVE_ONLY ? View.LIVE : View.PERSISTENT;
      policy = policy.with(Repair.remove(from, disk.disk()));
    }
    for (String target : detach) {
      policy = policy.with(Repair.detach(named(found, target, disk -> true).disk()));
    }
    for (String name : evict) {
      policy = policy.with(Repair.evict(ghost(found, name)));
    }
    for (String key : forget) {
      policy = policy.with(Repair.forget(key));
    }
    return policy;
  }

  private static DiskReport drifted(Inspected found, String named) {
    return named(
        found,
        named,
        disk -> disk.drift() == Drift.LIVE_ONLY || disk.drift() == Drift.PERSISTENT_ONLY);
  }

  /** The source is asked for, so that a disk that has come to the target is not taken for it. */
  private static DiskReport named(Inspected found, String named, Predicate<DiskReport> isFitting) {
    int equals = named.indexOf('=');
    if (equals < 0) {
      throw new IllegalArgumentException(named + " is not TARGET=SOURCE, as inspect shows them");
    }
    String target = named.substring(0, equals);
    String source = named.substring(equals + 1);
    List<DiskReport> there =
        found.disks().stream().filter(disk -> disk.targetDev().equals(target)).toList();
    return there.stream()
        .filter(disk -> disk.source().canonicalName().equals(source))
        .filter(isFitting)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(problem(there, target, source)));
  }

  private static String problem(List<DiskReport> there, String target, String source) {
    if (there.isEmpty()) {
      return "there is no disk " + target;
    }
    List<String> sources = there.stream().map(disk -> disk.source().canonicalName()).toList();
    return sources.contains(source)
        ? target + " is in both views: there is nothing to add or to remove"
        : target + " is " + String.join(" and ", sources) + " now; nothing was done";
  }

  private static Ghost ghost(Inspected found, String name) {
    return found.ghosts().stream()
        .filter(ghost -> ghost.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no ghost " + name));
  }
}
