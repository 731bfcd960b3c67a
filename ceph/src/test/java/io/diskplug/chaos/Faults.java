// SPDX-License-Identifier: Apache-2.0
package io.diskplug.chaos;

import io.diskplug.lab.Lab;
import io.diskplug.lab.LibvirtDaemon;
import io.diskplug.lab.QemuMonitor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The faults, each kind in a thread of its own and with random numbers of its own: kinds meet as
 * they like. Each fault is healed by the thread that made it, so that when all threads have ended,
 * everything runs.
 */
final class Faults {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration OCCASION = Duration.ofSeconds(15);

  private static final Duration TO_SEE_A_DISK = Duration.ofSeconds(10);

  private final Lab lab;
  private final LibvirtDaemon daemon;
  private final List<Machine> machines;
  private final Wishes wishes;
  private final Profile profile;
  private final Journal journal;
  private final Violations violations;
  private final Tally done;
  private final List<Thread> threads = new ArrayList<>();
  private final ReentrantLock osd = new ReentrantLock();
  private final AtomicInteger missing = new AtomicInteger();
  private final long start = System.nanoTime();

  Faults(
      Lab lab,
      List<Machine> machines,
      Wishes wishes,
      Profile profile,
      Journal journal,
      Violations violations,
      Tally done) {
    this.lab = lab;
    this.daemon = new LibvirtDaemon(lab);
    this.machines = machines;
    this.wishes = wishes;
    this.profile = profile;
    this.journal = journal;
    this.violations = violations;
    this.done = done;
  }

  /** One fault of a kind. */
  interface Fault {
    /** Injects it; false if there was no occasion. */
    boolean inject(Random random);
  }

  void begin(long seed) {
    every("controller killed", profile.controllerKills(), seed + 1, this::killController);
    every("libvirtd killed", profile.daemonKills(), seed + 2, this::killDaemon);
    every("libvirtd restarted", profile.daemonRestarts(), seed + 3, this::restartDaemon);
    every("QEMU killed", profile.qemuKills(), seed + 4, this::killQemu);
    every("OSD stopped", profile.osdStops(), seed + 5, this::stopOsd);
    every("guest paused", profile.pauses(), seed + 6, this::pause);
    every("guest reset", profile.resets(), seed + 7, this::reset);
    Saving saving = new Saving(lab, machines, this, journal, violations, done);
    sometimes("domain saved", profile.saves(), seed + 8, saving::inject);
    Backups backups = new Backups(lab, machines, this, journal, done);
    sometimes("backup", profile.backups(), seed + 9, backups::inject);
    Thread watch = new Thread(this::watchDomains, "domains");
    watch.setDaemon(true);
    watch.start();
  }

  /**
   * A domain can end without a fault that says so: a libvirtd that comes back while QEMU still
   * answers its predecessor ends it. Whoever runs a cloud starts it again.
   */
  private void watchDomains() {
    while (!isOver()) {
      reviveDaemon();
      machines.forEach(this::revive);
      Sleep.millis(1500);
    }
  }

  /**
   * Starts a libvirtd that has ended without a fault of this run, as systemd would: libvirt 9.0 and
   * 11.3 can crash when an unplug request meets the release of the disk, those of other tools among
   * them.
   */
  synchronized void reviveDaemon() {
    if (!daemon.isAlive()) {
      journal.note("fault", "libvirtd has ended by itself");
      wishes.daemonKilled();
      insist("libvirtd start", "libvirtd", "start");
      done.count("libvirtd found ended");
    }
  }

  private void revive(Machine machine) {
    // Who holds it is starting the domain, or about to find out that there is nothing to look at.
    if (isShutOff(machine) && machine.power().tryLock()) {
      try {
        String why = lab.tryVirsh("domstate", "--reason", machine.name()).output();
        if (isShutOff(machine)) {
          journal.note("fault", machine + " has ended: " + why);
          machine.starts().incrementAndGet();
          done.count("domain found " + why.strip());
          startAgain(machine);
        }
      } finally {
        machine.power().unlock();
      }
    }
  }

  private boolean isShutOff(Machine machine) {
    Lab.Result state = lab.tryVirsh("domstate", machine.name());
    return state.exitCode() == 0 && state.output().equals("shut off");
  }

  /** Spreads faults of a kind over the load. */
  private void every(String kind, int count, long seed, Fault fault) {
    every(kind, count, seed, fault, true);
  }

  /** The same for what is done as often as there is occasion. */
  void sometimes(String kind, int count, long seed, Fault fault) {
    every(kind, count, seed, fault, false);
  }

