// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.lab.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A backup tool: runs a pull-mode backup or a copy of some disk for some seconds, and ends it. QEMU
 * gives no disk back that has such a job.
 */
final class Backups {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * libvirt answers this when it builds a command of QEMU from memory that it has freed. It happens
   * when the guest releases the disk while the backup of it begins. What libvirt writes of the
   * domain from then on is damaged: a new libvirtd may not be able to read it, and forgets the QEMU
   * that runs.
   */
  private static final String FREED_MEMORY = "failed to convert virJSONValue";

  /** How often a job has to be seen in QEMU to be one that libvirt has forgotten. */
  private static final int LOOKS_AT_JOB = 10;

  /** How often a running domain with a disk is looked for. */
  private static final int OCCASIONS = 20;

  private final Lab lab;
  private final List<Machine> machines;
  private final Faults faults;
  private final Journal journal;
  private final Tally done;

  Backups(Lab lab, List<Machine> machines, Faults faults, Journal journal, Tally done) {
    this.lab = lab;
    this.machines = machines;
    this.faults = faults;
    this.journal = journal;
    this.done = done;
  }

  /** Begins a job, waits and ends it; false if it did not begin. */
  boolean inject(Random random) {
    for (int i = 0; i < OCCASIONS; i++) {
      Machine machine = machines.get(random.nextInt(machines.size()));
      machine.jobs().lock();
      try {
        List<String> targets = targets(machine);
        if (!targets.isEmpty()) {
          return inject(machine, targets, random);
        }
      } finally {
        machine.jobs().unlock();
      }
      Sleep.millis(250);
    }
    return false;
  }

  private boolean inject(Machine machine, List<String> targets, Random random) {
    List<Path> files = new ArrayList<>();
    try {
      String target = targets.get(random.nextInt(targets.size()));
      return random.nextBoolean()
          ? backUp(machine, target, files, random)
          : copy(machine, target, files, random);
    } finally {
      files.forEach(Backups::delete);
    }
  }

  /**
   * The disks of a domain that runs, without those that the other tool detaches: what it has asked
   * a guest for may be released in the very instant in which a backup begins (see {@link
   * #FREED_MEMORY}).
   */
  private List<String> targets(Machine machine) {
    Lab.Result state = lab.tryVirsh("domstate", machine.name());
    Lab.Result xml = lab.tryVirsh("dumpxml", machine.name());
    return state.output().equals("running") && xml.exitCode() == 0
        ? DomainXml.parse(xml.output()).disks().stream()
            .filter(disk -> !Actor.owns(disk.source()))
            .map(DomainXml.Disk::target)
            .toList()
        : List.of();
  }

  private boolean backUp(Machine machine, String target, List<Path> files, Random random) {
    String name = Lab.unique("backup");
    Path scratch = file(name + ".qcow2", files);
    Path socket = file(name + ".socket", files);
    Path definition = file(name + ".xml", files);
    // A disk that is not named is not backed up.
    write(
        definition,
        ("<domainbackup mode='pull'><server transport='unix' socket='%s'/>"
                + "<disks><disk name='%s' backup='yes' type='file'><scratch file='%s'/></disk>"
                + "</disks></domainbackup>")
            .formatted(socket, target, scratch));
    Lab.Result result =
        virsh("backup of " + target, "backup-begin", machine.name(), definition.toString());
    if (result.output().contains(FREED_MEMORY)) {
      end(machine, "a domain whose description in libvirt is damaged");
    }
    boolean begun = result.exitCode() == 0;
    if (begun) {
      Faults.pauseFor(random, 2000, 3000);
      end(
          machine,
          List.of("domjobabort", machine.name()),
          List.of("domjobinfo", machine.name()),
          "None");
      done.count("backup of a disk");
    }
    return begun;
  }

  private boolean copy(Machine machine, String target, List<Path> files, Random random) {
    Path copy = file(Lab.unique("copy") + ".raw", files);
    boolean begun =
        command(
            "copy of " + target,
            "blockcopy",
            machine.name(),
            target,
            copy.toString(),
            "--format",
            "raw",
            "--transient-job");
    if (begun) {
      Faults.pauseFor(random, 2000, 3000);
      end(
          machine,
          List.of("blockjob", machine.name(), target, "--abort"),
          List.of("blockjob", machine.name(), target),
          "No current block job");
      done.count("copy of a disk");
    }
    return begun;
  }

  /**
   * The daemon is not killed in the middle: what it had begun of a job would stay in QEMU, and keep
   * the disk there whatever the library does.
   */
  private boolean command(String what, String... words) {
    return virsh(what, words).exitCode() == 0;
  }

  private Lab.Result virsh(String what, String... words) {
    faults.osd().lock();
    try {
      synchronized (faults) {
        Lab.Result result = lab.tryVirsh(words);
        journal.note("backup", what + ", " + words[0] + " " + words[1] + ": " + result.output());
        return result;
      }
    } finally {
      faults.osd().unlock();
    }
  }

  /** Ends the job: it is over when the daemon says so, or when the domain has ended. */
  private void end(Machine machine, List<String> abort, List<String> ask, String none) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      boolean aborted = command("end of a job", abort.toArray(String[]::new));
      Lab.Result state = lab.tryVirsh("domstate", machine.name());
      Lab.Result job = lab.tryVirsh(ask.toArray(String[]::new));
      boolean gone = state.exitCode() == 0 && state.output().equals("shut off");
      boolean idle = job.exitCode() == 0 && job.output().contains(none);
      boolean noDisk = job.output().contains("not found");
      if (gone || idle || noDisk) {
        journal.note("backup", machine + " has no job: " + aborted + " " + job.output());
        endWithForgottenJob(machine);
        return;
      }
      Sleep.millis(300);
    }
    throw new AssertionError("a job of " + machine + " does not end");
  }

  /**
   * Ends a domain in whose QEMU a copy or a backup goes on that libvirt does not know any more: it
   * was begun on a disk that the guest had been asked for, and the guest has released the disk
   * since. libvirt then forgets the job with the disk, and nothing ends it.
   */
  private void endWithForgottenJob(Machine machine) {
    for (int i = 0; i < LOOKS_AT_JOB; i++) {
      Lab.Result jobs =
          lab.tryVirsh(
              "qemu-monitor-command", machine.name(), "{\"execute\":\"query-block-jobs\"}");
      if (!jobs.output().contains("\"copy-") && !jobs.output().contains("\"backup-")) {
        return;
      }
      // What was cancelled may need a while.
      Sleep.millis(300);
    }
    end(machine, "a job that libvirt has forgotten");
  }

  private void end(Machine machine, String why) {
    boolean ended = command(why, "destroy", machine.name());
    journal.note("backup", machine + " is ended: " + ended);
  }

  private Path file(String name, List<Path> files) {
    Path file = lab.filesDirectory().resolve(name);
    files.add(file);
    return file;
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      boolean unused = Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
