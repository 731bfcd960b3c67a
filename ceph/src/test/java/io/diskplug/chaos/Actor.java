// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.lab.Lab;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Somebody else: attaches disks of its own with virsh, to the live view, to the persistent view or
 * to both, and detaches them later. It wants the targets that the library would take, and has
 * places of its own chosen by libvirt.
 */
final class Actor {

  /** There are two actors, and a q35, with eight places, has to have room for the volumes too. */
  private static final int MOST_ON_A_MACHINE = 1;

  private static final long FILE_BYTES = 4 << 20;

  private static final String NAME = "other";

  /** A disk of the actor. */
  static final class OwnDisk {
    private final Path file;
    private final Machine machine;
    private final String target;

    /** A user alias, or nothing. */
    private final String alias;

    private boolean live;
    private boolean persistent;
    private int starts;
    private boolean leaving;

    private OwnDisk(Path file, Machine machine, String target, String alias) {
      this.file = file;
      this.machine = machine;
      this.target = target;
      this.alias = alias;
    }

    private String source() {
      return "file:" + file;
    }

    @Override
    public String toString() {
      return file.getFileName() + " as " + target + " on " + machine;
    }
  }

  private final Lab lab;
  private final List<Machine> machines;
  private final Journal journal;
  private final List<OwnDisk> disks = new ArrayList<>();

  Actor(Lab lab, List<Machine> machines, Journal journal) {
    this.lab = lab;
    this.machines = machines;
    this.journal = journal;
  }

  /** Attaches or detaches something. */
  synchronized boolean move(Random random) {
    Machine machine = machines.get(random.nextInt(machines.size()));
    // Nobody starts the domain anew between a look at it and what follows from it.
    if (!machine.power().tryLock()) {
      return false;
    }
    try {
      List<OwnDisk> here = disks.stream().filter(disk -> disk.machine.equals(machine)).toList();
      if (here.size() < MOST_ON_A_MACHINE && random.nextInt(3) > 0) {
        return attach(machine, random);
      }
      return !here.isEmpty() && detach(here.get(random.nextInt(here.size())));
    } finally {
      machine.power().unlock();
    }
  }

  /**
   * Whether a disk is an actor's.
   *
   * @param source as {@link DomainXml.Disk} has it
   */
  static boolean owns(String source) {
    return source.contains("/" + NAME + "-");
  }

  private boolean attach(Machine machine, Random random) {
    String target = "vd" + (char) ('b' + random.nextInt(5));
    String name = Lab.unique(NAME);
    OwnDisk disk =
        new OwnDisk(
            lab.file(name + ".img", FILE_BYTES),
            machine,
            target,
            random.nextBoolean() ? "ua-" + name : "");
    List<String> scope =
        List.of(List.of("--live"), List.of("--config"), List.of("--live", "--config"))
            .get(random.nextInt(3));
    Lab.Result result =
        machine.guest().device("attach-device", xml(disk), scope.toArray(String[]::new));
    journal.note("actor", "attach " + disk + " " + scope + ": " + result.output());
    if (result.exitCode() == 0) {
      disk.live = scope.contains("--live");
      disk.persistent = scope.contains("--config");
    } else {
      // It may have been attached all the same.
      look(disk);
    }
    disk.starts = machine.starts().get();
    if (disk.live || disk.persistent) {
      Sight.of(lab, machine)
          .ifPresent(
              sight -> journal.note("actor", "now live " + sight.live().disksOf(disk.source())));
      disks.add(disk);
      return true;
    }
    return false;
  }

  private static String xml(OwnDisk disk) {
    return ("<disk type='file' device='disk'><driver name='qemu' type='raw'/>"
            + "<source file='%s'/><target dev='%s' bus='virtio'/>%s</disk>")
        .formatted(
            disk.file,
            disk.target,
            disk.alias.isEmpty() ? "" : "<alias name='" + disk.alias + "'/>");
  }

  /** Notes where the disk is, as soon as the daemon says so. */
  private void look(OwnDisk disk) {
    Sight seen = Sight.await(lab, disk.machine);
    disk.live = !seen.live().disksOf(disk.source()).isEmpty();
    disk.persistent = !seen.persistent().disksOf(disk.source()).isEmpty();
  }

  /** Detaches a disk from the views that have it now; it is the actor's until none has. */
  private boolean detach(OwnDisk disk) {
    List<String> lost = lost(disk);
    if (!lost.isEmpty()) {
      // Left as it is, for the audit.
      return false;
    }
    disk.leaving = true;
    look(disk);
    if (!disk.live && !disk.persistent) {
      disks.remove(disk);
      return false;
    }
    List<String> command = new ArrayList<>();
    if (disk.live) {
      command.add("--live");
    }
    // By its alias both views know it; without one, it has to be the same target in both.
    if (disk.persistent) {
      command.add("--config");
    }
    String[] scope = command.toArray(String[]::new);
    Lab.Result result;
    if (disk.alias.isEmpty()) {
      result = disk.machine.guest().device("detach-device", xml(disk), scope);
    } else {
      List<String> words =
          new ArrayList<>(List.of("detach-device-alias", disk.machine.name(), disk.alias));
      words.addAll(Arrays.asList(scope));
      result = lab.tryVirsh(words.toArray(String[]::new));
    }
    journal.note("actor", "detach " + disk + " " + command + ": " + result.output());
    return result.exitCode() == 0;
  }

  /** In which views a disk is missing that nobody of the actors has asked to be detached. */
  private List<String> lost(OwnDisk disk) {
    if (disk.leaving) {
      return List.of();
    }
    Sight sight = Sight.await(lab, disk.machine);
    List<String> lost = new ArrayList<>();
    boolean sameStart = disk.machine.starts().get() == disk.starts;
    // A disk of the persistent view is in the live one after a start.
    boolean live = sameStart ? disk.live : disk.persistent;
    if (live && !has(sight.live(), disk)) {
      lost.add(disk + " is not in the live view");
      journal.note(
          "actor", disk + " lost, live " + sight.live().disks() + ", QEMU " + sight.nodes());
    }
    if (disk.persistent && !has(sight.persistent(), disk)) {
      lost.add(disk + " is not in the persistent view");
    }
    return lost;
  }

  private static boolean has(DomainXml view, OwnDisk disk) {
    return view.disksOf(disk.source()).stream()
        .anyMatch(found -> found.target().equals(disk.target));
  }

  /** All that it has lost, of the domains that nobody is just starting anew. */
  synchronized List<String> lost() {
    List<String> lost = new ArrayList<>();
    for (OwnDisk disk : disks) {
      if (disk.machine.power().tryLock()) {
        try {
          lost.addAll(lost(disk));
        } finally {
          disk.machine.power().unlock();
        }
      }
    }
    return lost;
  }

  synchronized int disks() {
    return (int) disks.stream().filter(disk -> !disk.leaving).count();
  }
}