  private void every(String kind, int count, long seed, Fault fault, boolean required) {
    Thread thread =
        new Thread(
            () -> {
              Random random = new Random(seed);
              long step = profile.load().toNanos() / count;
              int injected = 0;
              for (int i = 0;
                  injected < count
                      && (i < count || required)
                      && elapsed() < profile.most().toNanos();
                  i++) {
                long at = step * i + (long) (step * random.nextDouble());
                long wait = Math.min(at, profile.most().toNanos()) - elapsed();
                Sleep.millis(TimeUnit.NANOSECONDS.toMillis(wait));
                if (inject(kind, fault, random)) {
                  injected++;
                }
              }
              if (required) {
                missing.addAndGet(count - injected);
              }
            },
            kind);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  @SuppressWarnings("CatchingUnchecked") // what goes wrong with one fault takes nothing from others
  private boolean inject(String kind, Fault fault, Random random) {
    try {
      return fault.inject(random);
    } catch (Exception | AssertionError e) {
      journal.note("harness", kind + ": " + e);
      return false;
    }
  }

  private long elapsed() {
    return System.nanoTime() - start;
  }

  boolean isOver() {
    return threads.stream().noneMatch(Thread::isAlive);
  }

  /** How many faults found no occasion. */
  int missing() {
    return missing.get();
  }

  static void pauseFor(Random random, int atLeastMillis, int moreMillis) {
    Sleep.millis(atLeastMillis + random.nextInt(moreMillis));
  }

  /** Does something until it succeeds: whatever else was broken meanwhile is healed by others. */
  private void insist(String what, String... command) {
    Lab.Result result = tryFor(PATIENCE, command);
    journal.note("healed", what + ": " + result.exitCode() + " " + result.output());
    if (result.exitCode() != 0) {
      throw new AssertionError(what + " failed for " + PATIENCE + ": " + result.output());
    }
  }

  /** A command of the lab, until it succeeds: the daemon may be about to come back. */
  private Lab.Result tryFor(Duration atMost, String... command) {
    long end = System.nanoTime() + atMost.toNanos();
    Lab.Result result = lab.tryRun(command);
    while (result.exitCode() != 0 && System.nanoTime() < end) {
      Sleep.millis(200);
      result = lab.tryRun(command);
    }
    return result;
  }

  private boolean killController(Random random) {
    int number = random.nextInt(Fleet.SIZE);
    ControllerProcess victim = wishes.fleet().get(number);
    // In the middle of a request, if one is made within a while.
    for (int i = 0; i < 150 && victim.atWork() == 0; i++) {
      Sleep.millis(20);
    }
    pauseFor(random, 0, 60);
    kill(number, random);
    return true;
  }

  /** The controller that works on most requests. */
  private int busiest() {
    int busiest = 0;
    for (int i = 1; i < Fleet.SIZE; i++) {
      if (wishes.fleet().get(i).atWork() > wishes.fleet().get(busiest).atWork()) {
        busiest = i;
      }
    }
    return busiest;
  }

  private void kill(int number, Random random) {
    synchronized (wishes.fleet()) {
      killAndReplace(number, random);
    }
  }

  private void killAndReplace(int number, Random random) {
    ControllerProcess victim = wishes.fleet().get(number);
    int atWork = victim.atWork();
    journal.note("fault", "KILL " + victim.name() + " in the middle of " + atWork + " requests");
    victim.kill();
    if (atWork > 0) {
      done.count("controller killed in the middle of a request");
    }
    pauseFor(random, 0, 300);
    wishes.takeOver(number);
    done.count("controller killed");
  }

  /** In the middle of an attach, if one is made within a while. */
  private boolean killDaemon(Random random) {
    for (int i = 0; i < 100 && !wishes.isAttaching(); i++) {
      Sleep.millis(20);
    }
    pauseFor(random, 0, 60);
    return killDaemonNow(random);
  }

  private synchronized boolean killDaemonNow(Random random) {
    journal.note("fault", "KILL libvirtd");
    lab.run("libvirtd", "kill");
    wishes.daemonKilled();
    if (random.nextBoolean()) {
      // As when a host goes down: nobody is left who remembers what was under way.
      kill(busiest(), random);
    }
    pauseFor(random, 0, 1500);
    insist("libvirtd start", "libvirtd", "start");
    done.count("libvirtd killed");
    return true;
  }

  private synchronized boolean restartDaemon(Random random) {
    journal.note("fault", "TERM libvirtd");
    insist("libvirtd restart", "libvirtd", "restart");
    done.count("libvirtd restarted");
    return true;
  }

  private Machine any(Random random) {
    return machines.get(random.nextInt(machines.size()));
  }

  private boolean killQemu(Random random) {
    Machine machine = any(random);
    machine.power().lock();
    try {
      journal.note("fault", "KILL QEMU of " + machine);
      new QemuMonitor(lab, machine.guest()).kill();
      machine.starts().incrementAndGet();
      pauseFor(random, 0, 2000);
      startAgain(machine);
      done.count("QEMU killed");
      return true;
    } finally {
      machine.power().unlock();
    }
  }

  /** Starts a domain, and returns when it runs; the caller holds its power. */
  void startAgain(Machine machine) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String state = "";
    Lab.Result started = null;
    while (System.nanoTime() < end) {
      state = lab.tryVirsh("domstate", machine.name()).output();
      if (state.equals("running")) {
        journal.note("healed", machine + " runs again");
        return;
      }
      if (state.equals("shut off")) {
        started = lab.tryVirsh("start", machine.name());
        journal.note("heals", machine + " start: " + started.output());
        if (machine.guest().isRefusedForAGhost(started)) {
          Lab.Result removed = lab.tryVirsh("managedsave-remove", machine.name());
          journal.note("heals", machine + " managedsave-remove: " + removed.output());
          machine.starts().incrementAndGet();
          done.count("saved image with a ghost thrown away");
        }
      }
      Sleep.millis(200);
    }
    violations.add(Promise.S6, machine + " does not start any more: " + state + ", " + started);
  }

