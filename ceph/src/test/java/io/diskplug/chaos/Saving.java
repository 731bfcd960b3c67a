// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.lab.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * Saves a domain to a file, or as libvirt's managed save, and brings it back some seconds later
 * with the disks that it had. Requests go on meanwhile: the library must not take the stored disks
 * for gone.
 */
final class Saving {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Lab lab;
  private final List<Machine> machines;
  private final Faults faults;
  private final Journal journal;
  private final Violations violations;
  private final Tally done;

  Saving(
      Lab lab,
      List<Machine> machines,
      Faults faults,
      Journal journal,
      Violations violations,
      Tally done) {
    this.lab = lab;
    this.machines = machines;
    this.faults = faults;
    this.journal = journal;
    this.violations = violations;
    this.done = done;
  }

  /** Saves a domain and brings it back; false if it could not be saved. */
  boolean inject(Random random) {
    Machine machine = machines.get(random.nextInt(machines.size()));
    // A backup keeps libvirt from saving the domain, and would keep this thread for 30 s.
    machine.jobs().lock();
    machine.power().lock();
    faults.osd().lock();
    try {
      return random.nextBoolean() ? toFile(machine, random) : managed(machine, random);
    } finally {
      faults.osd().unlock();
      machine.power().unlock();
      machine.jobs().unlock();
    }
  }

  /**
   * The daemon stays as it is until the domain is back: one that is started anew does not know that
   * the domain was saved to a file, and nothing else tells the library.
   */
  private boolean toFile(Machine machine, Random random) {
    synchronized (faults) {
      Path file = lab.filesDirectory().resolve(Lab.unique("saved"));
      Lab.Result saved = lab.tryVirsh("save", "--running", machine.name(), file.toString());
      journal.note("fault", "save of " + machine + " to a file: " + saved.output());
      try {
        if (saved.exitCode() != 0) {
          return false;
        }
        Faults.pauseFor(random, 1000, 3000);
        restore(machine, file);
        done.count("domain saved to a file and restored");
        return true;
      } finally {
        delete(file);
      }
    }
  }

  private void restore(Machine machine, Path file) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Lab.Result restored = lab.tryVirsh("restore", file.toString());
    while (restored.exitCode() != 0
        && !machine.guest().isRefusedForAGhost(restored)
        && System.nanoTime() < end) {
      journal.note("heals", machine + " restore: " + restored.output());
      Sleep.millis(500);
      restored = lab.tryVirsh("restore", file.toString());
    }
    journal.note("healed", machine + " restored: " + restored.output());
    if (restored.exitCode() != 0) {
      if (machine.guest().isRefusedForAGhost(restored)) {
        done.count("saved file with a ghost thrown away");
      } else {
        violations.add(Promise.S6, machine + " cannot be restored: " + restored.output());
      }
      machine.starts().incrementAndGet();
      faults.startAgain(machine);
    }
  }

  /** The daemon may be killed meanwhile: the file of a managed save tells the next one. */
  private boolean managed(Machine machine, Random random) {
    Lab.Result id = lab.tryVirsh("domid", machine.name());
    if (id.exitCode() != 0) {
      // Without a daemon there is nothing to save, and no telling afterwards whether it was.
      journal.note("fault", "no managed save of " + machine + ": " + id.output());
      return false;
    }
    Lab.Result saved = lab.tryVirsh("managedsave", "--running", machine.name());
    journal.note("fault", "managed save of " + machine + ": " + saved.output());
    Faults.pauseFor(random, 1000, 3000);
    faults.startAgain(machine);
    String reason = lab.tryVirsh("domstate", "--reason", machine.name()).output();
    boolean sameRun = id.equals(lab.tryVirsh("domid", machine.name()));
    journal.note("healed", machine + " " + reason + (sameRun ? ", was never gone" : ""));
    if (!sameRun && reason.contains("booted")) {
      // libvirt starts a domain as it is defined if what was saved is not complete.
      machine.starts().incrementAndGet();
    }
    if (saved.exitCode() == 0) {
      done.count("domain saved (managed) and started");
    }
    return saved.exitCode() == 0;
  }

  private static void delete(Path file) {
    try {
      boolean unused = Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
