// SPDX-License-Identifier: Apache-2.0
package io.diskplug.oracle;

import io.diskplug.lab.Lab;
import io.diskplug.oracle.Tally.Count;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.libvirt.LibvirtException;

/** A job of another client on a disk of a running domain. It lasts until the domain ends. */
final class LongJob implements AutoCloseable {

  private final Lab lab;
  private final List<Path> files = new ArrayList<>();

  LongJob(Lab lab) {
    this.lab = lab;
  }

  /** Begins a copy of a disk, which stays with its mirror, or a pull-mode backup. */
  void begin(Trial trial) throws LibvirtException {
    OracleDomain domain = trial.domain();
    Map<String, Boolean> targets = domain.liveTargets();
    List<String> candidates =
        targets.entrySet().stream().filter(Map.Entry::getValue).map(Map.Entry::getKey).toList();
    if (candidates.isEmpty()) {
      return;
    }
    String target = trial.dice().pick(candidates);
    String error = trial.dice().chance(50) ? domain.copy(target) : backup(domain, target, targets);
    if (error.isEmpty()) {
      trial.tally().count(Count.JOBS);
    } else {
      trial.tally().refusal(Count.REFUSED_JOBS, error);
    }
  }

  private String backup(OracleDomain domain, String target, Map<String, Boolean> targets)
      throws LibvirtException {
    String name = Lab.unique("oracle-backup");
    Path scratch = file(name + ".qcow2");
    String disks =
        targets.keySet().stream()
            .map(
                disk ->
                    disk.equals(target)
                        ? "<disk name='%s' backup='yes' type='file'><scratch file='%s'/></disk>"
                            .formatted(disk, scratch)
                        : "<disk name='%s' backup='no'/>".formatted(disk))
            .collect(Collectors.joining());
    Path definition = file(name + ".xml");
    try {
      Files.writeString(
          definition,
          ("<domainbackup mode='pull'><server transport='unix' socket='%s'/>"
                  + "<disks>%s</disks></domainbackup>")
              .formatted(file(name), disks));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Lab.Result result = lab.tryVirsh("backup-begin", domain.name(), definition.toString());
    domain.note("backup of " + target + ": " + result.output());
    return result.exitCode() == 0 ? "" : result.output();
  }

  private Path file(String name) {
    Path file = lab.filesDirectory().resolve(name);
    files.add(file);
    return file;
  }

  /** After the domain has ended. */
  @Override
  public void close() throws IOException {
    for (Path file : files) {
      boolean unused = Files.deleteIfExists(file);
    }
  }
}