  /**
   * Held while the OSD is stopped, and by who waits for QEMU to write out what it has while it
   * keeps the daemon from being killed: each would wait for the other. Taken before this object's
   * monitor.
   */
  ReentrantLock osd() {
    return osd;
  }

  private boolean stopOsd(Random random) {
    osd.lock();
    try {
      return stopOsdNow(random);
    } finally {
      osd.unlock();
    }
  }

  private boolean stopOsdNow(Random random) {
    journal.note("fault", "STOP the OSD");
    lab.run("osd", "pause");
    try {
      pauseFor(random, 0, 1000);
      // QEMU does not get beyond opening an image now: a daemon that dies leaves it open there.
      boolean opening = false;
      for (int i = 0; i < 40 && !opening; i++) {
        Sleep.millis(50);
        opening = wishes.wantImage();
      }
      if (opening && random.nextInt(4) > 0) {
        pauseFor(random, 500, 1500);
        boolean unused = killDaemonNow(random);
      }
      pauseFor(random, 500, 2000);
    } finally {
      insist("osd resume", "osd", "resume");
    }
    done.count("OSD stopped");
    return true;
  }

  private boolean pause(Random random) {
    Machine machine = any(random);
    Lab.Result suspended = tryFor(OCCASION, "virsh", "suspend", machine.name());
    journal.note("fault", "pause of " + machine + ": " + suspended.output());
    pauseFor(random, 500, 5000);
    resume(machine);
    return counted("guest paused", suspended);
  }

  /** Whatever the suspend has said: it may have been carried out. */
  private void resume(Machine machine) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      Lab.Result state = lab.tryVirsh("domstate", machine.name());
      if (state.exitCode() == 0 && !state.output().equals("paused")) {
        journal.note("healed", machine + " " + state.output());
        return;
      }
      Lab.Result unused = lab.tryVirsh("resume", machine.name());
      Sleep.millis(200);
    }
    throw new AssertionError(machine + " cannot be resumed");
  }

  private boolean reset(Random random) {
    List<Machine> bootAgain =
        machines.stream().filter(machine -> machine.guest().comesBackFromReset()).toList();
    Machine machine = bootAgain.get(random.nextInt(bootAgain.size()));
    Lab.Result result = tryFor(OCCASION, "virsh", "reset", machine.name());
    journal.note("fault", "reset of " + machine + ": " + result.output());
    return counted("guest reset", result);
  }

  private boolean counted(String kind, Lab.Result result) {
    if (result.exitCode() == 0) {
      done.count(kind);
    }
    return result.exitCode() == 0;
  }

  /**
   * A guest that was booting when a disk was plugged may have missed it. It does not see such a
   * disk, and does not release it, before it boots again. An operator resets such a guest.
   */
  private void bootAgainIfItMissesADisk(Machine machine) {
    long end = System.nanoTime() + TO_SEE_A_DISK.toNanos();
    List<String> missed = machine.guest().doesNotSee();
    while (!missed.isEmpty() && System.nanoTime() < end) {
      Sleep.millis(500);
      missed = machine.guest().doesNotSee();
    }
    if (missed.isEmpty()) {
      return;
    }
    if (machine.guest().comesBackFromReset()) {
      journal.note("heals", machine + " is reset, for it does not see " + missed);
      machine.guest().booting(() -> insist("reset", "virsh", "reset", machine.name()));
      done.count("guest reset that had missed a disk");
    } else {
      powerCycle(machine, "it does not see " + missed);
    }
  }

  /**
   * Ends and starts a domain whose guest has missed an unplug request for good: with the hot-plug
   * of QEMU 5.2 for q35, nothing else makes the guest release the disk.
   */
  void powerCycleWhereAnUnplugWasMissed(Wishes wishes) {
    for (Machine machine : machines) {
      if (!machine.guest().comesBackFromReset() && wishes.isStuckInTheGuest(machine)) {
        powerCycle(machine, "an unplug request was missed");
      }
    }
  }

  private void powerCycle(Machine machine, String why) {
    machine.power().lock();
    try {
      journal.note("heals", machine + " is ended and started: " + why);
      machine
          .guest()
          .booting(
              () -> {
                insist("destroy", "virsh", "destroy", machine.name());
                machine.starts().incrementAndGet();
                startAgain(machine);
              });
      done.count("guest ended that had missed a disk or an unplug request");
    } finally {
      machine.power().unlock();
    }
  }

  /** After the load: everything runs, and every guest has booted and sees its disks. */
  void heal() {
    insist("osd resume", "osd", "resume");
    reviveDaemon();
    for (Machine machine : machines) {
      revive(machine);
      resume(machine);
      startAgain(machine);
      insist("boot of " + machine, "guest", "disks", machine.name());
      bootAgainIfItMissesADisk(machine);
    }
    wishes.fleet().complete();
  }
}
